"""Looks at moto's queues, so that there is a history to judge alarms by."""

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from mlstack.local.alarms.evaluation import Datum
from mlstack.local.clock import CLOCK
from mlstack.local.mend import replace
from mlstack.local.queue_metrics.history import METRICS, MINUTE_S, History, State

NAMESPACE, DIMENSION = "AWS/SQS", "QueueName"
SENT, TOTAL, USED = "mlstack_sent", "mlstack_total", "mlstack_used"
"""What a message and a queue have written on them: its date, how many were sent, when it was used last."""


def mend() -> None:
    """Let queues know when they are used and messages when they were sent, by the server's date."""
    moto_add = Queue.add_message
    moto_get = SQSBackend.get_queue

    @wraps(moto_add)
    def add_message(self: Queue, message: Message, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
        is_new = SENT not in vars(message)
        vars(message).setdefault(SENT, CLOCK.now())
        known = len(self._messages)
        added = moto_add(self, message, *rest, **named)
        if is_new and len(self._messages) > known:  # neither a dead letter nor one of FIFO's duplicates
            vars(self)[TOTAL] = vars(self).get(TOTAL, 0) + 1
        _use(self)
        return added

    @wraps(moto_get)
    def get_queue(self: SQSBackend, queue_name: str) -> Queue:
        queue: Queue = moto_get(self, queue_name)
        _use(queue)
        return queue

    replace(Queue, "add_message", add_message)
    replace(SQSBackend, "get_queue", get_queue)


def _use(queue: Queue) -> None:
    vars(queue)[USED] = math.floor(CLOCK.now() / MINUTE_S) * MINUTE_S


class Observed:
    """The histories of all queues that there are."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[Queue, History]] = {}

    def look(self, moment: float) -> None:
        """See what every queue is like; one that was deleted has no history, nor has another of its name."""
        there = {
            (account, region, name): queue
            for account, regions in list(sqs_backends.items())
            for region, backend in list(regions.items())
            for name, queue in list(backend.queues.items())
        }
        before = self._known
        self._known = {
            key: before[key] if key in before and before[key][0] is queue else (queue, History())
            for key, queue in there.items()
        }
        for queue, history in self._known.values():
            history.observe(moment, state(queue, moment))

    def data(self, place: tuple[str, str], queue: str, metric: str) -> Callable[[float, float], Sequence[Datum]]:
        """What is known of a metric of a queue of an account and region: asked with a date and how far back."""
        known = self._known.get((*place, queue))
        if known is None or metric not in METRICS:
            return lambda _now, _seconds: ()
        return lambda now, seconds: [*known[1].data(metric, now, seconds)]


def state(queue: Queue, moment: float) -> State:
    """What a queue is like."""
    messages = [*queue._messages]  # noqa: SLF001 - the public ones are those that are visible
    waiting = [message for message in messages if not message.delayed]
    visible = sum(message.visible for message in waiting)
    written = vars(queue)
    return State(
        visible=visible,
        hidden=len(waiting) - visible,
        sent=int(written.get(TOTAL, 0)),
        oldest=min((float(vars(message).get(SENT, moment)) for message in messages), default=None),
        used=float(written.setdefault(USED, math.floor(moment / MINUTE_S) * MINUTE_S)),
    )


QUEUES = Observed()
"""The server's own."""
