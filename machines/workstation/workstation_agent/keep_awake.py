"""Wishes that the machine stay awake though nobody uses it: until when one holds, and how it is bounded.

A wish is a date. It holds until then, but at most so many hours from the moment that this date was first seen; after
that only another date is a new wish. So a date far ahead, once set and forgotten, holds the machine once and no more;
for the instance's tag, which outlives a boot, its first sight is kept on the disk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from workstation_agent import metadata, plain_file

FILE = Path("run/mlstack/keep-awake")
FIRST_SEEN = Path("var/lib/mlstack/keep-awake-tag")
TAG = "tags/instance/mlstack:keep-awake"


def renewed(
    known: Mapping[str, Sequence[float]], asked: Mapping[str, float | None], clock: float, now: float, longest_s: float
) -> dict[str, Sequence[float]]:
    """By source, the date asked for and the moment, in seconds since boot, at which the wish ends.

    Once seen, a wish ends by the clock since boot, which never jumps. A source that cannot be read leaves its wish as
    it was; one that says 0 has none.
    """
    wishes = dict(known)
    for source, date in asked.items():
        if date is None:
            continue
        if source not in wishes or wishes[source][0] != date:
            wishes[source] = [date, now + min(max(date - clock, 0.0), longest_s) if date else 0.0]
    return wishes


def until(wishes: Mapping[str, Sequence[float]]) -> float:
    """When the last of them ends, in seconds since boot; 0 where there is none."""
    return max((end for _, end in wishes.values()), default=0.0)


def filed(root: Path) -> float:
    """The date in the file that the command `keep-awake` writes, in seconds since 1970; 0 where there is no file."""
    try:
        date = float(plain_file.text(root / FILE))
    except FileNotFoundError:
        return 0.0
    if not math.isfinite(date):
        message = f"{FILE} holds no date"
        raise ValueError(message)
    return date


def tagged(address: str) -> float:
    """The date in the instance's tag; 0 where there is none, or none that is a date."""
    text = metadata.told(address, TAG) or ""
    try:
        date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return 0.0
    return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()


def bounded(date: float, root: Path, clock: float, longest_s: float) -> float:
    """The tag's date, or so long after it was first seen, in this boot or an earlier one, if that comes before."""
    path = root / FIRST_SEEN
    try:
        known, first = map(float, plain_file.text(path).split())
    except (OSError, ValueError):
        known, first = math.nan, clock
    if date and (known != date or not math.isfinite(first)):
        first = clock
        with suppress(OSError):  # then it is known for this boot only
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_text(f"{date!r} {first!r}\n", encoding="ascii")
            new.replace(path)
    return min(date, first + longest_s)
