"""Whether the workstation stops now. A function of what was seen, what is remembered, the settings and the time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from workstation_agent import keep_awake, logins, memory, use
from workstation_agent.memory import Memory
from workstation_agent.observation import Observation
from workstation_agent.settings import GUARD_S, NEXT_TICK_S, Settings

IDLE_WARNINGS_S = (600.0, 300.0, 120.0, 60.0)
"""People are warned when so much time is left of the idle time or of a wish to stay awake."""
LIFE_WARNINGS_S = (3600.0, 720.0)
"""The same of the maximum lifetime, which no use prolongs."""


@dataclass(frozen=True)
class Decision:
    """What to do, and what to remember for the next tick."""

    memory: Memory
    idle_s: float
    stop: str | None
    """Why the machine stops; None lets it run."""
    left_s: float | None
    """How long it may still run, where people should hear of it now."""
    ends_s: float = 0.0
    """How long it may still run if nobody uses it."""
    kept_s: float = 0.0
    """How long it is still kept awake, used or not."""
    is_idle: bool = False
    """Whether use would prolong what people hear is left; it does not prolong the maximum lifetime."""
    is_forced: bool = False
    """Whether the machine was told to shut down before, and did not."""


def decide(before: Memory, seen: Observation, settings: Settings, now: float) -> Decision:
    """Judge the machine at ``now``, in seconds since its boot."""
    levels = use.levels(before, seen, now)
    signs = [(min(at, now), what) for at, what in use.signs(before, seen, levels, now)]
    touched = max([before.touched, *(at for at, _ in signs)])
    signs += logins.signs(before.sessions, seen.processes, touched, now)
    used, what = max([(before.used, before.use), *signs])
    asked = {"file": seen.kept_until, "tag": seen.tagged_until}
    wishes = keep_awake.renewed(before.wishes, asked, seen.clock, now, settings.keep_awake_s)
    kept, idle = min(keep_awake.until(wishes), now + settings.keep_awake_s) - now, now - used
    life = before.started + settings.longest_s - now
    rest = max(used + settings.idle_s - now, before.started + GUARD_S - now, kept)
    stop = None
    if life < NEXT_TICK_S:  # the next tick would come too late
        hours = (now - before.started) / 3600
        stop = f"it has run for {hours:.1f} h, and may for {settings.longest_s / 3600:g} h"
    elif rest <= 0:
        stop = f"nobody has used it for {idle / 60:.0f} min (last use: {what})"
    told_idle, idle_warned_s = _warned(rest, IDLE_WARNINGS_S, before.idle_warned_s)
    told_life, warned_s = _warned(life, LIFE_WARNINGS_S, before.warned_s)
    told = [] if stop else [left for left, is_told in ((rest, told_idle), (life, told_life)) if is_told]
    remembered = dataclasses.replace(
        memory.after(before, seen, now),
        used=used,
        use=what,
        touched=touched,
        idle_warned_s=idle_warned_s,
        warned_s=warned_s,
        told=seen.clock if told else before.told,
        levels=levels,
        wishes=wishes,
    )
    return Decision(
        memory=remembered,
        idle_s=idle,
        stop=stop,
        left_s=min(told, default=None),
        ends_s=max(min(rest, life), 0.0),
        kept_s=max(min(kept, life), 0.0),
        is_idle=rest == min(told, default=None),
    )


def _warned(left: float, marks: Sequence[float], before_s: float) -> tuple[bool, float]:
    """Whether people hear of it now, and the shortest time left that they have heard of, this one included."""
    passed = min((mark for mark in marks if left <= mark), default=math.inf)
    return passed < before_s, passed
