"""Builds the book from docs/, cases/README.md and the pages that `wsgauntlet book` generates, into target/book. Every link between
its pages is checked. mdBook renders it where that is installed (cargo install mdbook); the pages are made and checked without it, too."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BOOK = ROOT / "target/book"
SRC = BOOK / "src"
# Pages from elsewhere in the repository.
ADOPTED = {ROOT / "cases/README.md": "own-cases.md"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def outside_code(text, change):
    """The text with `change` done to what is no block of code."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(part if part.startswith("```") else change(part) for part in parts)


def adopt(path, text):
    """A page whose links to other files of the repository lead to pages of the book, or are names of files."""

    def link(match):
        image, words, target = match.groups()
        name, _, heading = target.partition("#")
        if not name or "://" in name:
            return match[0]
        file = (path.parent / name).resolve()
        page = ADOPTED.get(file) or (file.name if file.parent == DOCS else None)
        if page:
            return f"{image}[{words}]({page}{'#' + heading if heading else ''})"
        shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else name
        return words if words == str(shown) else f"{words} (`{shown}` of the repository)"

    return outside_code(text, lambda part: LINK.sub(link, part))


def anchor(heading):
    return re.sub(r"[^\w-]", "", re.sub(r"\s", "-", heading.strip().lower()))


def broken_links():
    pages = {page.relative_to(SRC).as_posix(): page.read_text() for page in SRC.rglob("*.md")}
    headings = {}
    for name, text in pages.items():
        prose = outside_code(text, lambda part: part)
        headings[name] = {anchor(h) for h in re.findall(r"^#+ +(.+)$", re.sub(r"^```.*?^```$", "", prose, flags=re.M | re.S), re.M)}
    seen = 0
    for name, text in pages.items():
        for _, _, target in LINK.findall(re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)):
            file, _, heading = target.partition("#")
            if "://" in target:
                continue
            seen += 1
            to = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
            if not (SRC / to).exists():
                yield f"{name}: {target} leads nowhere"
            elif heading and heading not in headings.get(to, set()):
                yield f"{name}: {target}: {to} has no such heading"
    for name in sorted(pages):
        if name != "SUMMARY.md" and f"]({name})" not in pages["SUMMARY.md"]:
            yield f"SUMMARY.md does not list {name}"
    print(f"the book: {len(pages)} pages, {seen} links between them")


def main():
    binary = os.environ.get("WSGAUNTLET", str(ROOT / "target/debug/wsgauntlet"))
    shutil.rmtree(BOOK, ignore_errors=True)
    SRC.mkdir(parents=True)
    for path, page in [*((path, path.name) for path in DOCS.glob("*.md")), *ADOPTED.items()]:
        (SRC / page).write_text(adopt(path, path.read_text()))
    for other in [*DOCS.glob("*.svg"), *DOCS.glob("*.json")]:
        shutil.copy(other, SRC)
    shutil.copy(ROOT / "book.toml", BOOK)
    subprocess.run([binary, "book", str(SRC / "generated")], check=True)
    areas = sorted(path.stem for path in (SRC / "generated").glob("cases-*.md"))
    with (SRC / "SUMMARY.md").open("a") as summary:
        summary.write("- [Own cases](own-cases.md)\n\n# Reference\n\n")
        summary.write("- [Configuration](generated/configuration.md)\n- [Exit statuses](generated/exit-statuses.md)\n")
        summary.write("- [Requirements](generated/requirements.md)\n- [Cases](generated/cases.md)\n")
        for area in areas:
            summary.write(f"  - [{area.removeprefix('cases-')}](generated/{area}.md)\n")
    problems = list(broken_links())
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(1)
    if shutil.which("mdbook"):
        subprocess.run(["mdbook", "build", str(BOOK)], check=True)
    else:
        print(f"no mdbook: the pages are in {SRC.relative_to(ROOT)}, and are not rendered")


main()
