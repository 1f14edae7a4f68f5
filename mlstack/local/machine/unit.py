"""systemd's units as far as the project's use them: what a service runs, and when a timer lets it."""

import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("etc/systemd/system")
SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)")
UNITS_S = {
    **dict.fromkeys(("us", "usec"), 1e-6),
    **dict.fromkeys(("ms", "msec"), 1e-3),
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
PREFIXES = "-@:+!"
"""What may stand before a program's path."""
CONDITION = "ConditionPathExists"
Settings = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """What a service runs."""

    programs: tuple[tuple[str, ...], ...]
    conditions: tuple[str, ...]
    """Paths that have to be there; with a `!` before it, that have not."""
    limit_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Timer:
    """When a service is run, in seconds since the boot, the timer's own start, or the last run."""

    after_boot_s: float
    after_start_s: float
    every_s: float

    def next(self, started: float, ran: float | None) -> float:
        """The uptime at which it is due, where it was started and last ran at these."""
        first = min(max(self.after_boot_s, started), started + self.after_start_s)
        return first if ran is None else ran + self.every_s


def settings(text: str) -> Settings:
    """Each setting of a unit with its values, in their order."""
    found: Settings = {}
    for line in text.replace("\\\n", " ").splitlines():
        name, is_setting, value = line.strip().partition("=")
        if is_setting and not name.startswith(("#", ";")):
            found.setdefault(name.strip(), []).append(value.strip())
    return found


def service(text: str, longest_s: float) -> Service:
    """Read a service; one that says nothing may run for ``longest_s``."""
    said = settings(text)
    lines = [*said.get("ExecStartPre", []), *said.get("ExecStart", [])]
    limits = [seconds(value) for value in said.get("TimeoutStartSec", []) if value != "infinity"]
    return Service(
        programs=tuple(tuple(shlex.split(line.lstrip(PREFIXES))) for line in lines if line),
        conditions=tuple(said.get(CONDITION, [])),
        limit_s=min([longest_s, *limits]),
    )


def timer(text: str) -> Timer:
    """Read a timer."""
    said = settings(text)

    def span(name: str) -> float:
        return min((seconds(value) for value in said.get(name, [])), default=math.inf)

    return Timer(
        after_boot_s=min(span("OnBootSec"), span("OnStartupSec")),
        after_start_s=span("OnActiveSec"),
        every_s=min(span("OnUnitActiveSec"), span("OnUnitInactiveSec")),
    )


def seconds(text: str) -> float:
    """A time span such as `90`, `5min` or `1h 30min`; raise ValueError for what is none."""
    found, end = 0.0, 0
    while part := SPAN.match(text, end):
        if part[2] not in UNITS_S:
            break
        end = part.end()
        found += float(part[1]) * UNITS_S[part[2]]
    if not end or text[end:].strip():
        message = f"{text!r} is no time span"
        raise ValueError(message)
    return found


def met(conditions: Sequence[str], root: Path) -> bool:
    """Whether a machine meets a service's conditions."""
    return all(_exists(root, path.lstrip("|!")) is not path.lstrip("|").startswith("!") for path in conditions)


def _exists(root: Path, path: str) -> bool:
    place = root / path.lstrip("/")
    return place.exists() or place.is_symlink()


def wanted(root: Path, target: str) -> list[str]:
    """The units that are enabled for a target."""
    folder = root / FOLDER / f"{target}.wants"
    return sorted(link.name for link in folder.iterdir()) if folder.is_dir() else []
