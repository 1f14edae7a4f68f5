"""An approved object that comes back as another version is not analysed, and paid for, again."""

from datetime import UTC, datetime, timedelta

import pytest

from moderation_review import copying
from shared.ledger import Done, Ledger, Taken
from shared.object_version import ObjectVersion
from tests.functions.moderation_review.conftest import MakeLab
from tests.functions.moderation_review.lab import MEDIA, Event, Lab

KEY = "photos/cat.jpg"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def claim(lab: Lab, flagged: Event, wanted: str = "moderation") -> object:
    """What the pipeline's next delivery is told of a version."""
    thing = ObjectVersion.of(MEDIA, flagged["key"], 3, flagged["version"], flagged["version_id"])
    return Ledger(table=lab.table, owner="delivery").claim(thing, [wanted], now=NOW, until=NOW + timedelta(minutes=1))


def released(lab: Lab, content: bytes = b"bad", *, known: bool = True) -> tuple[Event, Event]:
    """An approved object as it was flagged, and as it came back."""
    flagged = lab.upload(KEY, content)
    if known:
        lab.analysed(flagged)
    lab.step("act", flagged)
    lab.approve(flagged)
    return flagged, lab.newest(flagged)


def test_what_release_brought_back_is_not_analysed_again(either: Lab) -> None:
    flagged, back = released(either)

    assert (flagged["version"] != back["version"]) is either.versioned
    assert isinstance(claim(either, back), Done)
    assert either.record(back)["analyses"] == either.record(flagged)["analyses"]
    assert either.record(back)["entry"] == either.record(back)["version"] == back["version"]


def test_large_object_that_comes_back_under_another_etag_is_not_analysed_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PART", 1000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)

    flagged, back = released(lab, b"x" * 3000)

    assert flagged["version"] != back["version"]
    assert isinstance(claim(lab, back), Done)


def test_analysis_that_was_never_done_is_done_with_what_came_back(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True)
    _, back = released(lab)

    told = claim(lab, back, "faces")

    assert isinstance(told, Taken)
    assert set(told.analyses) == {"moderation"}


def test_delivery_that_was_faster_keeps_its_claim(make_lab: MakeLab) -> None:
    lab = make_lab(versioned=True)
    flagged = lab.upload(KEY)
    lab.analysed(flagged)
    lab.step("act", flagged)
    lab.meanwhile = {"Query": lambda: claim(lab, lab.newest(flagged))}

    outcome = lab.approve(flagged)

    assert outcome == "released"
    assert (lab.record(lab.newest(flagged))["status"], lab.record(lab.newest(flagged))["owner"]) == (
        "working",
        "delivery",
    )


@pytest.mark.parametrize("status", ["working", "failed", None])
def test_object_without_final_results_is_analysed_when_it_comes_back(make_lab: MakeLab, status: str | None) -> None:
    lab = make_lab(versioned=True)
    flagged = lab.upload(KEY)
    if status:
        lab.table.put_item(Item={**lab.analysed(flagged), "status": status})
    lab.step("act", flagged)

    lab.approve(flagged)

    assert lab.record(lab.newest(flagged)) == {}
    assert isinstance(claim(lab, lab.newest(flagged)), Taken)
