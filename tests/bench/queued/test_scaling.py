"""What alarms make of the queue's figures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.queued.scaling import AutoScaling, Missing, Rule, Sample, Scaling, Step
from tests.bench.queued.made import service

WAKE, SLEEP = service(most=3, backlog=10, sleep_minutes=3).scaling.rules
samples = st.one_of(st.none(), st.builds(Sample, st.integers(0, 500), st.integers(0, 50), st.integers(0, 50)))


def scaling(*rules: Rule, least: int = 0, most: int = 3) -> AutoScaling:
    return AutoScaling(Scaling(least=least, most=most, rules=rules))


@pytest.mark.parametrize(("visible", "tasks"), [(1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (2000, 3)])
def test_depth_says_how_many_tasks_there_shall_be(visible: int, tasks: int) -> None:
    assert scaling(WAKE).judge(Sample(visible, 0), 0, 0) == tasks


def test_nothing_that_waits_wakes_nobody() -> None:
    assert scaling(WAKE).judge(Sample(0, 5), 0, 0) == 0


def test_service_sleeps_after_as_many_empty_minutes_as_it_says() -> None:
    judge = scaling(WAKE, SLEEP)

    tasks = [judge.judge(Sample(0, 0), 100.0 + 60 * minute, 2) for minute in range(4)]

    assert tasks == [2, 2, 0, 0]


@pytest.mark.parametrize("busy", [Sample(1, 0), Sample(0, 1)])
def test_one_busy_minute_begins_the_count_anew(busy: Sample) -> None:
    judge = scaling(SLEEP)

    tasks = [
        judge.judge(sample, 60.0 * minute, 1)
        for minute, sample in enumerate([Sample(0, 0), Sample(0, 0), busy, Sample(0, 0), Sample(0, 0), Sample(0, 0)])
    ]

    assert tasks == [1, 1, 1, 1, 1, 0]


def test_what_was_sent_counts_only_where_the_alarm_says_so() -> None:
    listening = replace(SLEEP, counts=SLEEP.counts | {"sent"}, periods=1, needed=1)
    deaf = replace(SLEEP, periods=1, needed=1)

    assert scaling(listening).judge(Sample(0, 0, 1), 0, 1) == 1
    assert scaling(deaf).judge(Sample(0, 0, 1), 0, 1) == 0


def test_some_of_the_minutes_are_enough_where_the_alarm_says_so() -> None:
    judge = scaling(replace(SLEEP, periods=3, needed=2))

    tasks = [
        judge.judge(sample, 60.0 * minute, 1)
        for minute, sample in enumerate([Sample(0, 0), Sample(0, 1), Sample(0, 0)])
    ]

    assert tasks == [1, 1, 0]


@pytest.mark.parametrize(("missing", "tasks"), [("zero", 0), ("breaching", 1), ("notBreaching", 1), ("ignore", 1)])
def test_minutes_without_a_figure_send_to_sleep_only_where_they_count_as_zero(missing: Missing, tasks: int) -> None:
    judge = scaling(replace(SLEEP, missing=missing))  # a policy takes no step without a figure

    assert [judge.judge(None, 60.0 * minute, 1) for minute in range(5)][-1] == tasks


def test_missing_minutes_that_breach_shorten_the_wait_for_sleep() -> None:
    breaching, ignoring = (scaling(replace(SLEEP, missing=missing)) for missing in ("breaching", "ignore"))

    for judge in (breaching, ignoring):
        for minute in range(2):
            judge.judge(None, 60.0 * minute, 1)

    assert breaching.judge(Sample(0, 0), 120, 1) == 0
    assert ignoring.judge(Sample(0, 0), 120, 1) == 1


def test_decrease_waits_for_the_cooldown_and_an_increase_does_not() -> None:
    judge = scaling(replace(WAKE, cooldown_s=300))

    assert judge.judge(Sample(15, 0), 0, 0) == 2
    assert judge.judge(Sample(5, 0), 299, 2) == 2
    assert judge.judge(Sample(25, 0), 299, 2) == 3
    assert judge.judge(Sample(5, 0), 500, 3) == 3
    assert judge.judge(Sample(5, 0), 599, 3) == 1


def test_tasks_stay_between_least_and_most() -> None:
    assert scaling(WAKE, most=2).judge(Sample(2000, 0), 0, 0) == 2
    assert scaling(replace(SLEEP, periods=1, needed=1), least=1).judge(Sample(0, 0), 0, 3) == 1


@pytest.mark.parametrize(
    ("comparison", "value", "rings"),
    [
        ("GreaterThanOrEqualToThreshold", 5, True),
        ("GreaterThanThreshold", 5, False),
        ("LessThanOrEqualToThreshold", 5, True),
        ("LessThanThreshold", 5, False),
        ("GreaterThanThreshold", 6, True),
        ("LessThanThreshold", 4, True),
    ],
)
def test_alarm_rings_as_its_comparison_says(comparison: str, value: float, *, rings: bool) -> None:
    assert replace(WAKE, comparison=comparison, threshold=5).breaches(value) is rings


@pytest.mark.parametrize(("beyond", "upwards", "within"), [(0, True, True), (10, True, False), (-5, True, False)])
def test_nearer_bound_belongs_to_a_step_upwards(beyond: float, *, upwards: bool, within: bool) -> None:
    assert Step(lower=0, upper=10, tasks=1).holds(beyond, upwards=upwards) is within


@pytest.mark.parametrize(("beyond", "within"), [(0, True), (-10, False), (-9, True), (1, False)])
def test_nearer_bound_belongs_to_a_step_downwards(beyond: float, *, within: bool) -> None:
    assert Step(lower=-10, upper=0, tasks=1).holds(beyond, upwards=False) is within


@given(st.lists(samples, max_size=40), st.integers(0, 2), st.integers(3, 6))
def test_number_of_tasks_never_leaves_its_bounds(seen: list[Sample | None], least: int, most: int) -> None:
    judge, tasks = scaling(WAKE, SLEEP, least=least, most=most), least

    for minute, sample in enumerate(seen):
        tasks = judge.judge(sample, 60.0 * minute, tasks)
        assert least <= tasks <= most


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.integers(0, 3))
def test_nobody_sleeps_while_something_waits(depths: list[int], tasks: int) -> None:
    judge = scaling(WAKE, SLEEP)

    for minute, depth in enumerate(depths):
        tasks = judge.judge(Sample(depth, 0), 60.0 * minute, tasks)

    assert tasks >= 1
