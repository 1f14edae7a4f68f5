"""This boot of the machine: its id, its age, and when the agent was installed in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

RUN = Path("run/mlstack")


@dataclass(frozen=True)
class Boot:
    """Ages in seconds."""

    id: str
    uptime: float
    installed: float
    """The uptime when on_start.sh ran; 0, the boot itself, where that is not known."""


def boot(root: Path) -> Boot:
    """Read it; Linux's own clock since boot stands in where /proc cannot be read."""
    uptime = _number(root / "proc/uptime", time.clock_gettime(time.CLOCK_BOOTTIME))
    installed = _number(root / RUN / "installed", 0.0)
    try:
        name = (root / "proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        name = ""
    return Boot(name, uptime, installed if 0 <= installed <= uptime else 0.0)


def _number(path: Path, otherwise: float) -> float:
    try:
        return float(path.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return otherwise
