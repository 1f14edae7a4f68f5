"""A wait has an end, and no sleep goes beyond it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.clock import moment, span
from mlstack.patience import Patience
from tests.mlstack.wire import Clock


@given(limit=st.floats(0, 10_000), step=st.floats(1, 1_000))
def test_patience_lasts_as_long_as_its_limit_and_no_longer(limit: float, step: float) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock = Clock(monkeypatch)
        patience = Patience(limit)

        while patience.wait(step):
            assert clock.now <= limit

        assert sum(clock.slept) == pytest.approx(limit)


def test_patience_begins_when_there_is_something_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    patience = Patience(10)
    clock.now = 1_000

    assert patience.waited_s == 0
    assert patience.wait(4)
    assert patience.waited_s == 4


def test_renewed_patience_is_whole_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    patience = Patience(10)
    assert patience.wait(10)
    assert not patience.wait(1)

    patience.renew()

    assert patience.wait(10)
    assert clock.slept == [10, 10]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 min"),
        (0, "0 min"),
        (59, "0 min"),
        (60, "1 min"),
        (3_600, "1 h"),
        (7_800, "2 h 10 min"),
        (90_000, "25 h"),
    ],
)
def test_a_span_is_shown_to_the_minute(seconds: int, shown: str) -> None:
    assert span(timedelta(seconds=seconds)) == shown


def test_a_moment_is_shown_in_utc_wherever_it_comes_from() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)

    assert moment(noon.astimezone(timezone(timedelta(hours=9)))) == "2026-11-22 12:00 UTC"
