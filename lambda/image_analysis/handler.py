"""Takes images from the queue or from a backfill and analyses each once; answers what must come again."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from image_analysis import delivery
from image_analysis.settings import settings
from shared import analyses, batch, clients
from shared.batch import Context
from shared.come_again import ComeAgainError
from shared.object_version import ObjectVersion

logger = logging.getLogger(__name__)

for name in ("image_analysis", "shared"):
    logging.getLogger(name).setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Analyse what a queue or a backfill hands over."""
    return from_queue(event, context) if "Records" in event else from_backfill(event, context)


def from_queue(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Analyse the image of every message; name the messages that must be delivered again, and only those."""
    return batch.deliver(
        event["Records"],
        lambda message: take(message["body"], _time_left(context)),
        sqs=clients.sqs(),
        queue_url=settings().queue_url,
    )


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
            late.append(ComeAgainError(repr(error), seconds=batch.UNEXPECTED_S))
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
