"""The service's queue: what is visible, what is in flight, what was tried too often, and whether its metrics sleep."""

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random

from bench.queued.assumptions import Assumptions
from bench.queued.scaling import Sample


@dataclass(slots=True)
class Messages:
    """A standard queue; it promises no order, and the simulation takes what came first."""

    receives: int
    """How often a message is received before it goes to the dead letters."""
    visible: deque[int] = field(default_factory=deque)
    dead: list[int] = field(default_factory=list)
    in_flight: set[int] = field(default_factory=set)
    given_back: int = 0
    _sent: int = 0
    _failed: Counter[int] = field(default_factory=Counter)

    def send(self, message: int) -> None:
        """A new one."""
        self._sent += 1
        self.visible.append(message)

    def take(self) -> int:
        """Receive the next one."""
        message = self.visible.popleft()
        self.in_flight.add(message)
        return message

    def delete(self, message: int) -> None:
        """It was answered."""
        self.in_flight.remove(message)

    def back(self, message: int) -> None:
        """Nobody answered it; the last time it goes to the dead letters instead."""
        self.in_flight.remove(message)
        self.given_back += 1
        self._failed[message] += 1
        if self._failed[message] >= self.receives:
            self.dead.append(message)
        else:
            self.visible.append(message)

    def sample(self) -> Sample:
        """What SQS says once a minute."""
        sent, self._sent = self._sent, 0
        return Sample(len(self.visible), len(self.in_flight), sent)


class Wakefulness:
    """Whether SQS sends the queue's metrics: not after six hours without a call, and then only some time after one."""

    def __init__(self, assumed: Assumptions, rng: Random) -> None:
        self._assumed, self._rng = assumed, rng
        self._touched, self._from = 0.0, 0.0
        self.slept = 0
        """How often they fell asleep."""

    def touch(self, now: float) -> None:
        """Somebody called SQS about the queue, or a message lies in it."""
        if now - self._touched > self._assumed.metrics_sleep_s:
            self._from = now + self._assumed.metrics_wake_s.draw(self._rng)
            self.slept += 1
        self._touched = now

    def speaks(self, now: float) -> bool:
        """Whether there is a figure of this minute."""
        return self._from <= now <= self._touched + self._assumed.metrics_sleep_s
