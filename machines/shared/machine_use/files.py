"""A fingerprint of the notebooks and sources under Jupyter's folder: it changes when somebody saves one of them.

Jupyter saves what is edited every two minutes, and nothing that is merely open. Who writes text runs no kernel.
"""

from __future__ import annotations

import os
from collections import deque
from hashlib import blake2b
from itertools import islice
from pathlib import Path

ENDINGS = (".ipynb", ".jl", ".md", ".py", ".r", ".rmd", ".scala", ".sh", ".sql", ".tex", ".toml", ".yaml", ".yml")
MOST = 5000
"""Entries that are looked at, the outermost folders first: a data set may hold millions."""


def fingerprint(folder: Path) -> str:
    """Of names and dates, never of contents; hidden, linked and mounted folders are left out."""
    digest, left, folders = blake2b(digest_size=16), MOST, deque([str(folder)])
    while folders and left > 0:
        place = folders.popleft()
        try:
            with os.scandir(place) as listed:
                entries = sorted(islice(listed, left), key=lambda entry: entry.name)
        except OSError:
            if place == str(folder):
                raise
            continue
        left -= len(entries)
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if not os.path.ismount(entry.path):
                    folders.append(entry.path)
            elif entry.name.lower().endswith(ENDINGS):
                digest.update(
                    f"{entry.path}\0{entry.stat(follow_symlinks=False).st_mtime_ns}\0".encode(errors="replace")
                )
    return digest.hexdigest()
