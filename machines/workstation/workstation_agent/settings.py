"""When the workstation stops: settings.json, which a deployment may change and people may break.

Whatever is missing or senseless has a default with which the machine still stops, and a line that says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workstation_agent import plain_file

FILE = Path("opt/mlstack/settings.json")
TICK_S = 60.0
"""The timer's interval: mlstack-workstation.timer says the same."""
NEXT_TICK_S = TICK_S + 30
"""The next tick comes before this: systemd and a slow look take their time."""
GUARD_S = 600.0
"""So long after its start nothing stops a machine for being idle: a person must get to log in first."""
SHORTEST_IDLE_S = 5 * TICK_S
LONGEST_IDLE_S = 86_400.0
LONGEST_LIFE_S = 7 * 86_400.0


@dataclass(frozen=True)
class Settings:
    """When the machine stops, and where things are on it."""

    idle_s: float = 1800.0
    """Seconds without any sign of use after which it stops."""
    longest_s: float = 24 * 3600.0
    """Seconds after its start at which it stops, used or not."""
    keep_awake_s: float = 8 * 3600.0
    """Seconds for which it can be kept awake at most, counted from when the wish was first seen."""
    on_idle: str = "stop"
    """What EC2 does when the machine shuts down: stop or terminate it."""
    region: str = ""
    root: Path = Path("/")
    """Before every path: another folder than / in tests."""
    metadata: str = "http://169.254.169.254"
    second_look_s: float = 20.0
    """How far apart the two looks are where nothing is remembered of an earlier one."""
    errors: tuple[str, ...] = ()
    """What in the file was not believed."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; nothing that stands in the file, or is missing, makes this fail."""
    root, errors = Path(environment.get("AGENT_ROOT", "/")), []
    try:
        told = _told(root / FILE)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        told = {}
        errors.append(f"{FILE} cannot be read, so the defaults hold: {error}")

    def seconds(key: str, otherwise: float, unit: float, shortest: float, longest: float) -> float:
        value = told.get(key, otherwise / unit)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and shortest <= value * unit <= longest:
            return float(value * unit)
        errors.append(f"{key} in {FILE} must be from {shortest / unit:g} to {longest / unit:g}: {otherwise / unit:g}")
        return otherwise

    default = Settings()
    longest_s = seconds("max_hours", default.longest_s, 3600, GUARD_S, LONGEST_LIFE_S)
    return Settings(
        idle_s=seconds("idle_minutes", default.idle_s, 60, SHORTEST_IDLE_S, LONGEST_IDLE_S),
        longest_s=longest_s,
        keep_awake_s=min(longest_s, seconds("keep_awake_hours", default.keep_awake_s, 3600, 0, LONGEST_LIFE_S)),
        on_idle="terminate" if told.get("on_idle") == "terminate" else "stop",
        region=str(told.get("region", "")),
        root=root,
        metadata=environment.get("AGENT_METADATA", default.metadata).rstrip("/"),
        second_look_s=_number(environment.get("AGENT_SECOND_LOOK_S", ""), default.second_look_s),
        errors=tuple(errors),
    )


def _told(path: Path) -> dict[str, object]:
    real = Path(os.path.realpath(path))  # install.sh swaps it by a link, which is root's
    told = json.loads(plain_file.text(real))
    if not isinstance(told, dict):
        message = "it is no JSON object"
        raise TypeError(message)
    return told


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if 0 <= value <= TICK_S else otherwise
