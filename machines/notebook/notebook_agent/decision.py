"""Whether the instance stops now. A function of what was seen, what is remembered, the settings and the time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from machine_use import memory, use
from machine_use.memory import Memory
from machine_use.observation import Observation
from notebook_agent.settings import GUARD_S, NEXT_TICK_S, Settings

WARNINGS_S = (3600.0, 720.0)
"""People are warned when so much time is left; the last tick before the end comes when more than six minutes are."""


@dataclass(frozen=True)
class Decision:
    """What to do, and what to remember for the next tick."""

    memory: Memory
    idle_s: float
    stop: str | None
    """Why the instance stops; None lets it run."""
    left_s: float | None
    """How long it may still run, where people should hear of it now."""


def decide(before: Memory, seen: Observation, settings: Settings, now: float) -> Decision:
    """Judge the instance at ``now``, in seconds since its boot."""
    signs = list(use.signs(before, seen, now))
    used, what = max([(before.used, before.use), *((min(at, now), what) for at, what in signs)])
    age, idle = now - before.started, now - used
    left = settings.longest_s - age
    stop = None
    if left < NEXT_TICK_S:  # the next tick would come too late
        stop = f"it has run for {age / 3600:.1f} h, and may for {settings.longest_s / 3600:g} h"
    elif idle >= settings.idle_s and age >= GUARD_S:
        stop = f"nobody has used it for {idle / 60:.0f} min (last use: {what})"
    told = [mark for mark in WARNINGS_S if left <= mark < before.warned_s]
    remembered = memory.after(before, seen, now)
    remembered = dataclasses.replace(remembered, used=used, use=what, warned_s=min([before.warned_s, *told]))
    return Decision(remembered, idle, stop, left if told and not stop else None)
