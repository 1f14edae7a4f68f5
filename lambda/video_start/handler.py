"""Takes videos from the queue and begins their analyses; answers which messages must come again."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared import clients
from shared.batch import Context, Message, deliver
from shared.object_version import ObjectVersion
from shared.video_analyses import wanted_of_video
from video_start import delivery
from video_start.settings import settings

for name in ("shared", "video_start"):
    logging.getLogger(name).setLevel(logging.INFO)


def handle(event: Mapping[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Begin the analyses of the video of every message; name the messages that must be delivered again."""

    def take_in_time(message: Message) -> None:
        take(message, timedelta(milliseconds=context.get_remaining_time_in_millis()))

    return deliver(event["Records"], take_in_time, sqs=clients.sqs(), queue_url=settings().queue_url)


def take(message: Message, time_left: timedelta) -> None:
    """Begin the analyses of the video that a message announces; what is no such message goes to the dead letters."""
    body = message["body"]
    try:
        thing = ObjectVersion.from_message(body)
    except ValueError as error:
        delivery.dead_letters().park(body, str(error), delivery.WAY_BACK)
        return
    names = wanted_of_video(settings().routes, thing.key)
    received = int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
    if names:
        delivery.process(thing, names, body=body, received=received, time_left=time_left)
