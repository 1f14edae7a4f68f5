"""What SQS tells of a queue in each minute is what the queue was like then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.alarms.evaluation import Settings, points
from mlstack.local.queue_metrics.history import ACTIVE_S, KEPT_S, METRICS, History, State

NOW = 1_800_000_000.0
VISIBLE, HIDDEN = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
AGE, SENT = "ApproximateAgeOfOldestMessage", "NumberOfMessagesSent"


def queue(visible: int = 0, hidden: int = 0, sent: int = 0, oldest: float | None = None, used: float = NOW) -> State:
    return State(visible, hidden, sent, oldest, used)


def values(history: History, metric: str, now: float, minutes: int) -> list[float]:
    settings = Settings(
        period=60,
        evaluation_periods=minutes,
        datapoints_to_alarm=1,
        threshold=1,
        comparison="GreaterThanThreshold",
        statistic="Maximum",
    )
    return [point.value for point in points(settings, [*history.data(metric, now, 60.0 * minutes)], now)]


def test_each_minute_has_the_state_in_which_the_queue_was() -> None:
    history = History()
    history.observe(NOW - 170, queue(visible=1, sent=1, oldest=NOW - 170))
    history.observe(NOW - 65, queue(visible=2, hidden=1, sent=3, oldest=NOW - 170))
    history.observe(NOW - 5, queue(hidden=1, sent=4, oldest=NOW - 60))

    assert values(history, VISIBLE, NOW, 5) == [0.0, 2.0, 1.0]
    assert values(history, HIDDEN, NOW, 5) == [1.0, 1.0, 0.0]
    assert values(history, AGE, NOW, 5) == [60.0, 110.0, 50.0]
    assert values(history, SENT, NOW, 5) == [1.0, 2.0, 1.0]


def test_a_message_is_seen_at_the_very_next_look_wherever_in_the_minute_that_is() -> None:
    for second in range(60):
        history = History()
        history.observe(NOW - 600, queue())
        history.observe(NOW + second - 1, queue(visible=1, sent=1, oldest=NOW + second - 1))

        assert values(history, VISIBLE, NOW + second, 1) == [1.0]


def test_nothing_is_told_of_a_queue_before_it_was_there() -> None:
    history = History()

    assert values(history, VISIBLE, NOW, 3) == []
    history.observe(NOW - 30, queue())
    assert values(history, VISIBLE, NOW, 3) == [0.0]


def test_nothing_is_told_of_an_empty_queue_that_nobody_used_for_six_hours() -> None:
    history = History()
    history.observe(NOW, queue(used=NOW))

    assert values(history, VISIBLE, NOW + ACTIVE_S, 1) == [0.0]
    assert values(history, VISIBLE, NOW + ACTIVE_S + 120, 1) == []


def test_a_queue_with_a_message_is_told_of_however_long_nobody_uses_it() -> None:
    history = History()
    history.observe(NOW, queue(visible=1, sent=1, oldest=NOW, used=NOW))

    assert values(history, AGE, NOW + 2 * ACTIVE_S, 1) == [2 * ACTIVE_S]


def test_a_history_forgets_what_is_older_than_it_is_kept() -> None:
    history = History()
    for minute in range(5000):
        history.observe(NOW + 60 * minute, queue(visible=minute % 2))

    assert history.at(NOW) is None
    assert history.at(NOW + 60 * 4999 - KEPT_S + 60) is not None


OBSERVED = st.lists(st.tuples(st.floats(0, 3600), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=20).map(
    sorted
)


@given(OBSERVED, st.floats(0, 3600))
def test_at_any_moment_the_last_observation_holds(seen: list[tuple[float, int, int]], asked: float) -> None:
    history = History()
    for at, visible, hidden in seen:
        history.observe(NOW + at, queue(visible=visible, hidden=hidden))

    found = history.at(NOW + asked)

    before = [(visible, hidden) for at, visible, hidden in seen if NOW + at <= NOW + asked]
    assert (found and (found.visible, found.hidden)) == (before[-1] if before else None)


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_metric_that_is_told_is_no_less_than_nothing(metric: str) -> None:
    history = History()
    history.observe(NOW, queue(visible=1, hidden=2, sent=3, oldest=NOW + 5))

    assert [value for value in values(history, metric, NOW + 1, 1) if value < 0] == []
