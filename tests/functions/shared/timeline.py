"""Time without waiting: work that runs side by side in threads, one at a time, in an order that is always the same."""

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

START = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()


class CrashError(BaseException):
    """The end of the function's process, which no handler can catch."""


@dataclass
class Task:
    """One of those who work side by side."""

    work: Callable[[], None]
    skew: float
    """How far its clock is ahead, in seconds."""
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    error: BaseException | None = None


class Timeline:
    """The present, which goes on only while everybody waits."""

    def __init__(self) -> None:
        self.seconds = START
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Task]] = []
        self._over = threading.Semaphore(0)
        self._mine = threading.local()

    def now(self) -> datetime:
        """What the clock of whoever asks says."""
        task: Task | None = getattr(self._mine, "task", None)
        return datetime.fromtimestamp(self.seconds + (task.skew if task else 0.0), UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; whoever works alone has nobody to wait for."""
        task: Task | None = getattr(self._mine, "task", None)
        if task is None:
            self.seconds += max(0.0, seconds)
            return
        self._wait(task, self.seconds + max(0.0, seconds))
        self._over.release()
        task.turn.acquire()

    def begin(self, work: Callable[[], None], *, after: float = 0.0, skew: float = 0.0) -> None:
        """Let somebody begin to work."""
        task = Task(work, skew)
        threading.Thread(target=self._live, args=(task,), daemon=True).start()
        self._wait(task, self.seconds + after)

    def run(self) -> None:
        """Go on until everybody is done; raise what anybody raised, but for crashes."""
        while self._waiting:
            moment, _, task = heapq.heappop(self._waiting)
            self.seconds = max(self.seconds, moment)
            task.turn.release()
            self._over.acquire()
            if task.error and not isinstance(task.error, CrashError):
                raise task.error

    def _wait(self, task: Task, moment: float) -> None:
        heapq.heappush(self._waiting, (moment, next(self._order), task))

    def _live(self, task: Task) -> None:
        self._mine.task = task
        task.turn.acquire()
        try:
            task.work()
        except BaseException as error:  # noqa: BLE001 (whoever runs the timeline hears of it)
            task.error = error
        self._over.release()
