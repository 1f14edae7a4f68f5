"""When a workstation is ended from outside: the pure decision."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.silence import Silence
from workstation_watch.judging import Verdict, Workstation, judge, longest, patience
from workstation_watch.settings import Settings

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SETTINGS = Settings(
    stage="sandbox", longest={"trainer": 12 * HOUR, "painter": 4 * HOUR}, heartbeat=5 * MINUTE, grace=20 * MINUTE
)
NOTHING, REFUSED, OUTAGE = Silence.HEARD_NOTHING, Silence.NOT_ALLOWED, Silence.OUTAGE


def workstation(age: timedelta, name: str = "trainer") -> Workstation:
    return Workstation(id="i-1", name=name, state="running", since=NOW - age)


def judged(age: timedelta, heard: timedelta | Silence, name: str = "trainer", settings: Settings = SETTINGS) -> Verdict:
    """The decision on an instance of this age whose agent was heard of so long ago."""
    last = heard if isinstance(heard, Silence) else NOW - heard
    return judge(workstation(age, name), last, settings, NOW)


@pytest.mark.parametrize(
    ("age", "heard", "name", "reason"),
    [
        (1 * MINUTE, NOTHING, "trainer", "it has just started, and has 20 min to be heard of"),
        (20 * MINUTE, NOTHING, "trainer", "it has just started"),
        (-2 * MINUTE, NOTHING, "trainer", "it has just started"),
        (19 * MINUTE, 3 * HOUR, "trainer", "it has just started"),
        (3 * HOUR, 1 * MINUTE, "trainer", "its agent was heard of at 2026-11-20 14:59 UTC"),
        (3 * HOUR, 20 * MINUTE, "trainer", "its agent was heard of at 2026-11-20 14:40 UTC"),
        (3 * HOUR, -1 * MINUTE, "trainer", "its agent was heard of"),
        (3 * HOUR, OUTAGE, "trainer", "its heartbeat cannot be read, so only its longest time of 12 h counts"),
        (3 * HOUR, REFUSED, "trainer", "its heartbeat cannot be read, so only its longest time of 12 h counts"),
        (1 * MINUTE, OUTAGE, "trainer", "its heartbeat cannot be read"),
        (12 * HOUR, 3 * MINUTE, "trainer", "its agent was heard of"),
        (4 * HOUR, 3 * MINUTE, "stranger", "its agent was heard of"),
    ],
)
def test_workstation_is_left(age: timedelta, heard: timedelta | Silence, name: str, reason: str) -> None:
    verdict = judged(age, heard, name)

    assert not verdict.ends
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize(
    ("age", "heard", "name", "reason"),
    [
        (21 * MINUTE, NOTHING, "trainer", "its agent has not been heard of since 2026-11-20 14:39 UTC"),
        (3 * HOUR, NOTHING, "trainer", "its agent has not been heard of since 2026-11-20 12:00 UTC"),
        (3 * HOUR, 21 * MINUTE, "trainer", "its agent has not been heard of since 2026-11-20 14:39 UTC"),
        (30 * MINUTE, 3 * HOUR, "trainer", "its agent has not been heard of since 2026-11-20 14:30 UTC"),
        (12 * HOUR + MINUTE, 1 * MINUTE, "trainer", "it has run for 12.02 h and may for 12 h"),
        (12 * HOUR + MINUTE, OUTAGE, "trainer", "it has run for 12.02 h and may for 12 h"),
        (12 * HOUR + MINUTE, REFUSED, "trainer", "it has run for 12.02 h and may for 12 h"),
        (5 * HOUR, 1 * MINUTE, "painter", "it has run for 5 h and may for 4 h"),
        (5 * HOUR, 1 * MINUTE, "stranger", "it has run for 5 h and may for 4 h"),
        (5 * HOUR, 1 * MINUTE, "", "it has run for 5 h and may for 4 h"),
        (5 * HOUR, 1 * MINUTE, "Trainer", "it has run for 5 h and may for 4 h"),
    ],
)
def test_workstation_is_ended(age: timedelta, heard: timedelta | Silence, name: str, reason: str) -> None:
    assert judged(age, heard, name) == Verdict(ends=True, reason=reason)


@pytest.mark.parametrize(("heartbeat", "waits"), [(5, 20), (7, 20), (10, 25), (30, 65)])
def test_patience_is_the_grace_unless_one_lost_heartbeat_takes_longer(heartbeat: int, waits: int) -> None:
    settings = Settings(stage="sandbox", longest=SETTINGS.longest, heartbeat=heartbeat * MINUTE, grace=SETTINGS.grace)

    assert patience(settings) == waits * MINUTE


AGES = st.timedeltas(timedelta(), timedelta(days=40))
HEARD = st.sampled_from(Silence) | st.timedeltas(timedelta(minutes=-2), timedelta(days=41))
NAMES = st.sampled_from(["trainer", "painter", "stranger", ""])
TIMES = st.builds(
    Settings,
    stage=st.just("sandbox"),
    longest=st.dictionaries(NAMES, st.timedeltas(HOUR, 100 * HOUR), min_size=1),
    heartbeat=st.timedeltas(MINUTE, 30 * MINUTE),
    grace=st.timedeltas(timedelta(), 2 * HOUR),
)


@given(age=AGES, heard=HEARD, name=NAMES, settings=TIMES)
def test_nothing_outlives_its_cap_and_nothing_young_alive_or_unseen_is_ended(
    age: timedelta, heard: timedelta | Silence, name: str, settings: Settings
) -> None:
    ends = judged(age, heard, name, settings).ends

    if age > longest(name, settings):
        assert ends
    elif heard in {OUTAGE, REFUSED} or age <= patience(settings):
        assert not ends
    else:
        assert ends is (heard is NOTHING or (isinstance(heard, timedelta) and heard > patience(settings)))


@given(age=AGES, heard=HEARD, name=NAMES, settings=TIMES, later=st.timedeltas(timedelta(), timedelta(days=2)))
def test_what_is_ended_is_so_later_as_well(
    age: timedelta, heard: timedelta | Silence, name: str, settings: Settings, later: timedelta
) -> None:
    box = workstation(age, name)
    last = heard if isinstance(heard, Silence) else NOW - heard

    before = judge(box, last, settings, NOW)

    assert judge(box, last, settings, NOW + later).ends or not before.ends


@given(name=st.text(), settings=TIMES)
def test_nobody_runs_longer_than_the_longest_and_strangers_no_longer_than_the_shortest(
    name: str, settings: Settings
) -> None:
    told = settings.longest

    assert longest(name, settings) == (told[name] if name in told else min(told.values()))


@given(beats=st.lists(st.timedeltas(timedelta(seconds=240), timedelta(seconds=330)), min_size=5, max_size=100))
def test_agent_that_beats_is_never_called_silent_though_one_beat_in_two_is_lost(beats: list[timedelta]) -> None:
    start, put = NOW - 2 * MINUTE, NOW
    seen = []
    for number, gap in enumerate(beats):
        put += gap
        if number % 2 == 0:
            seen.append(put.replace(second=0, microsecond=0))
    box = Workstation(id="i-1", name="trainer", state="running", since=start)

    for look in range(int((put - start) / MINUTE)):
        now = start + look * MINUTE
        heard = max((beat for beat in seen if beat <= now - 2 * MINUTE), default=None) or NOTHING
        assert not judge(box, heard, SETTINGS, now).ends or now - start > 12 * HOUR
