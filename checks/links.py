"""Relative links of the pages: the file is in the repository, and the heading in the file."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from checks.markdown import Page
from checks.report import Finding
from checks.repository import Repository


def relative(pages: Sequence[Page]) -> list[tuple[Page, int, str]]:
    """Every link that stays in the repository, with its page and line."""
    return [
        (page, line, link)
        for page in pages
        for line, link in page.links
        if not urlsplit(link).scheme and not link.startswith("//")
    ]


def broken(repository: Repository, pages: Sequence[Page]) -> Iterator[Finding]:
    """The links that lead nowhere."""
    by_path = {page.path: page for page in pages}
    known = {*repository.files, *repository.folders}
    for page, line, link in relative(pages):
        path, _, anchor = link.partition("#")
        target = _target(page.path, unquote(path.partition("?")[0]))
        place = f"{page.path}:{line}"
        if target not in known:
            yield Finding(place, f"the link {link} leads to no file of the repository")
        elif anchor and target in by_path and unquote(anchor) not in by_path[target].anchors:
            yield Finding(place, f"the link {link} leads to no heading of {target}")


def _target(page: str, path: str) -> str:
    if not path:
        return page
    # GitHub takes a leading slash as the root of the repository
    return normpath(path.lstrip("/") if path.startswith("/") else str(PurePosixPath(page).parent / path))
