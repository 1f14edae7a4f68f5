"""What a service tells the default event bus of its region: one event after the other, never to the service's harm."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from uuid import uuid4

from moto.events.models import events_backends
from moto.events.utils import EventMessageType

from mlstack.local import runtime

LARGEST_TEXT = 248 * 1024
"""Of the 256 KiB of an event; https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html."""


def service_event(arn: str, source: str, detail_type: str, detail: dict[str, Any]) -> EventMessageType:
    """An event about the resource with this ARN, which names the account and the region too."""
    region, account = arn.split(":")[3:5]
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": int(time.time()),
        "region": region,
        "resources": [arn],
        "detail": detail,
    }


def deliver(event: EventMessageType) -> None:
    """Hand an event to every rule of the default bus, now."""
    bus = events_backends[event["account"]][event["region"]].event_buses["default"]
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event, transform_input=False)


def send(event: EventMessageType) -> None:
    """Hand it over soon, after those sent before; who sends may hold locks that a target needs."""
    _thread().submit(_delivered, event)


def _delivered(event: EventMessageType) -> None:
    try:
        deliver(event)
    except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
        runtime.running().report.fault(f"event {event['detail-type']}: {error!r}")


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="service-events")


def fitting(text: str | None, *, besides: Iterable[str | None] = ()) -> str | None:
    """A text that an event has room for, together with others; else nothing."""
    whole = sum(len(one.encode()) for one in (text, *besides) if one is not None)
    return text if whole <= LARGEST_TEXT else None
