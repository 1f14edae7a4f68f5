"""What the processes of people read from and wrote to disks; what lies in memory already, or stays there, is none."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

COUNTED = ("read_bytes", "write_bytes")


def moved(proc: Path, keys: Iterable[str]) -> dict[str, float]:
    """Bytes, by the processes' keys, those of a process's ended children included. One that has just ended is left out.

    Raises:
        ValueError: where there are processes and none can be read.
    """
    wanted, found = list(keys), {}
    for key in wanted:
        with suppress(OSError, KeyError, ValueError):
            told = (proc / key.split()[0] / "io").read_text(encoding="ascii")
            counts = dict(line.split(": ", 1) for line in told.splitlines())
            found[key] = float(sum(int(counts[name]) for name in COUNTED))
    if wanted and not found:
        message = f"{proc} tells of no process what it reads and writes"
        raise ValueError(message)
    return found
