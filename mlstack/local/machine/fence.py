"""Keeps a process, and all that it starts, from writing outside a folder: by Linux's Landlock, where there is one.

https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
NO_NEW_PRIVILEGES = 38
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
MAKE_AND_REMOVE = sum(1 << number for number in range(4, 13))
REFER = 1 << 13
NEEDED_VERSION = 3
"""From which on truncating can be forbidden too."""


def fence(folders: Sequence[Path], files: Sequence[Path] = ()) -> bool:
    """Let this process write only below ``folders`` and to ``files``; say whether that could be done."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION) < NEEDED_VERSION:
        return False
    everything = WRITE_FILE | MAKE_AND_REMOVE | REFER | TRUNCATE
    asked = struct.pack("Q", everything)
    ruleset = libc.syscall(CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    if ruleset < 0:
        return False
    try:
        allowed = [*((place, everything) for place in folders), *((place, WRITE_FILE | TRUNCATE) for place in files)]
        return (
            all(_allow(libc, ruleset, place, what) for place, what in allowed)
            and libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
            and libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
        )
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, place: Path, what: int) -> bool:
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", what, descriptor)
        return bool(libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(descriptor)
