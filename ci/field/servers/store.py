"""What is stored of a run against a server or proxy: its summary, each case's verdict, and each cause of a deviation."""
import json
from collections import Counter

from .. import diagnosis, proxy
from ..agreement import DEVIATING, DIFFERENCES_MAX
from ..layout import data_file
from ..matrix import cases

BROKEN = ["fail", "flaky"]

# What a stored run keeps: how many instances of a case that fails, and how many lenient cases.
VARIANTS_MAX = 8
LENIENT_MAX = 12
# What is observed in so large a share of all instances is one cause, and hides no other.
PERVASIVE_SHARE = 0.3


def pervasive(report):
    """Observations that so many instances fail for that nothing else of them would be seen: those of the head, above all."""
    seen = Counter()
    for instance in report["instances"]:
        if instance["verdict"] in BROKEN and instance["failure"]:
            seen.update({failure["observed"] for failure in [instance["failure"], *instance["others"]]})
    return {observed for observed, count in seen.items() if count > PERVASIVE_SHARE * len(report["instances"])}


def verdicts_of_cases(report):
    everywhere = pervasive(report)
    for instance in report["instances"]:
        is_hidden = instance["verdict"] in BROKEN and deviation(instance, report, everywhere)[1] in everywhere
        yield instance["case"], "everywhere" if is_hidden else instance["verdict"]


def variants(case, shown, verdict):
    """The instances of a case that are kept; of what is broken everywhere, which is filed under one case, that one's."""
    ids = [id.removeprefix(case) for id, _ in shown if id == case or id.startswith(case + "[")]
    return ids[: VARIANTS_MAX if verdict in BROKEN else 1]


def deviation(instance, report, everywhere):
    """What an instance shows: its requirement and observation; of several, the first MUST that is not broken everywhere."""
    failure = instance["failure"] or {}
    if instance["verdict"] in BROKEN and failure.get("observed") in everywhere:
        musts = (o for o in instance["others"] if report["requirements"].get(o["requirement"], {}).get("level") == "MUST")
        failure = next((o for o in musts if o["observed"] not in everywhere), failure)
    return failure.get("requirement"), failure.get("observed") or instance["reason"]


def causes(report, own=None):
    """Deviations of one verdict, requirement and case; of many instances only the first, which tell as much as all.

    `own`, for a proxy: the instances that deviate because of it, which are kept apart from the others.
    """
    found, everywhere, everywhere_first = {}, pervasive(report), {}
    for instance in report["instances"]:
        if instance["verdict"] in DEVIATING:
            # An instance is written without the role and the transport, which are the same for all.
            id = instance["id"].rsplit("@", 1)[0]
            requirement, observed = deviation(instance, report, everywhere)
            case = instance["case"]
            if instance["verdict"] in BROKEN and observed in everywhere:
                requirement, case = everywhere_first.setdefault(observed, (requirement, case))
            is_own = own is None or id in own
            found.setdefault((instance["verdict"], requirement, case, is_own), []).append((id, observed))
    ordered = sorted(found.items(), key=lambda item: (DEVIATING.index(item[0][0]), -len(item[1]) if item[0][0] == "lenient" else 0, item[0][2]))
    kept = [
        {
            "verdict": verdict, "requirement": requirement, "observed": shown[0][1], "count": len(shown), "case": case,
            "variants": variants(case, shown, verdict),
            **({} if own is None else {"own": is_own}),
        }
        for (verdict, requirement, case, is_own), shown in ordered
    ]
    lenient = [cause for cause in kept if cause["verdict"] == "lenient"]
    return [cause for cause in kept if cause["verdict"] != "lenient"] + lenient[:LENIENT_MAX]


def store(report, row, runs, differing, changes=None):
    """`differing`: the verdicts that differ, and how many deviate otherwise; `changes`: what a proxy changes of its server."""
    differences, otherwise = differing
    file = data_file(row)
    file.parent.mkdir(parents=True, exist_ok=True)
    undecided = Counter(i["reason"] for i in report["instances"] if i["verdict"] == "inapplicable")
    kept = {
        "name": row["name"], "version": row["version"], "language": row["language"], "role": row["role"],
        "suite": report["suite"], "remarks": report["target"]["remarks"], "summary": report["summary"],
        "runs": runs, "differing": len(differences), "differences": differences[:DIFFERENCES_MAX], "otherwise": otherwise, "deaths": report["deaths"],
        "undecided": dict(undecided.most_common()), "cases": cases(verdicts_of_cases(report)),
        "diagnosis": diagnosis.compact(report),
    }
    if changes is not None:
        kept |= {"behind": row["backend"], "changes": proxy.kept(changes)}
    own = None if changes is None else proxy.own(changes)
    lines = [json.dumps(cause, ensure_ascii=False, separators=(",", ":")) for cause in causes(report, own)]
    head = json.dumps(kept, ensure_ascii=False)[:-1]
    file.write_text(head + ', "causes": [\n' + ",\n".join(lines) + "\n]}\n")
