"""The terminals' devices: when something was typed in them, and a message to all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path("dev/pts")


def keystrokes(root: Path) -> dict[str, float]:
    """When the program in each terminal last read what was typed: Linux dates it, to 8 seconds."""
    return {device.name: device.stat().st_atime for device in devices(root)}


def tell(root: Path, message: str) -> int:
    """Write to every terminal and say how many took it; `wall` would miss those of Jupyter, where nobody logged in."""
    told = 0
    for device in devices(root):
        try:
            descriptor = os.open(device, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(descriptor, f"\r\n\a*** {message} ***\r\n".encode())
            finally:
                os.close(descriptor)
        except OSError:
            continue  # closed just now, or held by someone who does not read
        told += 1
    return told


def devices(root: Path) -> Iterator[Path]:
    """Of SSH, Session Manager, tmux and Jupyter alike."""
    return (device for device in (root / FOLDER).iterdir() if device.name.isdigit())
