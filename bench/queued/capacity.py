"""Where a task runs: on Fargate, or where it has always run; instances.py has the third."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from bench.queued.assumptions import HOUR, Assumptions
from bench.queued.clock import Clock
from bench.queued.tasks import State, Task


@dataclass(frozen=True, slots=True)
class Host:
    """What a capacity tells the service, and by which clock."""

    clock: Clock
    assumed: Assumptions
    seed: str
    ready: Callable[[Task], None]
    """The task's containers are healthy."""
    interrupted: Callable[[Task, float], None]
    """Its place is taken away, after so many seconds of notice."""

    def drawn(self, what: str) -> Random:
        """Chance of its own for each thing: what happens to one changes nothing for another."""
        return Random(f"{self.seed} {what}")  # noqa: S311 (nothing is secret here)

    def lifetime(self, rng: Random) -> float:
        """Until Spot takes something away."""
        often = self.assumed.interruptions_per_hour
        return rng.expovariate(often / HOUR) if often else float("inf")

    def notice_s(self, rng: Random) -> float:
        """How long before, if at all, it says so."""
        return 0.0 if rng.random() < self.assumed.without_notice else self.assumed.notice_s

    def pull_s(self, rng: Random) -> float:
        """To fetch the images."""
        return self.assumed.image_mib / self.assumed.pull_mib_per_s.draw(rng)


class Capacity(Protocol):
    """What the service's tasks run on."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left that bills without a task."""

    def place(self, task: Task) -> None:
        """Find a place for a new task, and start it."""

    def released(self, task: Task) -> None:
        """The task has stopped."""

    def billed_s(self, end: float) -> list[float]:
        """For how long each instance is paid; none where the tasks themselves are."""


class Always:
    """A task that runs since before the month began."""

    is_empty = True

    def __init__(self, host: Host, *, bills_itself: bool) -> None:
        self._host, self._bills_itself = host, bills_itself

    def place(self, task: Task) -> None:
        """It is there."""
        task.bills_from = self._host.clock.now
        self._host.ready(task)

    def released(self, task: Task) -> None:
        """Nobody stops it."""

    def billed_s(self, end: float) -> list[float]:
        """Its instance runs as long as it does, unless it is Fargate's task."""
        return [] if self._bills_itself else [end]


class Fargate:
    """A place of its own for each task, whose images are fetched each time."""

    is_empty = True

    def __init__(self, host: Host, *, spot: bool) -> None:
        self._host, self._spot = host, spot

    def place(self, task: Task) -> None:
        """Provision, fetch, start; it bills from the fetching on."""
        host = self._host
        rng = host.drawn(f"task {task.number}")
        placed = host.assumed.place_s.draw(rng)
        ready = placed + host.pull_s(rng) + host.assumed.start_s.draw(rng)
        host.clock.after(placed, lambda: self._bill(task))
        host.clock.after(ready, lambda: host.ready(task))
        lifetime = host.lifetime(rng)
        if self._spot and lifetime < float("inf"):
            notice_s = host.notice_s(rng)
            host.clock.after(placed + lifetime, lambda: host.interrupted(task, notice_s))

    def released(self, task: Task) -> None:
        """Its place goes with it."""

    def billed_s(self, end: float) -> list[float]:
        """There are no instances."""
        del end
        return []

    def _bill(self, task: Task) -> None:
        if task.state is State.STARTING:
            task.bills_from = self._host.clock.now
