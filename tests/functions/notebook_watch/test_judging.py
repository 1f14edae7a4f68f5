"""When a notebook instance is stopped from outside: the pure decision."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_watch.judging import RUNNING, Notebook, patience, reason_to_stop
from notebook_watch.settings import Settings
from shared.silence import Silence

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = Settings(name="notebook", longest=12 * HOUR, heartbeat=5 * MINUTE, grace=20 * MINUTE)
NOTHING, REFUSED, OUTAGE = Silence.HEARD_NOTHING, Silence.NOT_ALLOWED, Silence.OUTAGE
STATUSES = (
    *("Pending", "InService", "Stopping", "Stopped", "Failed", "Deleting", "Updating"),
    *("PendingMaintenance", "InMaintenance"),
)


def judged(age: timedelta, heard: timedelta | Silence, status: str = "InService") -> str | None:
    """The decision on an instance of this age whose agent was heard of so long ago."""
    last = heard if isinstance(heard, Silence) else NOW - heard
    return reason_to_stop(Notebook(status, NOW - age), last, SETTINGS, NOW)


@pytest.mark.parametrize(
    ("age", "heard"),
    [
        (1 * MINUTE, NOTHING),
        (19 * MINUTE, NOTHING),
        (19 * MINUTE, 3 * HOUR),
        (19 * MINUTE, REFUSED),
        (3 * HOUR, 1 * MINUTE),
        (3 * HOUR, 15 * MINUTE),
        (3 * HOUR, -1 * MINUTE),
        (3 * HOUR, OUTAGE),
        (12 * HOUR, 3 * MINUTE),
        (12 * HOUR + 15 * MINUTE, 3 * MINUTE),
        (12 * HOUR + 15 * MINUTE, OUTAGE),
        (-2 * MINUTE, NOTHING),
    ],
)
def test_instance_runs_on(age: timedelta, heard: timedelta | Silence) -> None:
    assert judged(age, heard) is None


@pytest.mark.parametrize(
    ("age", "heard", "reason"),
    [
        (20 * MINUTE, NOTHING, "its agent has not been heard of since 2026-11-20 14:40 UTC"),
        (3 * HOUR, NOTHING, "its agent has not been heard of since 2026-11-20 12:00 UTC"),
        (3 * HOUR, 16 * MINUTE, "its agent has not been heard of since 2026-11-20 14:44 UTC"),
        (30 * MINUTE, 3 * HOUR, "its agent has not been heard of since 2026-11-20 14:30 UTC"),
        (20 * MINUTE, REFUSED, "CloudWatch does not let this function read the heartbeat"),
        (12 * HOUR + 16 * MINUTE, 1 * MINUTE, "it has run for 12.3 h and may for 12 h"),
        (13 * HOUR, OUTAGE, "it has run for 13 h and may for 12 h"),
        (900 * HOUR, NOTHING, "it has run for 900 h and may for 12 h"),
    ],
)
def test_instance_is_stopped(age: timedelta, heard: timedelta | Silence, reason: str) -> None:
    said = judged(age, heard)

    assert said is not None
    assert said.startswith(reason)


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_runs_is_stopped(status: str) -> None:
    said = judged(900 * HOUR, NOTHING, status)

    assert (said is not None) is (status in {"InService", "PendingMaintenance"})


AGES = st.timedeltas(timedelta(), timedelta(days=40))
HEARD = st.sampled_from(Silence) | st.timedeltas(timedelta(minutes=-2), timedelta(days=41))
TIMES = st.builds(
    Settings,
    name=st.just("notebook"),
    longest=st.timedeltas(HOUR, 100 * HOUR),
    heartbeat=st.timedeltas(MINUTE, 30 * MINUTE),
    grace=st.timedeltas(timedelta(), 2 * HOUR),
)


@given(age=AGES, heard=HEARD, settings=TIMES, status=st.sampled_from(STATUSES))
def test_nothing_outlives_its_cap_and_nothing_young_or_alive_is_stopped(
    age: timedelta, heard: timedelta | Silence, settings: Settings, status: str
) -> None:
    last = heard if isinstance(heard, Silence) else NOW - heard

    said = reason_to_stop(Notebook(status, NOW - age), last, settings, NOW)

    if status not in RUNNING:
        assert said is None
    elif age > settings.longest + patience(settings):
        assert said is not None
    elif age < settings.grace or heard is OUTAGE or (isinstance(heard, timedelta) and heard <= patience(settings)):
        assert said is None


@given(age=AGES, heard=HEARD, settings=TIMES, later=st.timedeltas(timedelta(), timedelta(days=2)))
def test_what_is_stopped_for_silence_or_age_is_so_later_as_well(
    age: timedelta, heard: timedelta | Silence, settings: Settings, later: timedelta
) -> None:
    notebook = Notebook("InService", NOW - age)
    last = heard if isinstance(heard, Silence) else NOW - heard

    before = reason_to_stop(notebook, last, settings, NOW)

    assert before is None or reason_to_stop(notebook, last, settings, NOW + later) is not None


@given(beats=st.lists(st.timedeltas(240 * timedelta(seconds=1), 330 * timedelta(seconds=1)), min_size=5, max_size=200))
def test_agent_that_beats_is_never_called_silent_though_one_beat_in_two_is_lost(beats: list[timedelta]) -> None:
    start, put = NOW - 2 * MINUTE, NOW
    seen = []
    for number, gap in enumerate(beats):
        put += gap
        if number % 2 == 0:
            seen.append(put.replace(second=0, microsecond=0))

    for look in range(int((put - start) / MINUTE)):
        now = start + look * MINUTE
        shown = [beat for beat in seen if beat <= now - 2 * MINUTE]
        heard = max(shown, default=None) or NOTHING
        assert reason_to_stop(Notebook("InService", start), heard, SETTINGS, now) is None or now - start > 12 * HOUR
