"""How a service comes from what runs to what is wanted, one step at a time: pure decisions."""

import math
from dataclasses import dataclass

FEWEST_FAILURES, MOST_FAILURES = 3, 200
TASKS_A_FAILURE = 2
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html: half of the tasks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a service is to have, and between which bounds it may change."""

    tasks: int
    least_percent: int
    most_percent: int

    @property
    def least(self) -> int:
        """How many tasks are to be well at any time."""
        return math.ceil(self.tasks * self.least_percent / 100)

    @property
    def most(self) -> int:
        """How many tasks there may be at any time."""
        return max(1, math.floor(self.tasks * self.most_percent / 100)) if self.tasks else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """The tasks of deployments."""

    live: int
    """Those that shall go on."""
    well: int
    """Those of them that run and are healthy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """How many tasks are started and stopped now."""

    start: int
    stop_new: int
    stop_old: int


def step(wanted: Wanted, new: Count, old: Count) -> Step:
    """What is next: ``new`` is the deployment that is to be, ``old`` are all before it."""
    room = wanted.most - new.live - old.live
    spare = max(0, new.well + old.well - wanted.least)
    return Step(
        start=max(0, min(wanted.tasks - new.live, room)),
        stop_new=max(0, new.live - wanted.tasks),
        stop_old=min(old.live, old.live - old.well + spare),
    )


def done(wanted: Wanted, new: Count, old_running: int) -> bool:
    """Whether everything is as it is wanted."""
    return new.live == new.well == wanted.tasks and old_running == 0


def failures_allowed(tasks: int) -> int:
    """With how many failed tasks a deployment has failed."""
    return min(MOST_FAILURES, max(FEWEST_FAILURES, math.ceil(tasks / TASKS_A_FAILURE)))


def pause_s(failures: int, most_s: float) -> float:
    """How long to wait after so many failures before another task is started."""
    return min(most_s, 0.1 * 2.0 ** min(failures, 20)) if failures else 0.0
