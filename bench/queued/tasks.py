"""One task of the service: from the wish for it to its end, and what it has in hand."""

import heapq
from dataclasses import dataclass, field
from enum import Enum, auto

from bench.queued.assumptions import Assumptions
from bench.queued.months import Request


class State(Enum):
    """Where a task stands in its life."""

    STARTING = auto()
    UP = auto()
    STOPPING = auto()
    """It receives no more, and finishes what it has in hand."""
    STOPPED = auto()


@dataclass(slots=True, eq=False)
class Task:
    """A worker and a server; so many requests at a time, and so many processors for their answers."""

    number: int
    vcpu: float
    concurrency: int
    state: State = State.STARTING
    up: float | None = None
    bills_from: float | None = None
    """Since when it, or the instance under it, costs something."""
    stopped: float | None = None
    hand: dict[int, float] = field(default_factory=dict)
    """The messages that it works on, and when it answers them."""
    _free: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A task with less than one processor has one that is slower."""
        self._free = [0.0] * max(1, int(self.vcpu))

    @property
    def has_room(self) -> bool:
        """Whether it would receive another message."""
        return self.state is State.UP and len(self.hand) < self.concurrency

    def begin(self, message: int, request: Request, now: float, assumed: Assumptions) -> float:
        """Read the photo, wait for a processor, answer, write; return when that is done."""
        start = max(heapq.heappop(self._free), now + assumed.read_s)
        answered = start + request.cpu_s / min(1.0, self.vcpu)
        heapq.heappush(self._free, answered)
        self.hand[message] = answered + assumed.write_s
        return self.hand[message]

    def billed_s(self, end: float) -> float:
        """For how long it was paid, until it stopped or until this end of the account."""
        if self.bills_from is None:
            return 0.0
        return max(0.0, (end if self.stopped is None else self.stopped) - self.bills_from)
