"""hadolint on every Dockerfile of the repository; it runs shellcheck on the RUN lines itself."""

import json
from pathlib import Path

from checks import tool
from checks.report import Finding, Report
from checks.repository import Repository

PATTERNS = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile")
TASTE = {"style", "ignore"}


def check(root: Path) -> Report:
    """Lint them all; whatever is above style is a finding."""
    files = [name for name in Repository.read(root).named(*PATTERNS) if not name.endswith(".dockerignore")]
    if not files:
        return Report({"Dockerfiles": 0})
    arguments = ["--no-fail", "--format=json", *files]
    faults = json.loads(tool.output("hadolint", arguments, cwd=root, accepted=frozenset({0})))
    findings = tuple(
        Finding(f"{fault['file']}:{fault['line']}", f"{fault['code']} {fault['message']}")
        for fault in faults
        if fault["level"] not in TASTE
    )
    return Report({"Dockerfiles": len(files)}, findings)
