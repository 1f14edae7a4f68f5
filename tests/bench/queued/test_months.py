"""The months of requests that are simulated."""

from itertools import pairwise

import pytest

from bench.queued.assumptions import HOUR, Span
from bench.queued.months import BATCH, DAY, DAYS, LENGTH, MONTHS, WEEK, WORKDAYS, month

ANSWER = Span(0.003, 0.040)


@pytest.mark.parametrize("name", MONTHS)
def test_month_is_in_order_and_within_its_days(name: str) -> None:
    drawn = month(name, 1, ANSWER)

    assert drawn
    assert all(one.at <= two.at for one, two in pairwise(drawn))
    assert drawn[0].at >= 0
    assert drawn[-1].at < LENGTH


@pytest.mark.parametrize("name", ["sparse", "silence", "office hours"])
def test_month_is_drawn_from_its_name_and_seed_alone(name: str) -> None:
    assert month(name, 1, ANSWER) == month(name, 1, ANSWER)
    assert month(name, 1, ANSWER) != month(name, 2, ANSWER)


def test_answers_take_what_was_measured_and_mostly_little() -> None:
    seconds = sorted(one.cpu_s for one in month("office hours", 1, ANSWER))

    assert ANSWER.low <= seconds[0] < 1.1 * ANSWER.low
    assert 0.9 * ANSWER.high < seconds[-1] <= ANSWER.high
    assert seconds[len(seconds) // 2] < (ANSWER.low + ANSWER.high) / 2


def test_batch_is_two_thousand_photos_each_night() -> None:
    drawn = month("nightly batch", 1, ANSWER)

    assert len(drawn) == BATCH * DAYS
    assert all(2 * HOUR <= one.at % DAY <= 2 * HOUR + 300 for one in drawn)


def test_office_is_open_on_working_days_from_nine_to_six() -> None:
    drawn = month("office hours", 1, ANSWER)

    assert all(one.at // DAY % WEEK < WORKDAYS for one in drawn)
    assert all(9 * HOUR <= one.at % DAY < 18 * HOUR for one in drawn)


def test_launch_is_a_thousand_times_the_other_days() -> None:
    drawn = month("launch spike", 1, ANSWER)

    launch = sum(one.at // DAY == 9 for one in drawn)
    assert launch > 20_000
    assert len(drawn) - launch < 100 * DAYS


def test_sparse_requests_are_mostly_further_apart_than_the_metrics_stay_awake() -> None:
    drawn = month("sparse", 1, ANSWER)

    gaps = [later.at - earlier.at for earlier, later in pairwise(drawn)]
    assert sum(gap > 6 * HOUR for gap in gaps) > len(gaps) / 3
    assert min(gaps) < HOUR


def test_silence_lasts_for_days() -> None:
    drawn = month("silence", 1, ANSWER)

    assert len(drawn) == 43
    assert max(later.at - earlier.at for earlier, later in pairwise(drawn)) > 15 * DAY


def test_everything_is_the_sum_of_the_loud_months() -> None:
    loud = ["nightly batch", "office hours", "launch spike"]

    found = len(month("everything", 1, ANSWER))

    assert found == pytest.approx(sum(len(month(name, 1, ANSWER)) for name in loud), rel=0.02)
