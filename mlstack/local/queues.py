"""moto's queues made safe for many threads, and without its synchronous call of functions inside SendMessage."""

import time
from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from mlstack.local.mend import MotoChangedError, replace

PERIOD_S = 0.05
MAPPINGS = "lambda_event_source_mappings"
_lock = RLock()


def mend() -> None:
    """Lock what reads and writes a queue's list: moto loses messages that come while others are deleted."""
    if MAPPINGS not in Queue.__init__.__code__.co_names:
        message = f"moto's Queue no longer has {MAPPINGS}"
        raise MotoChangedError(message)
    # Always empty, so that SendMessage calls no function; the poller reads the Lambda backend's own list.
    setattr(Queue, MAPPINGS, property(lambda _: {}, lambda _, __: None))
    receive = SQSBackend.receive_message

    def receive_message(  # noqa: PLR0913, PLR0917 - moto's signature
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        deadline = time.monotonic() + int(wait_seconds_timeout or 0)
        while True:
            with _lock:
                messages = receive(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            if messages or time.monotonic() >= deadline:
                return messages
            time.sleep(PERIOD_S)

    replace(SQSBackend, "receive_message", receive_message)
    for owner, name in (
        (Queue, "add_message"),
        (Queue, "delete_message"),
        (SQSBackend, "change_message_visibility"),
        (SQSBackend, "purge_queue"),
    ):
        replace(owner, name, _locked(getattr(owner, name)))


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def locked(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever moto's method takes and gives
        with _lock:
            return method(*arguments, **named)

    return locked
