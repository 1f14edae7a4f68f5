"""Which user data is run: the project's own boot scripts, filled in, and nothing else."""

import re

from mlstack.project import ROOT

SCRIPTS = (ROOT / "machines/workstation/bootstrap.sh", ROOT / "machines/container_instance/bootstrap.sh")
PLACEHOLDER = re.compile(r"@[A-Z]+@")
VALUE = r"[A-Za-z0-9/._:-]+"
"""What synthesis fills in: names, a region, a parameter's path. Nothing of it means anything to a shell."""


def is_ours(text: str, script: str) -> bool:
    """Whether ``text`` is ``script`` with its placeholders filled in."""
    pieces = PLACEHOLDER.split(script)
    return re.fullmatch(VALUE.join(map(re.escape, pieces)), text) is not None


def ours(text: str) -> bool:
    """Whether it is one of the project's scripts as it is now."""
    return any(script.is_file() and is_ours(text, script.read_text(encoding="utf-8")) for script in SCRIPTS)
