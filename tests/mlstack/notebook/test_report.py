"""What a notebook costs, and when it stops itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.heartbeat import Heartbeat, newest
from mlstack.notebook.instance import Instance
from mlstack.notebook.report import Report
from mlstack.notebook.terms import Terms
from mlstack.price import HourlyPrice

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
TERMS = Terms(running_price="$0.05 an hour", stopped_price="$0.70 a month", idle_minutes=60, max_hours=12)
MINUTES = st.integers(min_value=0, max_value=100_000).map(lambda number: timedelta(minutes=number))


def report(
    status: str = "InService",
    *,
    ran: timedelta = timedelta(hours=3),
    beat: Heartbeat | None = None,
    terms: Terms = TERMS,
) -> Report:
    instance = Instance(status=status, instance_type="ml.t3.medium", volume_gb=5, changed_at=NOON - ran)
    return Report(name="n", instance=instance, terms=terms, now=NOON, last_heartbeat=beat)


def beat(ago: timedelta, idle: timedelta = timedelta(0)) -> Heartbeat:
    return Heartbeat(at=NOON - ago, idle=idle)


def test_a_run_is_priced_by_the_hours_so_far() -> None:
    assert report(ran=timedelta(hours=3)).usd_so_far == Decimal("0.15")
    assert dict(report(ran=timedelta(hours=3)).rows())["paid about so far"] == "$0.15"


def test_a_stopped_notebook_has_no_run() -> None:
    stopped = report("Stopped", beat=beat(timedelta(minutes=1)))

    assert stopped.machine()["running_since"] is None
    assert stopped.machine()["usd_so_far"] is None
    assert stopped.machine()["heartbeat_at"] is None
    assert "stops itself" not in dict(stopped.rows())


def test_an_idle_notebook_stops_when_its_idle_time_is_full_and_at_the_cap_at_the_latest() -> None:
    found = report(beat=beat(timedelta(minutes=2), idle=timedelta(minutes=20)))

    assert found.idle_stop == NOON + timedelta(minutes=38)
    assert found.latest_stop == NOON + timedelta(hours=9)
    assert dict(found.rows())["stops itself"] == (
        "about 2026-11-22 12:38 UTC if nobody uses it, 2026-11-22 21:00 UTC at the latest"
    )
    assert dict(found.rows())["last heartbeat"] == "2 min ago; idle for 20 min then"


def test_an_idle_stop_that_is_due_is_now_and_not_in_the_past() -> None:
    found = report(beat=beat(timedelta(minutes=5), idle=timedelta(minutes=90)))

    assert dict(found.rows())["stops itself"].startswith("about 2026-11-22 12:00 UTC")


def test_a_silent_notebook_is_called_silent() -> None:
    assert "what sends it has stopped" in dict(report(beat=beat(timedelta(minutes=40))).rows())["last heartbeat"]


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (timedelta(minutes=4), "none yet; the first comes some minutes after the start"),
        (timedelta(minutes=40), "none for 40 min: what sends it does not run"),
        (timedelta(hours=9), "none for 3 h: what sends it does not run"),
    ],
)
def test_a_notebook_that_was_never_heard_is_new_or_silent(ran: timedelta, said: str) -> None:
    assert dict(report(ran=ran).rows())["last heartbeat"] == said


def test_a_notebook_of_the_local_aws_is_not_expected_to_be_heard() -> None:
    found = replace(report(), is_local=True)

    assert dict(found.rows())["last heartbeat"] == "nothing sends any here"


def test_the_heartbeat_of_an_earlier_run_says_nothing_of_this_one() -> None:
    found = report(ran=timedelta(minutes=10), beat=beat(timedelta(minutes=12), idle=timedelta(minutes=59)))

    assert found.heartbeat is None
    assert found.idle_stop is None


@pytest.mark.parametrize("price", ["not known for eu-west-3", "", "$ an hour", "$0.70 a month"])
def test_a_price_that_is_not_known_is_not_made_up(price: str) -> None:
    found = report(terms=Terms(running_price=price))

    assert found.usd_so_far is None
    assert dict(found.rows())["paid about so far"] == "not known"
    assert dict(found.rows())["stops itself"] == "never: stop it yourself"


@pytest.mark.parametrize(
    ("outputs", "promise"),
    [
        (
            {"IdleMinutes": "60", "MaxHours": "12"},
            "when nobody has used it for 1 h, and 12 h after its start at the latest",
        ),
        ({"IdleMinutes": "0"}, "never stops itself"),
        ({"IdleMinutes": "soon", "MaxHours": "-1"}, "never stops itself"),
        ({"MaxHours": "8"}, "it stops itself 8 h after its start at the latest"),
    ],
)
def test_the_promise_is_what_the_stack_says(outputs: dict[str, str], promise: str) -> None:
    assert promise in Terms.read(outputs).promise


def test_a_price_of_thousands_is_read() -> None:
    assert HourlyPrice("$1,234.50 an hour (ml.p5)").usd == Decimal("1234.50")


def test_the_newest_data_point_counts_in_whatever_order_they_come() -> None:
    points = [{"Timestamp": NOON - timedelta(minutes=ago), "Maximum": float(ago)} for ago in (5, 0, 10)]

    assert newest(points) == Heartbeat(at=NOON, idle=timedelta(0))
    assert newest([]) is None


@given(ran=MINUTES, ago=MINUTES, idle=MINUTES, text=st.text())
def test_whatever_was_heard_the_report_can_be_written(
    ran: timedelta, ago: timedelta, idle: timedelta, text: str
) -> None:
    found = report(ran=ran, beat=beat(ago, idle), terms=Terms.read(dict.fromkeys(("RunningPrice", "MaxHours"), text)))

    assert json.loads(json.dumps(dict(found.machine())))["status"] == "InService"
    assert all(isinstance(value, str) for _, value in found.rows())


@given(ran=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_a_longer_run_never_costs_less(ran: timedelta) -> None:
    shorter, longer = TERMS.price.usd_for(ran), TERMS.price.usd_for(ran + timedelta(hours=1))

    assert shorter is not None
    assert longer is not None
    assert longer - shorter in {Decimal("0.05"), Decimal("0.04"), Decimal("0.06")}
