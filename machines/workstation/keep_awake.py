#!/usr/bin/python3 -I
"""`keep-awake 2h` keeps this machine from stopping for want of use, `off` ends that, no word at all says until when.

For any user, without root: the agent reads what it writes, one line with the end in seconds since 1970.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

SPAN = re.compile(r"(?=[0-9])(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?")
USAGE = "say for how long, as in `keep-awake 2h`, 90m or 1h30m; `off` ends it, and no word at all says until when"
WIDTH = 12
"""Of the line, whatever it says: so it is never read half written, and never left half over."""
FAULT = 2


class NotUnderstoodError(Exception):
    """What was asked for makes no sense, or is not to be had; it says what would be."""


def main(arguments: Sequence[str], root: Path, now: float) -> str:
    """Do what was asked, at ``now``, and say in a sentence how things are."""
    path, longest_s = root / "run/mlstack/keep-awake", _longest_s(root / "opt/mlstack/settings.json")
    if not arguments:
        return _state(_end(path), now, longest_s)
    if len(arguments) > 1:
        raise NotUnderstoodError(USAGE)
    if arguments[0] == "off":
        _write(path, 0.0)
        return "Not kept awake any more: it stops when nobody uses it."
    asked_s = seconds(arguments[0])
    if not longest_s:
        message = "this machine's profile allows none (keep_awake_hours = 0); who deploys it can raise that"
        raise NotUnderstoodError(message)
    _write(path, now + min(asked_s, longest_s))
    said = _state(_end(path), now, longest_s)
    if asked_s > longest_s:
        said = f"{_span(asked_s)} is more than the {_span(longest_s)} that this machine allows at a time. {said}"
    return f"{said} How long it may run at most, and its daily stop, stay as they are."


def seconds(text: str) -> float:
    """`2h`, `90m` or `1h30m` in seconds. What is none of these, or nothing, raises."""
    found = SPAN.fullmatch(text)
    span = int(found[1] or 0) * 3600.0 + int(found[2] or 0) * 60.0 if found else 0.0
    if not span:
        message = f"{text!r} is no time: {USAGE}"
        raise NotUnderstoodError(message)
    return span


def _state(end: float, now: float, longest_s: float) -> str:
    """A date beyond what is allowed was not written by this command, and the agent does not believe it either."""
    left = min(end - now, longest_s)
    if left <= 0:
        return f"Not kept awake{'' if longest_s else ', and its profile allows none'}: it stops when nobody uses it."
    return f"Kept awake until {datetime.fromtimestamp(now + left, timezone.utc):%Y-%m-%d %H:%M} UTC, for {_span(left)}."


def _span(span_s: float) -> str:
    """In hours and minutes; what is less than a minute counts for one."""
    hours, minutes = divmod(math.ceil(span_s / 60), 60)
    return " ".join(part for part in (f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes)) if part)


def _longest_s(path: Path) -> float:
    hours = json.loads(path.read_text(encoding="utf-8"))["keep_awake_hours"]
    if isinstance(hours, bool) or not isinstance(hours, (int, float)) or not 0 <= hours < math.inf:
        message = "keep_awake_hours is no number of hours"
        raise ValueError(message)
    return hours * 3600.0


def _end(path: Path) -> float:
    """The date in the file; 0 where it holds none, as anybody may write it."""
    try:
        end = float(path.read_bytes()[:40].decode("ascii"))
    except ValueError:
        return 0.0
    return end if math.isfinite(end) else 0.0


def _write(path: Path, end: float) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, f"{int(end):<{WIDTH}}\n".encode(), 0)
        os.truncate(descriptor, WIDTH + 1)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:], Path(os.environ.get("MLSTACK_ROOT") or "/"), time.time()) + "\n")
    except NotUnderstoodError as error:
        sys.stderr.write(f"keep-awake: {error}\n")
        sys.exit(FAULT)
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(
            f"keep-awake: {type(error).__name__}: {error}; is mlstack installed? See /var/log/mlstack-boot.log,"
            " or say `mlstack workstation keep-awake` on your own machine\n"
        )
        sys.exit(FAULT)
