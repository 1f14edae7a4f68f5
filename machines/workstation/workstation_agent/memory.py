"""What is remembered of a workstation from one tick to the next, beyond what is remembered of every machine."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from machine_use import memory
from workstation_agent import gauges, logins
from workstation_agent.observation import Observation

MAPPINGS = ("kernels", "terminals", "keystrokes", "output", "levels", "wishes")
UNREADABLE = ("cpu_s", "storage_bytes")
"""Mappings too, or None."""


@dataclass(frozen=True)
class Memory(memory.Memory):
    """The last look, and the last use. Its times are seconds since boot; ``warned_s`` is of the maximum lifetime."""

    idle_warned_s: float = math.inf
    """The shortest time left of which people were warned since the last use."""
    told: float = 0.0
    """When, by the clock, the agent itself last wrote to the terminals."""
    touched: float = 0.0
    """When it was last used otherwise than by a login."""
    sessions: Sequence[str] | None = None
    """Of SSH and Session Manager, as they could last be seen."""
    output: Mapping[str, float] = field(default_factory=dict)
    storage_bytes: Mapping[str, float] | None = None
    network_bytes: float | None = None
    levels: Mapping[str, float] = field(default_factory=dict)
    """Of the gauges in use."""
    wishes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Of keep_awake."""
    beaten: float | None = None
    """When CloudWatch last heard of the agent."""
    stopping: float | None = None
    """When the machine was told to shut down."""


def at_start(boot: str, started: float, now: float) -> Memory:
    """Where nothing is remembered: as if the last use had been the start."""
    return Memory(
        boot=boot, started=started, looked=now, used=started, use="start", touched=started, levels=gauges.AT_START
    )


def after(before: Memory, seen: Observation, now: float) -> Memory:
    """What was seen, put over what is remembered."""
    return dataclasses.replace(
        memory.after(before, seen, now),
        sessions=before.sessions if seen.processes is None else logins.sessions(seen.processes),
        output={**before.output, **seen.output},
        storage_bytes=seen.storage_bytes,
        network_bytes=seen.network_bytes,
    )


def load(path: Path, boot: str, now: float) -> Memory | None:
    """What the last tick remembered of this boot; None where there is nothing that can be believed."""
    told = memory.load(path, boot, now, Memory)
    if told is None:
        return None
    moments = [told.network_bytes, told.beaten, told.stopping]
    try:
        numbers = [told.told, *told.levels.values(), *(moment for moment in moments if moment is not None)]
        numbers += [*told.output.values(), *(told.storage_bytes or {}).values()]
        numbers += [number for date, end in told.wishes.values() for number in (date, end)]
        is_whole = math.isfinite(sum(numbers))
        is_formed = all(isinstance(getattr(told, name), dict) for name in MAPPINGS) and all(
            isinstance(getattr(told, name), (dict, type(None))) for name in UNREADABLE
        )
        is_named = told.sessions is None or all(isinstance(key, str) for key in told.sessions)
        in_order = told.idle_warned_s > 0 and 0 <= told.touched <= told.used and (told.beaten or 0.0) <= now
    except (TypeError, AttributeError, ValueError, OverflowError):
        return None
    return told if is_whole and is_formed and is_named and in_order else None
