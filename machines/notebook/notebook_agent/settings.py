"""What the agent is told by its systemd unit."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICK_S = 300.0
"""The timer's interval: the unit in on_start.sh says the same."""
NEXT_TICK_S = TICK_S + 60
"""The next tick comes before this: systemd and a slow look take their time."""
GUARD_S = 600.0
"""So long after its start nothing stops an instance for being idle: a person must get to open it first."""


@dataclass(frozen=True)
class Settings:
    """When the instance stops, and where things are on it."""

    idle_s: float
    """Seconds without any sign of use after which it stops."""
    longest_s: float
    """Seconds after its start at which it stops, used or not."""
    root: Path = Path("/")
    """Before every path: another folder than / in tests."""
    jupyter: str = "localhost:8443"
    """Jupyter's own server on the loopback interface."""
    second_look_s: float = 20.0
    """How far apart the two looks are where nothing is remembered of an earlier one."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the environment; whatever is missing or no positive number raises."""
    return Settings(
        idle_s=_positive(environment, "IDLE_MINUTES") * 60,
        longest_s=_positive(environment, "MAX_HOURS") * 3600,
        root=Path(environment.get("AGENT_ROOT", "/")),
        jupyter=environment.get("AGENT_JUPYTER", Settings.jupyter),
        second_look_s=float(environment.get("AGENT_SECOND_LOOK_S", Settings.second_look_s)),
    )


def _positive(environment: Mapping[str, str], name: str) -> float:
    value = float(environment[name])
    if not 0 < value < float("inf"):
        message = f"{name} must be a positive number"
        raise ValueError(message)
    return value
