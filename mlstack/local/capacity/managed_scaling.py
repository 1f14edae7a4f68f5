"""How many instances ECS's managed scaling wants: decided from what there is and who waits.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html, and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html: two instances from zero, not one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlstack.local.capacity.resources import Resources

FROM_ZERO = 2
IDLE_S = 900.0
"""How long fewer instances have to be needed: fifteen data points, a minute each."""
STEP_S = 60.0
"""After that, half of what is too many goes each minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Of a capacity provider."""

    target: int = 100
    """Per cent."""
    least_step: int = 1
    largest_step: int = 10000
    warmup_s: float = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The Auto Scaling group."""

    least: int
    most: int
    desired: int
    running: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """When what began."""

    scaled_out: float | None = None
    idle: float | None = None
    """Since when more instances run than are needed."""


def needed(waiting: Iterable[Resources], room: Sequence[Resources], busy: int, guard: Resources, target: int) -> int:
    """How many instances are needed: those with tasks, and as many as take those that wait.

    ``room`` is what is left on the busy ones, ``guard`` the smallest instance that may come; a task that it does not
    hold is waited for by nobody.
    """
    bins = list(room)
    for wish in waiting:
        if guard.lacks(wish):
            continue
        place = next((number for number, left in enumerate(bins) if not left.lacks(wish)), len(bins))
        bins[place:] = [(bins[place] if place < len(bins) else guard) - wish, *bins[place + 1 :]]
    return math.ceil((busy + len(bins) - len(room)) * 100 / target)


def decided(wanted: int, group: Group, setting: Setting, since: Since, now: float) -> tuple[int, Since]:
    """The desired count, and what has to be remembered."""
    if wanted > group.running:
        calm = Since(scaled_out=since.scaled_out)
        return _more(wanted, group, setting, calm, now)
    if wanted == group.running or not group.running:
        return group.desired, Since(scaled_out=since.scaled_out)
    began = now if since.idle is None else since.idle
    return _fewer(wanted, group, now - began), Since(scaled_out=since.scaled_out, idle=began)


def _more(wanted: int, group: Group, setting: Setting, since: Since, now: float) -> tuple[int, Since]:
    warms_up = since.scaled_out is not None and now < since.scaled_out + setting.warmup_s
    if warms_up and group.desired > group.least:
        return group.desired, since
    step = wanted - group.running if group.running else FROM_ZERO
    step = max(min(step, setting.largest_step), min(setting.least_step, setting.largest_step))
    count = min(group.running + step, group.most)
    return (count, Since(scaled_out=now)) if count > group.desired else (group.desired, since)


def _fewer(wanted: int, group: Group, idle_s: float) -> int:
    """Down by halves, each a minute after the other."""
    if idle_s < IDLE_S:
        return group.desired
    halvings = 1 + int((idle_s - IDLE_S) // STEP_S)
    return min(group.desired, max(wanted, group.least, group.running >> halvings))
