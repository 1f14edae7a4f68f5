"""What a step scaling policy makes of a breach, by the manual of Application Auto Scaling."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.service_scaling.step import Breach, Done, Range, StepPolicy, complaint

NOW = 1_800_000_000.0
ALLOWED = Range(0, 10)


def step(adjustment: int, lower: float | None = None, upper: float | None = None) -> dict[str, Any]:
    bounds = {"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper}
    return {"ScalingAdjustment": adjustment, **{name: bound for name, bound in bounds.items() if bound is not None}}


def policy(kind: str, *steps: dict[str, Any], **more: object) -> StepPolicy:
    return StepPolicy.of("wake", {"AdjustmentType": kind, "StepAdjustments": [*steps], **more})


def above(value: float, threshold: float = 1.0) -> Breach:
    return Breach(value, threshold, is_upwards=True)


BY_DEPTH = policy("ExactCapacity", step(1, 0, 9), step(2, 9, 19), step(3, 19))


@pytest.mark.parametrize(("visible", "wanted"), [(1, 1), (9.99, 1), (10, 2), (19, 2), (20, 3), (5000, 3)])
def test_the_depth_of_a_queue_says_how_many_tasks_there_are(visible: float, wanted: int) -> None:
    assert BY_DEPTH.wanted(above(visible), 0, ALLOWED, None, NOW) == wanted


def test_a_breach_that_no_step_is_for_does_nothing() -> None:
    assert BY_DEPTH.wanted(above(0.5), 0, ALLOWED, None, NOW) is None


def test_an_upper_bound_belongs_to_its_step_where_the_alarm_is_on_low_values() -> None:
    asleep = policy("ExactCapacity", step(0, upper=0))

    assert asleep.wanted(Breach(0.0, 0.0, is_upwards=False), 3, ALLOWED, None, NOW) == 0
    assert asleep.wanted(Breach(0.0, 0.0, is_upwards=True), 3, ALLOWED, None, NOW) is None


@pytest.mark.parametrize(("value", "wanted"), [(0.0, 1), (-9.9, 1), (-10.0, 0), (-50.0, 0)])
def test_below_a_threshold_a_lower_bound_belongs_to_the_next_step(value: float, wanted: int) -> None:
    falling = policy("ExactCapacity", step(1, -10, 0), step(0, upper=-10))

    assert falling.wanted(Breach(value, 0.0, is_upwards=False), 3, ALLOWED, None, NOW) == wanted


@pytest.mark.parametrize(
    ("kind", "adjustment", "magnitude", "capacity", "wanted"),
    [
        ("ChangeInCapacity", 2, 0, 3, 5),
        ("ChangeInCapacity", -2, 0, 3, 1),
        ("ChangeInCapacity", -5, 0, 3, 0),
        ("ChangeInCapacity", 50, 0, 3, 10),
        ("ExactCapacity", 7, 0, 3, 7),
        ("PercentChangeInCapacity", 127, 0, 10, 22),
        ("PercentChangeInCapacity", 10, 0, 3, 4),
        ("PercentChangeInCapacity", -10, 0, 3, 2),
        ("PercentChangeInCapacity", -66, 0, 10, 4),
        ("PercentChangeInCapacity", 25, 4, 4, 8),
        ("PercentChangeInCapacity", 100, 0, 0, 0),
    ],
)
def test_each_kind_of_adjustment_is_reckoned_as_the_manual_says(
    kind: str, adjustment: int, magnitude: int, capacity: int, wanted: int
) -> None:
    one = policy(kind, step(adjustment, 0), MinAdjustmentMagnitude=magnitude)
    allowed = Range(0, 22 if capacity == 10 and adjustment == 127 else 10)

    assert one.wanted(above(1), capacity, allowed, None, NOW) == wanted


def done(before: int, after: int, ago: float = 10.0, by: str = "wake") -> Done:
    return Done(NOW - ago, by, before, after, 300.0)


def test_what_was_added_a_moment_ago_counts_for_a_larger_step() -> None:
    growing = policy("ChangeInCapacity", step(2, 0, 10), step(3, 10))

    assert growing.wanted(above(5), 3, ALLOWED, done(1, 3), NOW) == 3
    assert growing.wanted(above(20), 3, ALLOWED, done(1, 3), NOW) == 4
    assert growing.wanted(above(5), 3, ALLOWED, done(1, 3, ago=300), NOW) == 5


def test_what_another_policy_added_does_not_count() -> None:
    growing = policy("ChangeInCapacity", step(2, 0))

    assert growing.wanted(above(5), 3, ALLOWED, done(1, 3, by="other"), NOW) == 5


def test_nothing_is_taken_away_while_the_last_activity_has_its_effect() -> None:
    asleep = policy("ExactCapacity", step(0, upper=0))
    none = Breach(0.0, 0.0, is_upwards=False)

    assert asleep.wanted(none, 3, ALLOWED, done(1, 3), NOW) == 3
    assert asleep.wanted(none, 3, ALLOWED, done(4, 3), NOW) == 3
    assert asleep.wanted(none, 3, ALLOWED, done(1, 3, ago=301), NOW) == 0


def test_capacity_is_added_at_once_after_some_was_taken_away() -> None:
    assert BY_DEPTH.wanted(above(10), 0, ALLOWED, done(3, 0), NOW) == 2


def test_a_policy_that_says_nothing_of_it_has_a_cooldown_of_five_minutes() -> None:
    assert (policy("ExactCapacity").cooldown, policy("ExactCapacity", Cooldown=60).cooldown) == (300, 60)


STEPS = st.lists(st.integers(-20, 20), min_size=1, max_size=4).map(
    lambda wanted: [
        step(one, number * 5 if number else None, (number + 1) * 5 if number < len(wanted) - 1 else None)
        for number, one in enumerate(wanted)
    ]
)
KINDS = st.sampled_from(["ExactCapacity", "ChangeInCapacity", "PercentChangeInCapacity"])
LAST = st.none() | st.builds(done, st.integers(0, 10), st.integers(0, 10), st.floats(0, 600))


@given(KINDS, STEPS, st.floats(-50, 50), st.integers(0, 12), LAST)
def test_a_policy_stays_within_what_its_target_allows(
    kind: str, steps: list[dict[str, Any]], delta: float, capacity: int, last: Done | None
) -> None:
    wanted = policy(kind, *steps).wanted(above(delta, 0.0), capacity, ALLOWED, last, NOW)

    assert wanted is not None  # the steps have no gap
    assert ALLOWED.least <= wanted <= ALLOWED.most
    if last is not None and last.at + last.cooldown > NOW:
        assert wanted >= min(capacity, ALLOWED.most)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"StepAdjustments": [step(1, 0)]}, "AdjustmentType"),
        ({"AdjustmentType": "Whatever", "StepAdjustments": [step(1, 0)]}, "AdjustmentType"),
        ({"AdjustmentType": "ExactCapacity"}, "At least one"),
        ({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(1, 0, 5), step(2, 6)]}, "gaps"),
        ({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(1, 0, 5), step(2, 4)]}, "overlap"),
        ({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(1), step(2)]}, "overlap"),
        ({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(1, 5, 5)]}, "less than"),
        ({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(-1, 0)]}, "negative"),
    ],
)
def test_steps_that_make_no_sense_are_refused(said: dict[str, Any], words: str) -> None:
    assert words in complaint(said)


def test_no_capacity_at_all_can_be_wanted() -> None:
    assert complaint({"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(0, upper=0)]}) == ""


def test_steps_that_follow_each_other_are_taken() -> None:
    said = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [step(2, 10), step(1, 0, 10), step(-1, upper=0)]}

    assert complaint(said) == ""
