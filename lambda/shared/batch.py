"""A batch of messages from a queue: each is taken alone, and what must come again says when."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from shared import clock
from shared.come_again import ComeAgainError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

LONGEST_VISIBILITY_S = 12 * 3600
UNEXPECTED_S = 60.0
Message = Mapping[str, Any]
"""As Lambda's event source mapping hands it over."""


class Context(Protocol):
    """What a function needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation."""


def deliver(
    messages: list[Message], take: Callable[[Message], None], *, sqs: "SQSClient", queue_url: str
) -> dict[str, list[dict[str, str]]]:
    """Take every message; name those that must be delivered again, and only those."""
    again = []
    for message in messages:
        try:
            take(message)
        except ComeAgainError as reason:
            logger.info("comes again: %s", reason, extra={"message_id": message["messageId"]})
            seconds = reason.seconds
        except Exception:  # one message must not send its neighbours back
            logger.exception("comes again after an unexpected error", extra={"message_id": message["messageId"]})
            seconds = UNEXPECTED_S
        else:
            continue
        _hide(message, seconds, sqs, queue_url)
        again.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": again}


def _hide(message: Message, seconds: float, sqs: "SQSClient", queue_url: str) -> None:
    """Let a message come again after a while that fits its reason, not after the queue's own long one."""
    hidden = min(int(clock.spread(seconds)) + 1, LONGEST_VISIBILITY_S)
    try:
        sqs.change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=hidden
        )
    except Exception:  # it comes again all the same, only later
        logger.warning("cannot change a message's visibility", exc_info=True)
