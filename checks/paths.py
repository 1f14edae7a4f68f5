"""The paths of the repository that the pages name in code spans: each must exist."""

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from checks.markdown import Page
from checks.report import Finding
from checks.repository import Repository

PATH = re.compile(r"(?P<top>[\w.-]+)/\S*")
# Stand for any name: <name>, {name}, NAME, and an ellipsis
PLACEHOLDER = re.compile(r"<[^>]*>|\{[^}]*\}|\.{3}|…|\b[A-Z][A-Z_]+\b(?!\.md)")
POSITION = re.compile(r"(::\S*|:\d+(-\d+)?)$")


def named(repository: Repository, pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Every path in a code span that starts with a folder at the root, with its place."""
    tops = {name.split("/")[0] for name in repository.files if "/" in name}
    return [
        (f"{page.path}:{line}", POSITION.sub("", span).rstrip("/"))
        for page in pages
        for line, span in page.spans
        if (match := PATH.fullmatch(span)) and match["top"] in tops
    ]


def missing(repository: Repository, pages: Sequence[Page]) -> Iterator[Finding]:
    """The paths that are not there."""
    known = {*repository.files, *repository.folders}
    for place, path in named(repository, pages):
        pattern = PLACEHOLDER.sub("*", path)
        if path not in known and not any(fnmatchcase(name, pattern) for name in known):
            yield Finding(place, f"{path} is not in the repository")
