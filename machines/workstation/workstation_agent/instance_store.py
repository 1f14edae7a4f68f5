"""The disks inside the host that the image mounts by itself: what lies on them does not outlive a stop."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

FOLDER = "/opt/dlami/nvme"
MOUNTS = Path("proc/mounts")


def is_mounted(root: Path) -> bool:
    """Whether this machine has such disks where AWS's images put them; a table that cannot be read names none."""
    with suppress(OSError, ValueError):
        lines = (root / MOUNTS).read_text(encoding="utf-8").splitlines()
        return any(line.split(" ")[1:2] == [FOLDER] for line in lines)
    return False
