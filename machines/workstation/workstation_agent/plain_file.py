"""A small file in a place where anybody may have put anything."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LONGEST = 1024 * 1024


def text(path: Path) -> str:
    """Its text: never a pipe's, on which the agent would wait, nor a link's, to what only root may read.

    Raises:
        OSError: where it cannot be opened.
        ValueError: where it is no plain file, or no text, or too long.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        told = file.read(LONGEST + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
    if told is None or len(told) > LONGEST:
        message = f"{path} is no small plain file"
        raise ValueError(message)
    return told.decode()
