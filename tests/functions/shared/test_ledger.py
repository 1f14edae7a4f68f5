"""The ledger lets one delivery at a time work on an object version, and forgets nothing that is final."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

from shared.ledger import ANALYSED, FAILED, REFUSED, WORKING, Busy, Done, LeaseLostError, Ledger, Taken
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
THING = ObjectVersion(bucket="media", key="photos/a b+c%2F😀.jpg", size=1234, etag="e", version_id="v1")
FOUND = {"status": "found", "count": 1, "top": []}


@pytest.fixture
def ledger(results: "Table") -> Ledger:
    return Ledger(table=results, owner="one")


@pytest.fixture
def other(results: "Table") -> Ledger:
    return Ledger(table=results, owner="two")


def claim(ledger: Ledger, now: datetime = NOW, wanted: tuple[str, ...] = ("labels",)) -> Taken | Busy | Done:
    return ledger.claim(THING, wanted, now=now, until=now + LEASE)


def item(ledger: Ledger) -> dict[str, Any]:
    return dict(ledger.table.get_item(Key={"object": THING.uri, "entry": THING.version}).get("Item", {}))


def test_new_object_can_be_taken(ledger: Ledger) -> None:
    answer = claim(ledger)

    assert answer == Taken(analyses={}, attempts=1, reason="", seen_before=False)
    assert item(ledger) == {
        "object": "s3://media/photos/a b+c%2F😀.jpg",
        "entry": "v1",
        "kind": "record",
        "media": "image",
        "bucket": "media",
        "key": "photos/a b+c%2F😀.jpg",
        "version": "v1",
        "status": WORKING,
        "bytes": 1234,
        "analyses": {},
        "attempts": 1,
        "deliveries": 1,
        "owner": "one",
        "lease_until": Decimal(f"{(NOW + LEASE).timestamp():.3f}"),
        "updated_at": "2026-11-01T12:00:00.000+00:00",
    }


def test_object_that_someone_works_on_is_busy_until_the_lease_has_ended(ledger: Ledger, other: Ledger) -> None:
    claim(ledger)

    answers = [claim(other, NOW + after) for after in (timedelta(), LEASE / 2, LEASE - timedelta(milliseconds=1))]
    later = claim(other, NOW + LEASE)

    assert [round(answer.seconds, 3) for answer in answers if isinstance(answer, Busy)] == [60, 30, 0.001]
    assert later == Taken(attempts=2, seen_before=True)


def test_claim_whose_answer_was_lost_is_not_in_its_own_way(ledger: Ledger) -> None:
    claim(ledger)

    answer = claim(ledger)

    assert isinstance(answer, Taken)


def test_expired_lease_is_taken_by_one_only(ledger: Ledger, other: Ledger, results: "Table") -> None:
    claim(ledger)
    third = Ledger(table=results, owner="three")

    answers = [claim(one, NOW + 2 * LEASE) for one in (other, third)]

    assert answers == [Taken(attempts=2, seen_before=True), Busy(60)]


@pytest.mark.parametrize("write", ["note", "analysed", "refused", "failed", "released"])
def test_who_lost_the_lease_writes_nothing_any_more(ledger: Ledger, other: Ledger, write: str) -> None:
    claim(ledger)
    claim(other, NOW + LEASE)
    before = item(ledger)
    writes: dict[str, Callable[[], None]] = {
        "note": lambda: ledger.note(THING, "labels", FOUND, now=NOW),
        "analysed": lambda: ledger.analysed(THING, now=NOW),
        "refused": lambda: ledger.refused(THING, now=NOW, reason="late"),
        "failed": lambda: ledger.failed(THING, now=NOW, reason="late"),
        "released": lambda: ledger.released(THING, now=NOW, reason="late", attempts=0),
    }

    with pytest.raises(LeaseLostError, match="another delivery has taken over s3://media/photos/"):
        writes[write]()

    assert item(ledger) == before


@pytest.mark.parametrize("write", ["failed", "released"])
def test_final_record_is_not_taken_back_by_its_own_writer(ledger: Ledger, write: str) -> None:
    claim(ledger)
    ledger.analysed(THING, now=NOW)
    before = item(ledger)

    more = {"attempts": 1} if write == "released" else {}
    with pytest.raises(LeaseLostError):
        getattr(ledger, write)(THING, now=NOW, reason="its answer was lost", **more)

    assert item(ledger) == before


@pytest.mark.parametrize("status", [ANALYSED, REFUSED])
def test_final_record_is_done_for_ever(ledger: Ledger, other: Ledger, status: str) -> None:
    claim(ledger)
    ledger.note(THING, "labels", FOUND, now=NOW)
    if status == ANALYSED:
        ledger.analysed(THING, now=NOW)
    else:
        ledger.refused(THING, now=NOW, reason="too small")

    answers = [claim(one, NOW + timedelta(days=365)) for one in (other, ledger)]

    assert all(isinstance(answer, Done) for answer in answers)
    assert [answer.analyses["labels"]["status"] for answer in answers if isinstance(answer, Done)] == ["found", "found"]
    assert (item(ledger)["status"], item(ledger)["finding"]) == (status, f"status#{status}")


@pytest.mark.parametrize("status", [ANALYSED, REFUSED])
def test_final_record_is_taken_again_for_an_analysis_that_was_not_wanted_before(
    ledger: Ledger, other: Ledger, status: str
) -> None:
    claim(ledger)
    ledger.note(THING, "labels", FOUND, now=NOW)
    if status == ANALYSED:
        ledger.analysed(THING, now=NOW)
    else:
        ledger.refused(THING, now=NOW, reason="too small")

    answer = claim(other, wanted=("labels", "faces"))

    assert answer == Taken(
        analyses={"labels": FOUND}, attempts=1, reason="too small" if status == REFUSED else "", seen_before=True
    )
    assert not {"finding", "rank"} & item(ledger).keys()


def test_failed_object_may_be_taken_at_once_and_its_attempts_begin_anew(ledger: Ledger, other: Ledger) -> None:
    claim(ledger)
    claim(ledger)
    ledger.failed(THING, now=NOW, reason="no permission")
    before = item(ledger)

    answer = claim(other)

    assert (before["status"], before["reason"], before["finding"]) == (FAILED, "no permission", "status#failed")
    assert answer == Taken(attempts=1, reason="no permission", seen_before=True)


def test_released_object_may_be_taken_at_once_with_the_attempts_that_count(ledger: Ledger, other: Ledger) -> None:
    claim(ledger)
    ledger.note(THING, "labels", FOUND, now=NOW)
    ledger.released(THING, now=NOW, reason="AWS was busy", attempts=0)

    answer = claim(other)

    assert answer == Taken(analyses={"labels": FOUND}, attempts=1, reason="AWS was busy", seen_before=True)


def test_reason_of_an_earlier_attempt_is_gone_when_all_is_analysed(ledger: Ledger) -> None:
    claim(ledger)
    ledger.released(THING, now=NOW, reason="AWS was busy", attempts=1)
    claim(ledger)
    ledger.analysed(THING, now=NOW, found={"format": "PNG", "width": 90, "height": 80})

    written = item(ledger)

    assert "reason" not in written
    assert (written["format"], written["width"], written["height"], written["attempts"]) == ("PNG", 90, 80, 0)


def test_versions_of_one_key_are_taken_apart(ledger: Ledger) -> None:
    things = [ObjectVersion(bucket="media", key="a", size=1, etag="e", version_id=version) for version in ("v1", "v2")]

    answers = [ledger.claim(thing, ["labels"], now=NOW, until=NOW + LEASE) for thing in things]

    assert answers == [Taken(), Taken()]


@pytest.mark.parametrize("record", [Ledger.refused, Ledger.failed])
def test_long_reason_is_cut(ledger: Ledger, record: Callable[..., None]) -> None:
    claim(ledger)

    record(ledger, THING, now=NOW, reason="ä" * 5000)

    assert item(ledger)["reason"] == "ä" * 1000


def test_time_is_recorded_in_utc(ledger: Ledger) -> None:
    claim(ledger, datetime.fromisoformat("2026-11-01T14:30:00+05:30"))

    assert item(ledger)["updated_at"] == "2026-11-01T09:00:00.000+00:00"


def test_record_says_when_it_ends_where_results_are_not_kept(results: "Table") -> None:
    ledger = Ledger(table=results, owner="one", keep=timedelta(days=2))

    claim(ledger)

    assert item(ledger)["expires_at"] == int(NOW.timestamp()) + 2 * 86_400


def test_longest_key_version_and_reason_fit_into_dynamodb(results: "Table") -> None:
    longest = ObjectVersion(bucket="b" * 63, key="é" * 512, size=2**63 - 1, etag="e", version_id="v" * 900)
    ledger = Ledger(table=results, owner="o" * 32)

    ledger.claim(longest, ["labels"], now=NOW, until=NOW + LEASE)
    ledger.failed(longest, now=NOW, reason="😀" * 5000)

    assert len(longest.uri.encode()) <= 2048
    assert len(longest.version.encode()) <= 1024


def test_failed_condition_of_the_real_dynamodb_carries_the_item_where_the_ledger_looks() -> None:
    """The claim reads ``response["Item"]`` of the error, which boto3's table leaves in DynamoDB's own notation."""
    model: Any = get_session().get_service_model("dynamodb")

    error = model.shape_for("ConditionalCheckFailedException")
    update = model.operation_model("UpdateItem")

    assert error.members["Item"].name == "AttributeMap"
    assert "ALL_OLD" in update.input_shape.members["ReturnValuesOnConditionCheckFailure"].enum
    assert "Item" not in update.output_shape.members  # boto3 turns only what is in this shape into Python values
