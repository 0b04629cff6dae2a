"""The YAML of ci/gates: it parses, and says what the files are for."""

import re
import subprocess
import sys
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

# The image is built of what the Dockerfile copies: cargo wants each file that the manifest or a macro names.
docker = (GATES / "Dockerfile").read_text()
copied = {word for line in re.findall(r"^COPY (?!--from)(.+)", docker, re.M) for word in line.split()[:-1]}
embedded = {
    path
    for source in Path("src").rglob("*.rs")
    for path in re.findall(r'CARGO_MANIFEST_DIR"\), "/([^"]+)"', source.read_text())
}
wanted = {"Cargo.toml", "Cargo.lock", "src", "cases"} | embedded | {name for name in ("build.rs", "benches") if Path(name).exists()}
for path in sorted(wanted):
    expect(any(path == word or path.startswith(word + "/") for word in copied), f"Dockerfile: {path} is copied")

jenkins = (GATES / "Jenkinsfile").read_text()
expect(all(jenkins.count(a) == jenkins.count(b) for a, b in ("{}", "()", "[]")), "Jenkinsfile: brackets")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
