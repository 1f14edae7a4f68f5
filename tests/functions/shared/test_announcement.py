"""What everybody is told: events that EventBridge takes, none lost without an error."""

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared import announcement
from shared.fault import Fault, fault_of
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

THING = ObjectVersion(bucket="media", key='a "b"\n\x00\u2028😀.jpg', size=1, etag="e")
FOUND = {
    "status": "found",
    "count": Decimal(3),
    "document": "s3://results/x",
    "top": [{"name": "Café", "confidence": Decimal("99.25")}],
    "secret": "stays here",
}


@pytest.fixture
def events() -> "EventBridgeClient":
    return boto3.client("events")


def test_analysed_object_is_described_in_plain_json() -> None:
    entry = announcement.analysed(
        "sandbox", THING, media="image", status="analysed", reason="", analyses={"labels": FOUND}
    )

    assert (entry["Source"], entry["DetailType"]) == ("mlstack.vision", "Object Analysed")
    assert json.loads(entry["Detail"]) == {
        "stage": "sandbox",
        "bucket": "media",
        "key": THING.key,
        "version": "e",
        "media": "image",
        "status": "analysed",
        "reason": None,
        "analyses": {
            "labels": {
                "status": "found",
                "count": 3,
                "document": "s3://results/x",
                "top": [{"name": "Café", "confidence": 99.25}],
            }
        },
    }
    assert '"count": 3,' in entry["Detail"]  # a whole number, wherever it came from


def test_flagged_object_names_its_version_or_that_it_has_none() -> None:
    labels = [{"name": "Violence", "confidence": Decimal("91.5")}]

    entry = announcement.flagged("sandbox", THING, media="image", action="tag", labels=labels)

    detail = json.loads(entry["Detail"])
    assert entry["DetailType"] == "Content Flagged"
    assert (detail["version"], detail["version_id"]) == ("e", None)
    assert (detail["action"], detail["labels"]) == ("tag", [{"name": "Violence", "confidence": 91.5}])


def test_nothing_to_tell_asks_nobody(events: "EventBridgeClient") -> None:
    with Stubber(events):
        announcement.announce(events, [])


@pytest.mark.parametrize(
    ("code", "fault"), [("ThrottlingException", Fault.WAIT), ("InternalFailure", Fault.RETRY), ("Odd", Fault.RETRY)]
)
def test_event_that_the_bus_did_not_take_is_an_error_that_comes_again(
    events: "EventBridgeClient", code: str, fault: Fault
) -> None:
    entry = announcement.flagged("sandbox", THING, media="image", action="tag", labels=[])
    with Stubber(events) as script:
        taken = {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": code, "ErrorMessage": "no"}]}
        script.add_response("put_events", taken, {"Entries": [entry, entry]})

        with pytest.raises(ClientError, match=f"{code}.*PutEvents") as refusal:
            announcement.announce(events, [entry, entry])

    assert fault_of(refusal.value) is fault


def test_event_about_the_longest_of_everything_fits() -> None:
    thing = ObjectVersion(bucket="b" * 63, key="\x01" * 1024, size=1, etag="e" * 900)
    top = [{"name": "😀" * 300, "confidence": Decimal(1)} for _ in range(5)]
    found = {"status": "found", "count": 1, "document": "d" * 100, "top": top}

    entry = announcement.analysed(
        "s", thing, media="image", status="failed", reason="😀" * 1000, analyses={f"a{n}": found for n in range(9)}
    )

    assert len(entry["Detail"].encode()) < 256 * 1024 - 1000
