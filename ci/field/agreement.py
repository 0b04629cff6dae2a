"""In which verdicts the runs of an audit agree."""

DEVIATING = ["fail", "flaky", "error", "blocked", "lenient"]
# How many verdicts that differ are kept by name.
DIFFERENCES_MAX = 12


def verdicts(report):
    """Each verdict, with the cause of what deviates; what `info` observed may well differ."""
    return {
        i["id"]: (i["verdict"], (i["failure"] or {}).get("fingerprint") if i["verdict"] in DEVIATING else None)
        for i in report["instances"]
    }


def differences(runs):
    """Which verdicts are not the same in all runs, or are flaky in one of them; and how many deviate otherwise."""
    held, lines, otherwise = [verdicts(run) for run in runs.values()], [], 0
    for id in set().union(*held):
        found = [of_run.get(id, ("absent", None)) for of_run in held]
        kinds = [kind for kind, _ in found]
        if "flaky" in kinds or len(set(kinds)) > 1:
            lines.append(f"{id}: {', then '.join(kinds)}")
        elif len(set(found)) > 1:
            otherwise += 1
    return sorted(lines), otherwise


def described(audit, reasons):
    """The lines of a page on what differs between the runs of a stored audit, and why."""
    otherwise = audit.get("otherwise", 0)
    if not audit["differing"] and not otherwise:
        return []
    lines = [f"{audit['differing']} verdicts are not the same in {audit['runs']} runs."] if audit["differing"] else []
    lines += [f"{otherwise} instances deviate in all {audit['runs']} runs, but not in the same way."] if otherwise else []
    lines = [" ".join(lines + reasons), ""]
    return lines + ([*(f"* `{line}`" for line in audit.get("differences", [])), ""] if audit["differing"] else [])
