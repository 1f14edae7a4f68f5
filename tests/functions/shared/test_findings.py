"""Findings: one item per name of an analysis, found by name whatever its case, and none twice."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.analyses import ANALYSES
from shared.findings import Finding, gather, index_key, items, percent, store, top
from shared.object_version import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

THING = ObjectVersion(bucket="media", key="photos/é.jpg", size=1, etag="e", version_id="v1")
NAMED = st.lists(st.tuples(st.text(max_size=400), st.floats(0, 100)), max_size=30)
DIFFERENT_LETTERS = st.text(min_size=350, max_size=400)


def of(found: list[Finding], **shared: object) -> list[dict[str, Any]]:
    return items(THING, "labels", found, media="image", shared=shared)


def test_names_are_gathered_with_their_best_confidence_the_most_certain_first() -> None:
    found = gather([("Dog", 70.0), ("Cat", 99.0), ("Dog", 80.5), ("Ant", 99.0)])

    assert found == [
        Finding(name="Ant", confidence=99.0),
        Finding(name="Cat", confidence=99.0),
        Finding(name="Dog", confidence=80.5, instances=2),
    ]


@given(named=NAMED)
def test_nothing_named_is_lost_or_counted_twice(named: list[tuple[str, float]]) -> None:
    found = gather(named)

    assert sum(one.instances for one in found) == len(named)
    assert {one.name for one in found} == {name for name, _ in named}
    assert all(one.confidence == max(sure for name, sure in named if name == one.name) for one in found)


@given(named=NAMED)
def test_items_of_one_object_have_places_of_their_own_that_dynamodb_takes(named: list[tuple[str, float]]) -> None:
    found = gather(named)

    made = of(found)

    assert len({item["entry"] for item in made}) == len(found)
    assert all(len(item["entry"].encode()) <= 1024 for item in made)
    assert all(0 < len(item["finding"].encode()) <= 2048 for item in made)
    assert all(isinstance(item["rank"], Decimal) for item in made)


def test_item_tells_everything_about_what_was_found() -> None:
    (item,) = of([Finding(name="Café", confidence=99.256, instances=3)], updated_at="now", expires_at=7)

    assert item == {
        "object": "s3://media/photos/é.jpg",
        "entry": item["entry"],
        "kind": "finding",
        "analysis": "labels",
        "name": "Café",
        "finding": "labels#café",
        "rank": Decimal("99.26"),
        "instances": 3,
        "bucket": "media",
        "key": "photos/é.jpg",
        "version": "v1",
        "media": "image",
        "updated_at": "now",
        "expires_at": 7,
    }
    assert item["entry"].startswith("v1#labels#")


def test_item_of_a_video_tells_when_it_was_seen_and_zero_counts() -> None:
    (item,) = of([Finding(name="Dog", confidence=1, first_ms=0, last_ms=4000)])

    assert (item["first_ms"], item["last_ms"]) == (0, 4000)


@pytest.mark.parametrize(("one", "other"), [("DOG", "dog"), ("Straße", "STRASSE"), ("ﬁsh", "Fish")])
def test_name_is_found_whatever_its_case(one: str, other: str) -> None:
    assert index_key("labels", one) == index_key("labels", other)


@given(start=DIFFERENT_LETTERS)
def test_long_names_that_begin_alike_are_kept_apart(start: str) -> None:
    made = of(gather([(start + "a", 1.0), (start + "b", 2.0)]))

    assert made[0]["entry"] != made[1]["entry"]
    assert made[0]["name"] == start[:300]


def test_only_the_best_five_are_shown_with_short_names() -> None:
    shown = top(gather([(f"{number}" * 400, float(number)) for number in range(9)]))

    assert [one["confidence"] for one in shown] == [percent(float(number)) for number in (8, 7, 6, 5, 4)]
    assert all(len(one["name"]) == 300 for one in shown)


def test_findings_are_stored_as_often_as_it_takes_and_once_each(results: "Table") -> None:
    found = of(gather([(f"Label {number}", number / 3) for number in range(60)]))

    for _ in range(2):
        store(results, found)

    assert {item["name"] for item in results.scan()["Items"]} == {f"Label {number}" for number in range(60)}
    assert len(results.scan()["Items"]) == 60


def test_longest_entry_of_any_analysis_fits_into_dynamodb(results: "Table") -> None:
    longest = ObjectVersion(bucket="b" * 63, key="é" * 512, size=1, etag="e", version_id="v" * 900)
    named = gather([("😀" * 400, 99.0), ("", 1.0)])

    for analysis in ANALYSES:
        store(results, items(longest, analysis, named, media="image", shared={}))

    assert len(results.scan()["Items"]) == 2 * len(ANALYSES)
