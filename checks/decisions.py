"""The records a project keeps: numbered decisions, each on less than a page, and a changelog."""

import re
from collections.abc import Iterator

from checks.report import Finding
from checks.repository import Repository

FOLDER = "docs/decisions/"
NAME = re.compile(r"(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.md")
INDEX = "README.md"
LONGEST = 30  # lines
RELEASE = re.compile(r"^## \[?(Unreleased|v?\d+\.\d+\S*?)\]?(\s|$)", re.MULTILINE)


def records(repository: Repository) -> list[str]:
    """The decision records, in order."""
    return [name for name in repository.files if name.startswith(FOLDER) and not name.endswith(INDEX)]


def faults(repository: Repository) -> Iterator[Finding]:
    """What is wrong with the records and the changelog."""
    expected = 1
    for path in records(repository):
        named = NAME.fullmatch(path.removeprefix(FOLDER))
        if not named:
            yield Finding(path, "a decision record is called NNNN-title.md, in lower case with hyphens")
            continue
        number = int(named.group(1))
        if number != expected:
            yield Finding(path, f"its number is {number:04}, the next one is {expected:04}")
        expected = number + 1
        yield from _record(path, number, repository.text(path))
    yield from _changelog(repository)


def _record(path: str, number: int, text: str) -> Iterator[Finding]:
    lines = text.splitlines()
    first = lines[0] if lines else ""
    if not re.fullmatch(rf"# {number}\. \S.*", first):
        yield Finding(f"{path}:1", f"the title is {first!r}, not '# {number}. Title'")
    if len(lines) >= LONGEST:
        yield Finding(path, f"it has {len(lines)} lines; a decision is told in less than {LONGEST}")


def _changelog(repository: Repository) -> Iterator[Finding]:
    if "CHANGELOG.md" not in repository.files:
        yield Finding("CHANGELOG.md", "there is none")
    elif not RELEASE.search(repository.text("CHANGELOG.md")):
        yield Finding("CHANGELOG.md", "it has no heading '## Unreleased' or of a version")
