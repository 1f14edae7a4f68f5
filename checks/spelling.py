"""codespell over the text of the repository."""

import re
from fnmatch import fnmatch
from pathlib import Path

from checks import tool
from checks.report import Finding, Report
from checks.repository import Repository

# Not written by a person, or not text
SKIPPED = (
    "*.lock",
    "*-lock.json",
    "*.ambr",
    "*/__snapshots__/*",
    "*.svg",
    "*.jpg",
    "*.jpeg",
    "*.png",
    "*.pdf",
    "*.bin",
)
FAULT = re.compile(r"(?P<place>.+?:\d+): (?P<message>.+)")
ACCEPTED = frozenset({0, 65})  # 65: it found something


def subjects(repository: Repository) -> list[str]:
    """The files that are checked."""
    return [name for name in repository.files if not any(fnmatch(name, pattern) for pattern in SKIPPED)]


def check(root: Path) -> Report:
    """Check every file that a person wrote; settings may lie in pyproject.toml under tool.codespell."""
    files = subjects(Repository.read(root))
    # 3: no warnings of encodings and binary files
    arguments = ["--check-hidden", "--quiet-level=3", "--", *files]
    lines = tool.output("codespell", arguments, cwd=root, accepted=ACCEPTED).splitlines() if files else []
    found = [match for line in lines if (match := FAULT.fullmatch(line))]
    findings = tuple(Finding(match["place"].removeprefix("./"), match["message"]) for match in found)
    return Report({"files": len(files)}, findings)
