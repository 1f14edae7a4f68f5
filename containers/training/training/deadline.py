"""When a task is to end: at SIGTERM, or when its time is over; and what may still be finished then."""

import time
from collections.abc import Callable

from training.stop import Stop


class StoppedError(Exception):
    """The task was told to end before it was done."""


class Deadline:
    """A Stop that says yes by itself at a time."""

    def __init__(self, stop: Stop, seconds: int | None, now: Callable[[], float] = time.monotonic) -> None:
        self._stop, self._now = stop, now
        self._until = None if seconds is None else now() + seconds

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return self._until is not None and self._now() >= self._until

    def asked(self) -> bool:
        """Whether the task is to end."""
        return self._stop.asked() or self.late


class Later:
    """A Stop that says yes so many seconds after another one did."""

    def __init__(self, stop: Stop, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._stop, self._seconds, self._now = stop, seconds, now
        self._asked_at: float | None = None

    def asked(self) -> bool:
        """Whether the time is over."""
        if self._asked_at is None and self._stop.asked():
            self._asked_at = self._now()
        return self._asked_at is not None and self._now() >= self._asked_at + self._seconds
