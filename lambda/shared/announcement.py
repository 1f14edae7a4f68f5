"""What the pipeline tells everybody who listens on the stage's event bus."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "mlstack.vision"
ANALYSED, FLAGGED = "Object Analysed", "Content Flagged"


def analysed(  # noqa: PLR0913 (an event has as many parts)
    stage: str, thing: ObjectVersion, *, media: str, status: str, reason: str, analyses: Mapping[str, Mapping[str, Any]]
) -> "PutEventsRequestEntryTypeDef":
    """The event that an object is finished, whatever came of it."""
    short = {
        name: {part: outcome[part] for part in ("status", "reason", "count", "top", "document") if part in outcome}
        for name, outcome in analyses.items()
    }
    said = {"media": media, "status": status, "reason": reason or None, "analyses": short}
    return _entry(ANALYSED, _named(stage, thing) | said)


def flagged(
    stage: str, thing: ObjectVersion, *, media: str, action: str, labels: Sequence[Mapping[str, Any]]
) -> "PutEventsRequestEntryTypeDef":
    """The event that an object shows what the profile will not have."""
    version = {"version_id": thing.version_id}
    return _entry(FLAGGED, _named(stage, thing) | version | {"media": media, "action": action, "labels": labels})


def announce(events: "EventBridgeClient", entries: "Sequence[PutEventsRequestEntryTypeDef]") -> None:
    """Put all events on the bus; raise ClientError where one was not taken."""
    if not entries:
        return
    answer = events.put_events(Entries=entries)
    for entry in answer["Entries"]:
        if "ErrorCode" in entry:
            said = {"Code": entry["ErrorCode"], "Message": entry.get("ErrorMessage", "")}
            # The call as a whole succeeds; what a single event met is a failure of the service.
            raise ClientError({"Error": said, "ResponseMetadata": {"HTTPStatusCode": 500}}, "PutEvents")  # type: ignore[typeddict-item]


def _named(stage: str, thing: ObjectVersion) -> dict[str, Any]:
    return {"stage": stage, "bucket": thing.bucket, "key": thing.key, "version": thing.version}


def _entry(kind: str, detail: Mapping[str, Any]) -> "PutEventsRequestEntryTypeDef":
    return {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail, default=_plain)}


def _plain(value: object) -> float:
    """A number as DynamoDB gives it back: a count is whole again."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(value)
