"""Packs a built binary: `wheel` for PyPI, `npm` for the npm registry, `sbom` for a release. The standard library is enough.

    package.py wheel BINARY PLATFORM OUT     PLATFORM as wheels name it: manylinux_2_17_x86_64.musllinux_1_1_x86_64
    package.py npm OUT [BINARY PLATFORM]..   PLATFORM as node names it: linux-x64, darwin-arm64, win32-x64
    package.py sbom OUT [TARGET]             CycloneDX 1.5 of what the binary links, from `cargo metadata`
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())
VERSION = MANIFEST["workspace"]["package"]["version"]
LICENSE = MANIFEST["workspace"]["package"]["license"]
SUMMARY = MANIFEST["package"]["description"]
# The time stamp of all packed files, so that the same input gives the same archive.
EPOCH = (1980, 1, 1, 0, 0, 0)


def wheel(binary: Path, platform: str, out: Path) -> Path:
    """A wheel with the module and the binary, as it is laid out by PEP 427."""
    name = f"wsgauntlet-{VERSION}"
    info = f"{name}.dist-info"
    files: dict[str, tuple[bytes, int]] = {}
    for path in sorted((ROOT / "python/wsgauntlet").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[str(path.relative_to(ROOT / "python"))] = (path.read_bytes(), 0o644)
    program = "wsgauntlet.exe" if platform.startswith("win") else "wsgauntlet"
    files[f"{name}.data/scripts/{program}"] = (binary.read_bytes(), 0o755)
    metadata = f"""Metadata-Version: 2.4
Name: wsgauntlet
Version: {VERSION}
Summary: {SUMMARY}
License-Expression: {LICENSE}
License-File: LICENSE-APACHE
License-File: LICENSE-MIT
Requires-Python: >=3.9
Classifier: Framework :: Pytest
Classifier: Topic :: Software Development :: Testing
Description-Content-Type: text/markdown

{(ROOT / "python/README.md").read_text()}"""
    files[f"{info}/METADATA"] = (metadata.encode(), 0o644)
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in platform.split("."))
    files[f"{info}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: ci/package.py\nRoot-Is-Purelib: false\n{tags}".encode(), 0o644)
    files[f"{info}/entry_points.txt"] = (b"[pytest11]\nwsgauntlet = wsgauntlet.pytest_plugin\n", 0o644)
    for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
        files[f"{info}/licenses/{licence}"] = ((ROOT / licence).read_bytes(), 0o644)
    record = []
    for path, (octets, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(octets).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(octets)}")
    record.append(f"{info}/RECORD,,")
    files[f"{info}/RECORD"] = (("\n".join(record) + "\n").encode(), 0o644)
    made = out / f"{name}-py3-none-{platform}.whl"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (octets, mode) in files.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, octets)
    return made


# Every platform that a release has a package for.
NPM_PLATFORMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"]


def npm(out: Path, binaries: dict[str, Path]) -> None:
    """The folder of the launcher, and one for each binary. `npm pack` and `npm publish` take them as they are."""
    main = out / "wsgauntlet"
    shutil.rmtree(main, ignore_errors=True)
    shutil.copytree(ROOT / "npm/wsgauntlet", main)
    common = {"version": VERSION, "license": LICENSE, "description": SUMMARY, "engines": {"node": ">=18"}}
    manifest = {
        "name": "wsgauntlet",
        **common,
        "keywords": MANIFEST["workspace"]["package"]["keywords"],
        "bin": {"wsgauntlet": "bin/wsgauntlet.js"},
        "main": "index.js",
        "types": "index.d.ts",
        "files": ["bin", "index.js", "index.d.ts"],
        "optionalDependencies": {f"@wsgauntlet/{platform}": VERSION for platform in NPM_PLATFORMS},
    }
    write_json(main / "package.json", manifest)
    for platform, binary in binaries.items():
        if platform not in NPM_PLATFORMS:
            sys.exit(f"{platform}: expected one of {', '.join(NPM_PLATFORMS)}")
        system, processor = platform.split("-")
        folder = out / platform
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        program = folder / "bin" / ("wsgauntlet.exe" if system == "win32" else "wsgauntlet")
        shutil.copyfile(binary, program)
        program.chmod(0o755)
        (folder / "README.md").write_text(f"The wsgauntlet program for {platform}. Install the package `wsgauntlet`.\n")
        description = {**common, "description": f"The wsgauntlet program for {platform}"}
        write_json(
            folder / "package.json",
            {"name": f"@wsgauntlet/{platform}", **description, "os": [system], "cpu": [processor], "files": ["bin"]},
        )


def sbom(out: Path, target: str | None) -> None:
    """The crates that the binary is made of, without those that only tests and build scripts use."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", *(["--filter-platform", target] if target else [])]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(id for id in metadata["workspace_members"] if packages[id]["name"] == "wsgauntlet")
    edges: dict[str, list[str]] = {}
    todo = [root]
    while todo:
        id = todo.pop()
        if id in edges:
            continue
        normal = [d["pkg"] for d in nodes[id]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
        edges[id] = sorted(normal)
        todo += normal

    def ref(id: str) -> str:
        return f"pkg:cargo/{packages[id]['name']}@{packages[id]['version']}"

    def component(id: str, kind: str) -> dict:
        package = packages[id]
        made = {"type": kind, "bom-ref": ref(id), "name": package["name"], "version": package["version"], "purl": ref(id)}
        if package["license"]:
            made["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        return made

    write_json(
        out,
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": component(root, "application")},
            "components": [component(id, "library") for id in sorted(edges, key=ref) if id != root],
            "dependencies": [{"ref": ref(id), "dependsOn": [ref(d) for d in edges[id]]} for id in sorted(edges, key=ref)],
        },
    )


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["version"]:
            print(VERSION)
        case ["wheel", binary, platform, out]:
            os.makedirs(out, exist_ok=True)
            print(wheel(Path(binary), platform, Path(out)))
        case ["npm", out, *pairs] if len(pairs) % 2 == 0:
            os.makedirs(out, exist_ok=True)
            npm(Path(out), {platform: Path(binary) for binary, platform in zip(pairs[::2], pairs[1::2])})
        case ["sbom", out, *target]:
            sbom(Path(out), target[0] if target else None)
        case _:
            sys.exit(__doc__)


main(sys.argv[1:])
