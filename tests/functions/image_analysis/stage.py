"""A stage at work: a queue, several functions side by side, and time that passes without waiting."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from image_analysis import handler
from tests.functions.image_analysis.lab import VISIBILITY_TIMEOUT_S, Lab
from tests.functions.shared.cloud import Call
from tests.functions.shared.timeline import CrashError

IDLE_S = 1.0
"""How long a function waits for a message before it looks again."""


@dataclass
class Queue:
    """SQS, as far as a function sees it."""

    waiting: list[tuple[float, int, str]] = field(default_factory=list)
    held: int = 0
    """Messages that a function works on."""
    receives: int = 0
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def put(self, body: str, visible: float) -> None:
        """Show a message from some time on."""
        heapq.heappush(self.waiting, (visible, next(self._order), body))

    def receive(self, now: float) -> str | None:
        """The next message, which is the function's then."""
        if not self.waiting or self.waiting[0][0] > now:
            return None
        self.held += 1
        self.receives += 1
        return heapq.heappop(self.waiting)[2]

    def idle(self, now: float) -> float:
        """How long there can be nothing to do."""
        return IDLE_S if self.held else max(IDLE_S, self.waiting[0][0] - now)

    @property
    def empty(self) -> bool:
        """Whether nothing will ever come again."""
        return not self.waiting and not self.held


@dataclass
class Stage:
    """Functions that take messages one by one until the queue is empty."""

    lab: Lab
    queue: Queue = field(default_factory=Queue)
    crashes: int = 0
    _receipts: "itertools.count[int]" = field(default_factory=itertools.count)

    def work(self, bodies: Iterable[str], functions: int, *, skew: Callable[[], float] = lambda: 0.0) -> float:
        """Let so many functions empty the queue; how many seconds it took them."""
        began = self.lab.timeline.seconds
        for body in bodies:
            self.queue.put(body, began)
        for _ in range(functions):
            self.lab.timeline.begin(self._function, skew=skew())
        self.lab.timeline.run()
        return self.lab.timeline.seconds - began

    def _function(self) -> None:
        while not self.queue.empty:
            body = self.queue.receive(self.lab.timeline.seconds)
            if body is None:
                self.lab.timeline.sleep(self.queue.idle(self.lab.timeline.seconds))
                continue
            self._invoke(body)

    def _invoke(self, body: str) -> None:
        receipt = f"stage-{next(self._receipts)}"
        began = self.lab.timeline.seconds
        record = {"messageId": receipt, "receiptHandle": receipt, "body": body}
        try:
            again = bool(handler.handle({"Records": [record]}, self.lab.context())["batchItemFailures"])
        except CrashError:
            self.crashes += 1
            self._come_again(body, began + VISIBILITY_TIMEOUT_S)
            return
        if again:
            hidden = self.lab.cloud.hidden.get(receipt)
            back = began + VISIBILITY_TIMEOUT_S if hidden is None else self.lab.timeline.seconds + hidden
            self._come_again(body, back)
        else:
            self.queue.held -= 1

    def _come_again(self, body: str, visible: float) -> None:
        self.queue.held -= 1
        self.queue.put(body, visible)


def latencies(
    lab: Lab, dice: random.Random, *, rekognition: tuple[float, float] = (0.3, 0.9), other: float = 0.02
) -> None:
    """Let every call take its time, in seconds."""

    def wait(call: Call, done: bool) -> None:  # noqa: FBT001 (as the cloud calls it)
        if call.service == "rekognition":
            lab.timeline.sleep(dice.uniform(*rekognition) if done else 0.01)
        else:
            lab.timeline.sleep(dice.expovariate(2 / other))

    lab.cloud.wait = wait
