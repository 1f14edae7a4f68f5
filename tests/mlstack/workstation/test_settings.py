"""What a workstation's parameter says, and what it says where somebody has broken it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.settings import Settings
from tests.mlstack.workstation.conftest import SETTINGS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (its bounds)
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


def read(**changed: object) -> Settings:
    """The settings of a parameter."""
    found = Settings.read(json.dumps(SETTINGS | changed))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changed", "promise"),
    [
        ({}, "it stops itself when nobody has used it for 30 min, and 12 h after its start at the latest"),
        (
            {"on_idle": "terminate", "max_hours": None},
            "it terminates itself, and its disk is lost, when nobody has used it for 30 min",
        ),
        ({"daily_stop": "07:30", "idle_minutes": 0, "max_hours": -1}, "it stops itself every day at 07:30 (UTC)"),
        ({"idle_minutes": "soon", "max_hours": True}, "it is not known that it ever stops itself: stop it yourself"),
    ],
)
def test_the_promise_is_what_the_parameter_says(changed: dict[str, object], promise: str) -> None:
    assert read(**changed).promise == promise


@pytest.mark.parametrize(
    ("clock", "zone", "expected"),
    [
        ("22:00", "UTC", datetime(2026, 11, 22, 22, tzinfo=UTC)),
        ("12:00", "UTC", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("12:01", "UTC", datetime(2026, 11, 22, 12, 1, tzinfo=UTC)),
        ("22:00", "Europe/Paris", datetime(2026, 11, 22, 21, tzinfo=UTC)),
        ("05:00", "America/New_York", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("never", "UTC", None),
        ("24:00", "UTC", None),
        ("22:00", "Mars/Olympus", None),
        ("22:00", "../../etc/passwd", None),
        ("22:00", "\0", None),
        ("22:00", "x" * 5000, None),
    ],
)
def test_the_daily_stop_comes_next_by_the_clock_of_its_zone(clock: str, zone: str, expected: datetime | None) -> None:
    assert read(daily_stop=clock, time_zone=zone).next_daily_stop(NOON) == expected


@given(now=MOMENTS, hour=st.integers(0, 23), minute=st.integers(0, 59), zone=st.sampled_from(ZONES))
def test_the_next_daily_stop_is_ahead_and_within_a_day(now: datetime, hour: int, minute: int, zone: str) -> None:
    found = read(daily_stop=f"{hour:02}:{minute:02}", time_zone=zone).next_daily_stop(now)

    assert found is not None
    assert timedelta(0) < found - now <= timedelta(hours=25)


@given(since=MOMENTS, ran=st.timedeltas(timedelta(0), timedelta(hours=12)), hour=st.integers(0, 23))
def test_the_latest_stop_is_the_sooner_of_both(since: datetime, ran: timedelta, hour: int) -> None:
    settings = read(daily_stop=f"{hour:02}:00")

    latest = settings.latest_stop(since, since + ran)

    assert latest is not None
    assert latest in {since + timedelta(hours=12), settings.next_daily_stop(since + ran)}
    assert latest <= since + timedelta(hours=12)


def test_without_any_bound_there_is_no_latest_stop() -> None:
    assert read(max_hours=None).latest_stop(NOON, NOON) is None


@pytest.mark.parametrize(
    ("image", "follows"),
    [("/aws/service/deeplearning/ami/x86_64/base/latest/ami-id", True), ("ami-0123", False), ("", False), (7, False)],
)
def test_an_image_is_followed_where_it_is_a_public_parameter(image: object, follows: bool) -> None:  # noqa: FBT001 (a table's column)
    assert read(image=image).follows_latest is follows


@given(text=st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_what_is_no_object_is_no_settings(text: str) -> None:
    assert Settings.read(text) is None or text.lstrip().startswith("{")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(values=st.dictionaries(st.sampled_from(sorted(SETTINGS)), JSON), now=MOMENTS)
def test_whatever_stands_in_it_everything_can_be_said(values: dict[str, object], now: datetime) -> None:
    found = Settings.read(json.dumps(values))

    assert found is not None
    assert (found.promise + found.running_price + found.daily).isprintable()
    latest = found.latest_stop(now, now)
    assert latest is None or latest > now
    assert found.price.usd_for(timedelta(hours=1)) is None or found.price.usd is not None
