"""The gates of ci/gates: their YAML parses and holds what it must, and each installs a release from a served folder, with a
check of its sum, passes a server that conforms and stops one that does not. $WSGAUNTLET is the binary of that release."""

import functools
import hashlib
import http.server
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import threading
import tomllib
from pathlib import Path

import yaml

GATES = Path("ci/gates")
problems = []


def expect(condition, what):
    if not condition:
        problems.append(what)


action = yaml.safe_load((GATES / "action.yml").read_text())
expect(action["runs"]["using"] == "composite", "action.yml: a composite action")
for step in action["runs"]["steps"]:
    if "uses" in step:
        expect(re.search(r"@v\d+$", step["uses"]), f"action.yml: {step['name']} uses a version")
        continue
    expect("shell" in step and "run" in step, f"action.yml: {step.get('name')} has a shell and a command")
    # An expression in a command would let whoever names a branch run one.
    expect("${{" not in step["run"], f"action.yml: {step['name']} takes its inputs through the environment")
used = set(re.findall(r"inputs\.([\w-]+)", (GATES / "action.yml").read_text()))
expect(used == set(action["inputs"]), f"action.yml: inputs are {sorted(action['inputs'])}, used are {sorted(used)}")

gitlab = yaml.safe_load((GATES / "gitlab.yml").read_text())[".wsgauntlet"]
expect(gitlab["artifacts"]["reports"]["junit"] == "wsgauntlet-report/junit.xml", "gitlab.yml: junit.xml")
script = "\n".join(gitlab["before_script"] + gitlab["script"])
checked = subprocess.run(["shellcheck", "-s", "sh", "-e", "SC2154", "-"], input=script, text=True)
expect(checked.returncode == 0, "gitlab.yml: shellcheck")

job = yaml.safe_load((GATES / "kubernetes.yml").read_text())
spec = job["spec"]
container = spec["template"]["spec"]["containers"][0]
expect(job["kind"] == "Job" and spec["completionMode"] == "Indexed", "kubernetes.yml: an Indexed Job")
shards = next(arg for arg in container["args"] if arg.startswith("hash:"))
expect(shards.endswith(f"/{spec['completions']}"), "kubernetes.yml: as many shards as completions")
names = {entry["name"] for entry in container["env"]}
for name in re.findall(r"\$\((\w+)\)", " ".join(container["args"])):
    expect(name in names, f"kubernetes.yml: {name} is set")

jenkins = (GATES / "Jenkinsfile").read_text()
expect(all(jenkins.count(a) == jenkins.count(b) for a, b in ("{}", "()", "[]")), "Jenkinsfile: brackets")

version = tomllib.loads(Path("Cargo.toml").read_text())["workspace"]["package"]["version"]
for path in sorted(GATES.iterdir()):
    for found in re.findall(r"wsgauntlet[-:@/\w]*?[@:v-](\d+\.\d+\.\d+)", path.read_text()):
        expect(found == version, f"{path.name}: {found} is not the version of Cargo.toml, {version}")
expect(action["inputs"]["version"]["default"] == version, "action.yml: the version is that of Cargo.toml")

azure = yaml.safe_load((GATES / "azure-pipelines.yml").read_text())
circle = yaml.safe_load((GATES / "circleci.yml").read_text())["jobs"]["conformance"]
stage = re.search(r"sh '''(.+?)'''", jenkins, re.S)
install, gate = (f"bash {(GATES / name).resolve()}" for name in ("install.sh", "gate.sh"))
# What each service runs, and with which shell.
scripts = {
    "GitHub": ("bash", f"PATH=$({install}):$PATH && export PATH && {gate}"),
    "GitLab": ("sh", script),
    # Jenkins' Groovy reads a backslash and what follows it as one character, but for the end of a line.
    "Jenkins": ("sh", stage[1] if stage else "exit 99"),
    # Each step is a script of its own, in the same folder.
    "Azure": ("bash", "\n".join(f"({step['bash']})" for step in azure["steps"] if "bash" in step)),
    "CircleCI": ("bash", "\n".join(f"({step['run']['command']})" for step in circle["steps"] if "run" in step)),
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def release(folder: Path, binary: Path) -> None:
    """What a release host serves: an archive, and its sum."""
    name = f"wsgauntlet-{version}-{platform.machine()}-unknown-linux-musl"
    served = folder / f"v{version}"
    served.mkdir(parents=True)
    with tarfile.open(served / f"{name}.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(binary, f"{name}/wsgauntlet")
    digest = hashlib.sha256((served / f"{name}.tar.gz").read_bytes()).hexdigest()
    (served / "SHA256SUMS").write_text(f"{digest}  {name}.tar.gz\n")


def run_gate(service: str, releases: str, launch: str, folder: Path) -> tuple[int, str]:
    shell, text = scripts[service]
    (folder / "known.toml").touch()
    both = {"LAUNCH": launch, "BASELINE": "known.toml", "TARGET": "", "PROFILE": "smoke", "VERSION": version, "RELEASES": releases}
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "DIR": str(folder / "tools"),
        **both,
        **{f"WSGAUNTLET_{name}": value for name, value in both.items()},
    }
    command = [shell, "-e", "-c", text]
    ended = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return ended.returncode, ended.stdout + ended.stderr


binary = Path(os.environ.get("WSGAUNTLET", "target/debug/wsgauntlet")).resolve()
if not binary.exists():
    print(f"no {binary}: the gates are not run")
elif platform.system() != "Linux":
    print("the gates are run on Linux only")
else:
    with tempfile.TemporaryDirectory() as work:
        hosts = {}
        for kind in ("good", "tampered", "unlisted"):
            root = Path(work) / kind
            release(root, binary)
            handler = functools.partial(Quiet, directory=root)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            hosts[kind] = f"http://127.0.0.1:{server.server_port}"
        (archive,) = (Path(work) / "tampered" / f"v{version}").glob("*.tar.gz")
        archive.write_bytes(archive.read_bytes() + b"x")
        (Path(work) / "unlisted" / f"v{version}" / "SHA256SUMS").write_text("")
        serves = f"{binary} reference server --listen 127.0.0.1:{{port}}"
        for service in scripts:
            for what, host, launch, wanted in (
                ("a server that conforms", "good", serves, 0),
                ("a server that does not", "good", f"{serves} --quirk accept-unmasked", 1),
                ("an archive with another sum", "tampered", serves, None),
                ("an archive without a sum", "unlisted", serves, None),
            ):
                folder = Path(tempfile.mkdtemp(dir=work))
                status, output = run_gate(service, hosts[host], launch, folder)
                report = folder / "wsgauntlet-report" / "junit.xml"
                if wanted is None:
                    expect(status != 0 and not report.exists(), f"{service}: {what} ended with {status}\n{output}")
                else:
                    expect(status == wanted and report.exists(), f"{service}: {what} ended with {status}\n{output}")
        print(f"ran the gates of {', '.join(scripts)}")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
