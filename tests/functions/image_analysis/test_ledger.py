"""The ledger lets one delivery at a time work on an object version, and forgets nothing that is final."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

from image_labels.ledger import FAILED, LABELLED, REFUSED, WORKING, Claim, Ledger
from image_labels.photo import Photo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_rekognition.type_defs import LabelTypeDef

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
PHOTO = Photo(bucket="media", key="photos/a b+c%2F😀.jpg", size=1234, etag="e", version_id="v1")


@pytest.fixture
def ledger(table: "Table") -> Ledger:
    return Ledger(table)


def claim(ledger: Ledger, photo: Photo = PHOTO, now: datetime = NOW) -> Claim:
    return ledger.claim(photo, now=now, until=now + LEASE)


def item(ledger: Ledger, photo: Photo = PHOTO) -> dict[str, Any]:
    return dict(ledger.table.get_item(Key={"object": photo.uri, "version": photo.version})["Item"])


def labels(count: int) -> "list[LabelTypeDef]":
    return [{"Name": f"Label {number}", "Confidence": 50 + number * 37 % 50 + 1 / 3} for number in range(count)]


def test_new_photo_can_be_taken(ledger: Ledger) -> None:
    answer = claim(ledger)

    assert answer is Claim.TAKEN
    assert item(ledger) == {
        "object": "s3://media/photos/a b+c%2F😀.jpg",
        "version": "v1",
        "status": WORKING,
        "bytes": 1234,
        "lease_until": Decimal(str((NOW + LEASE).timestamp())),
        "updated_at": "2026-11-01T12:00:00.000+00:00",
    }


def test_photo_that_someone_works_on_is_busy_until_the_lease_has_ended(ledger: Ledger) -> None:
    claim(ledger)

    answers = [claim(ledger, now=NOW + after) for after in (timedelta(), LEASE / 2, LEASE)]
    later = claim(ledger, now=NOW + LEASE + timedelta(milliseconds=1))

    assert answers == [Claim.BUSY] * 3
    assert later is Claim.TAKEN


def test_expired_lease_is_taken_by_one_only(ledger: Ledger) -> None:
    claim(ledger)

    answers = [claim(ledger, now=NOW + 2 * LEASE) for _ in range(3)]

    assert answers == [Claim.TAKEN, Claim.BUSY, Claim.BUSY]


def test_labelled_photo_is_done_for_ever(ledger: Ledger) -> None:
    claim(ledger)
    ledger.labelled(PHOTO, now=NOW, labels=labels(1), found={})

    answer = claim(ledger, now=NOW + timedelta(days=365))

    assert answer is Claim.DONE
    assert item(ledger)["status"] == LABELLED


def test_refused_photo_is_done_for_ever(ledger: Ledger) -> None:
    claim(ledger)
    ledger.refused(PHOTO, now=NOW, reason="too small")

    answer = claim(ledger, now=NOW + timedelta(days=365))

    assert answer is Claim.DONE
    assert (item(ledger)["status"], item(ledger)["reason"]) == (REFUSED, "too small")


def test_failed_photo_may_be_taken_at_once(ledger: Ledger) -> None:
    claim(ledger)
    ledger.failed(PHOTO, now=NOW, reason="no permission")
    before = item(ledger)

    answer = claim(ledger)

    assert (before["status"], before["reason"]) == (FAILED, "no permission")
    assert answer is Claim.TAKEN
    assert "reason" not in item(ledger)


def test_versions_of_one_key_are_taken_apart(ledger: Ledger) -> None:
    photos = [Photo(bucket="media", key="a.jpg", size=1, etag="e", version_id=version) for version in ("v1", "v2")]

    answers = [claim(ledger, photo) for photo in photos]

    assert answers == [Claim.TAKEN, Claim.TAKEN]


@pytest.mark.usefixtures("one_call_at_a_time")
@pytest.mark.parametrize("prepare", ["new", "failed", "expired"])
def test_claims_at_the_same_moment_give_the_photo_to_exactly_one(ledger: Ledger, prepare: str) -> None:
    if prepare == "failed":
        ledger.failed(PHOTO, now=NOW, reason="no permission")
    if prepare == "expired":
        claim(ledger, now=NOW - 2 * LEASE)

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(lambda _: claim(ledger), range(24)))

    assert answers == {Claim.TAKEN: 1, Claim.BUSY: 23}


def test_labels_are_kept_best_first_with_two_decimals(ledger: Ledger) -> None:
    found = {"format": "JPEG", "width": 640, "height": 480, "document": "s3://results/labels/x.json"}
    unsorted: list[LabelTypeDef] = [
        {"Name": "Low", "Confidence": 70.004999},
        {"Name": "Best", "Confidence": 99.99999},
        {"Name": "Middle", "Confidence": 98.12678, "Parents": [{"Name": "Best"}]},
    ]

    ledger.labelled(PHOTO, now=NOW, labels=unsorted, found=found)

    assert item(ledger)["labels"] == [
        {"name": "Best", "confidence": Decimal("100.00")},
        {"name": "Middle", "confidence": Decimal("98.13")},
        {"name": "Low", "confidence": Decimal("70.00")},
    ]
    assert {name: item(ledger)[name] for name in found} == found
    assert "lease_until" not in item(ledger)


def test_photo_without_any_label_is_labelled_all_the_same(ledger: Ledger) -> None:
    ledger.labelled(PHOTO, now=NOW, labels=[], found={})

    assert item(ledger)["labels"] == []
    assert claim(ledger) is Claim.DONE


def test_item_with_the_most_labels_of_rekognition_fits_into_dynamodb(ledger: Ledger) -> None:
    longest = Photo(bucket="b" * 63, key="é" * 512, size=1, etag="e", version_id="v" * 1024)

    ledger.labelled(longest, now=NOW, labels=labels(1000), found={"document": "s3://" + "x" * 1000})

    stored = item(ledger, longest)
    assert len(stored["labels"]) == 1000
    assert len(str(stored).encode()) < 400 * 1024
    assert [label["confidence"] for label in stored["labels"]] == sorted(
        (label["confidence"] for label in stored["labels"]), reverse=True
    )


@pytest.mark.parametrize("record", [Ledger.refused, Ledger.failed])
def test_long_reason_is_cut(ledger: Ledger, record: Callable[..., None]) -> None:
    record(ledger, PHOTO, now=NOW, reason="ä" * 5000)

    assert item(ledger)["reason"] == "ä" * 1000


def test_time_is_recorded_in_utc(ledger: Ledger) -> None:
    elsewhere = datetime.fromisoformat("2026-11-01T14:30:00+05:30")

    ledger.refused(PHOTO, now=elsewhere, reason="too small")

    assert item(ledger)["updated_at"] == "2026-11-01T09:00:00.000+00:00"


def test_failed_condition_of_the_real_dynamodb_carries_the_item_where_the_ledger_looks() -> None:
    """The claim reads ``response["Item"]`` of the error, which boto3's table leaves in DynamoDB's own notation."""
    model: Any = get_session().get_service_model("dynamodb")

    error = model.shape_for("ConditionalCheckFailedException")
    put = model.operation_model("PutItem")

    assert error.members["Item"].name == "AttributeMap"
    assert "ALL_OLD" in put.input_shape.members["ReturnValuesOnConditionCheckFailure"].enum
    assert "Item" not in put.output_shape.members  # boto3 turns only what is in this shape into Python values
