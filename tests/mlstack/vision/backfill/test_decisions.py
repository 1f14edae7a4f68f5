"""Which objects are taken, what that costs and how long it takes: no AWS needed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.bill.rekognition import Group
from mlstack.vision.backfill import shown
from mlstack.vision.backfill.objects import Found
from mlstack.vision.backfill.plan import Plan
from mlstack.vision.backfill.price import Quote, quote
from mlstack.vision.backfill.selection import Selection, Skip, Tally, chosen, reasons
from shared.analyses import ANALYSES

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROUTES = {"": ("moderation",), "photos/": ("faces", "labels"), "photos/people/": ("people", "labels")}
RATES = dict.fromkeys(ANALYSES, 5.0)


def found(key: str, *, size: int = 1, modified: datetime | None = NOON, archived: bool = False) -> Found:
    """An object."""
    return Found(key=key, size=size, etag="x", version_id=None, modified=modified, archived=archived)


def plan(calls: dict[str, int], objects: int = 1) -> Plan:
    """A plan of so many calls."""
    return Plan(name="x", source="s3://media/", analyses=None, objects=objects, batches=objects // 10 + 1, calls=calls)


def priced(calls: dict[str, int], objects: int = 1, *, image_properties: bool = False) -> Quote:
    """The price of so many calls at five a second."""
    return quote(plan(calls, objects), calls_per_second=RATES, image_properties=image_properties)


@pytest.mark.parametrize(
    ("key", "analyses"),
    [
        ("a.jpg", ("moderation",)),
        ("photos/a.jpg", ("labels", "faces", "moderation")),
        ("photos/people/a/1.jpg", ("labels", "faces", "moderation", "people")),
    ],
)
def test_an_object_gets_the_analyses_of_every_route_it_lies_under(key: str, analyses: tuple[str, ...]) -> None:
    assert Selection(routes=ROUTES).decide(found(key)) == analyses


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (found("photos/"), Skip.FOLDER),
        (found("photos/", size=0), Skip.FOLDER),
        (found("photos/a.jpg", size=0), Skip.EMPTY),
        (found("photos/a.jpg", modified=NOON - timedelta(seconds=1)), Skip.OLD),
        (found("photos/a.jpg", modified=None), Skip.OLD),
        (found("photos/a.jpg", archived=True), Skip.ARCHIVED),
        (found("other/a.jpg"), Skip.NO_ROUTE),
    ],
)
def test_an_object_is_left_out_for_one_reason(one: Found, reason: Skip) -> None:
    routes = {"photos/": ("labels",)}

    assert Selection(routes=routes, since=NOON).decide(one) is reason


def test_named_analyses_reach_beyond_the_routes_only_where_the_stage_may_read() -> None:
    def decide(*, everywhere: bool) -> tuple[str, ...] | Skip:
        asked = Selection(routes={"photos/": ("labels",)}, analyses=("text",), everywhere=everywhere)
        return asked.decide(found("other/a.jpg"))

    assert decide(everywhere=True) == ("text",)
    assert decide(everywhere=False) is Skip.UNREADABLE


def test_an_object_of_the_very_moment_is_taken() -> None:
    assert Selection(routes=ROUTES, since=NOON).decide(found("a.jpg")) == ("moderation",)


@given(st.lists(st.builds(found, st.sampled_from(["", "photos/", "a/"]).map("{}x.jpg".format), size=st.integers(0, 2))))
def test_everything_seen_is_either_taken_or_left_out(objects: list[Found]) -> None:
    tally = Tally()

    taken = list(chosen(objects, Selection(routes={"photos/": ("labels", "text")}), tally))

    assert tally.objects == len(taken)
    assert tally.seen == len(objects) == tally.objects + tally.skipped.total()
    assert tally.calls.total() == 2 * len(taken)


def test_reasons_are_counted_in_words() -> None:
    assert reasons({Skip.EMPTY: 1_200, Skip.FOLDER: 3, Skip.OLD: 0}) == ["3 are folders", "1,200 are empty"]


def test_calls_are_priced_by_their_group() -> None:
    price = priced({"labels": 600_000, "faces": 600_000, "people": 1_000})

    assert price.calls == {Group.TWO: 1_200_000, Group.ONE: 1_000}
    assert price.rekognition_usd == Decimal(1_000) + Decimal(160) + Decimal(1)


def test_image_properties_bill_on_top_of_labels_only() -> None:
    alone, extra = priced({"labels": 1_000}), priced({"labels": 1_000}, image_properties=True)

    assert extra.rekognition_usd - alone.rekognition_usd == Decimal("0.75")
    assert priced({"faces": 1_000}, image_properties=True).rekognition_usd == 1


def test_custom_labels_have_no_price_of_an_image_and_that_is_said() -> None:
    price = priced({"custom_labels": 1_000})

    assert price.rekognition_usd == 0
    assert price.unpriced == ("custom_labels",)
    assert "custom_labels bills by the hour" in "\n".join(shown.lines(plan({}), price))


@given(st.dictionaries(st.sampled_from(list(ANALYSES)), st.integers(1, 10**8), min_size=1))
def test_the_slowest_analysis_decides_the_time(calls: dict[str, int]) -> None:
    assert priced(calls).seconds == max(calls.values()) / 5


def test_the_time_is_unknown_without_the_rates() -> None:
    price = quote(plan({"labels": 1}), calls_per_second={}, image_properties=False)

    assert price.seconds is None
    assert shown.UNKNOWN_TIME in shown.lines(plan({}), price)


@given(st.integers(1, 10**8))
def test_what_lies_around_rekognition_costs_a_fraction_of_it(objects: int) -> None:
    price = priced({"labels": objects}, objects)

    assert 0 < price.around_usd < price.rekognition_usd / 10
    assert price.usd == price.rekognition_usd + price.around_usd


@pytest.mark.parametrize(
    ("amount", "text"), [("0", "$0.00"), ("0.0001", "$0.01"), ("1234.5", "$1,234.50"), ("1.001", "$1.01")]
)
def test_money_is_never_shown_lower_than_it_is(amount: str, text: str) -> None:
    assert shown.usd(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 min 0 s"), (61, "1 min 1 s"), (3_600, "1 h 0 min"), (90_000, "1 d 1 h"), (1e8, "1,157 d 9 h")],
)
def test_times_are_told_in_two_units(seconds: float, text: str) -> None:
    assert shown.duration(seconds) == text
