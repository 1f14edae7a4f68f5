"""Takes videos from the queue and begins their analyses; answers which messages must come again."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from shared import clients, clock
from shared.come_again import ComeAgainError
from shared.object_version import ObjectVersion
from shared.video_analyses import wanted_of_video
from video_start import delivery
from video_start.settings import settings

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

UNEXPECTED_S = 60.0


class Context(Protocol):
    """What the function needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Begin the analyses of the video of every message; name the messages that must be delivered again."""
    again = []
    for record in event["Records"]:
        try:
            take(record, timedelta(milliseconds=context.get_remaining_time_in_millis()))
        except ComeAgainError as reason:
            logger.info("comes again: %s", reason, extra={"message_id": record["messageId"]})
            _hide(record, reason.seconds)
        except Exception:  # one message must not send its neighbours back
            logger.exception("comes again after an unexpected error", extra={"message_id": record["messageId"]})
            _hide(record, UNEXPECTED_S)
        else:
            continue
        again.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": again}


def take(record: Mapping[str, Any], time_left: timedelta) -> None:
    """Begin the analyses of the video that a message announces; what is no such message goes to the dead letters."""
    body = record["body"]
    try:
        thing = ObjectVersion.from_message(body)
    except ValueError as error:
        delivery.dead_letters().park(body, str(error), delivery.WAY_BACK)
        return
    names = wanted_of_video(settings().routes, thing.key)
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    if names:
        delivery.process(thing, names, body=body, received=received, time_left=time_left)


def _hide(record: Mapping[str, Any], seconds: float) -> None:
    """Let a message come again after a while that fits its reason, not after the queue's own long one."""
    try:
        clients.sqs().change_message_visibility(
            QueueUrl=settings().queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=int(clock.spread(seconds)) + 1,
        )
    except Exception:  # it comes again all the same, only later
        logger.warning("cannot change a message's visibility", exc_info=True)
