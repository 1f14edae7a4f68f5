"""Takes images from the queue or from a backfill and analyses each once; answers what must come again."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from image_analysis import delivery
from image_analysis.settings import settings
from shared import analyses, clients, clock
from shared.come_again import ComeAgainError
from shared.object_version import ObjectVersion

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

LONGEST_VISIBILITY_S = 12 * 3600
UNEXPECTED_S = 60.0


class Context(Protocol):
    """What the function needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation."""


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Analyse what a queue or a backfill hands over."""
    return from_queue(event, context) if "Records" in event else from_backfill(event, context)


def from_queue(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Analyse the image of every message; name the messages that must be delivered again, and only those."""
    again = []
    for record in event["Records"]:
        try:
            take(record["body"], _time_left(context))
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


def take(body: str, time_left: timedelta) -> None:
    """Analyse the image that a message announces; what is no such message goes to the dead letters."""
    try:
        thing = ObjectVersion.from_message(body)
        # Not in S3's event: a dead letter of a backfill says so what the backfill asked for.
        names = _names(json.loads(body)["detail"].get("analyses"), thing.key)
    except ValueError as error:
        delivery.dead_letters().park(body, str(error))
        return
    if names:
        delivery.process(thing, names, body=body, time_left=time_left)


def from_backfill(event: Mapping[str, Any], context: Context) -> dict[str, int]:
    """Analyse a batch of a backfill; raise ComeAgainError where a part of it must come again.

    The event names a bucket, its ``objects`` (key, size, etag, version_id) and the ``analyses``, or null for those of
    the profile's prefixes.
    """
    _names(event.get("analyses"), key="")  # a batch that asks for what is not on fails as a whole, and at once
    late: list[ComeAgainError] = []
    for described in event["objects"]:
        try:
            _backfill(event["bucket"], described, event.get("analyses"), _time_left(context))
        except ComeAgainError as reason:
            late.append(reason)
        except Exception as error:  # one object must not keep its neighbours
            logger.exception("comes again after an unexpected error")
            late.append(ComeAgainError(repr(error), seconds=UNEXPECTED_S))
    if late:
        message = f"{len(late)} of {len(event['objects'])} must come again: {late[0]}"
        raise ComeAgainError(message, seconds=late[0].seconds)
    return {"objects": len(event["objects"])}


def _backfill(bucket: str, described: Mapping[str, Any], asked: object, time_left: timedelta) -> None:
    try:
        thing = ObjectVersion.of(bucket, *(described.get(part) for part in ("key", "size", "etag", "version_id")))
    except ValueError as error:
        delivery.dead_letters().park(json.dumps(described), f"not an object of a backfill: {error}")
        return
    names = _names(asked, thing.key)
    if names:
        body = thing.to_message(names if asked else ())
        delivery.process(thing, names, body=body, time_left=time_left)


def _names(asked: object, key: str) -> Sequence[str]:
    """The analyses that are asked for, or those of the profile's prefixes; raise ValueError for one that is not on."""
    if not asked:
        return analyses.wanted(settings().routes, key)
    on = settings().per_second
    if isinstance(asked, list) and all(isinstance(name, str) and name in on for name in asked):
        return [name for name in analyses.ANALYSES if name in asked]
    message = f"the profile has no such analyses: {asked!r}"
    raise ValueError(message)


def _time_left(context: Context) -> timedelta:
    return timedelta(milliseconds=context.get_remaining_time_in_millis())


def _hide(record: Mapping[str, Any], seconds: float) -> None:
    """Let a message come again after a while that fits its reason, not after the queue's own long one."""
    hidden = min(int(clock.spread(seconds)) + 1, LONGEST_VISIBILITY_S)
    try:
        clients.sqs().change_message_visibility(
            QueueUrl=settings().queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=hidden
        )
    except Exception:  # it comes again all the same, only later
        logger.warning("cannot change a message's visibility", exc_info=True)
