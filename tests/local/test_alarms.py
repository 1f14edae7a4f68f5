"""An alarm's state as CloudWatch finds it, by CloudWatch's own tables, and what comes of a change of state."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.alarms import reason
from mlstack.local.alarms.evaluation import ALARM, OK, UNKNOWN, Datum, Settings, breaching, evaluate, points
from mlstack.local.alarms.watch import moments

KEEPS = "keeps"
NOW = 1_800_000_000.0
"""A full minute."""
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
STATES = (OK, ALARM, UNKNOWN)
OF_THREE = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    (3, "0-X-X"): (OK, OK, OK, OK),
    (3, "0----"): (OK, OK, OK, OK),
    (3, "-----"): (UNKNOWN, KEEPS, ALARM, OK),
    (3, "0XX-X"): (ALARM, ALARM, ALARM, ALARM),
    (3, "--X--"): (ALARM, KEEPS, ALARM, OK),
    (2, "0-X-X"): (ALARM, ALARM, ALARM, ALARM),
    (2, "00X0X"): (ALARM, ALARM, ALARM, ALARM),
    (2, "0-X--"): (OK, OK, ALARM, OK),
    (2, "----0"): (OK, OK, ALARM, OK),
    (2, "---X-"): (ALARM, KEEPS, ALARM, OK),
    # The same page, on alarms that would come too early
    (3, "----X"): (OK, KEEPS, ALARM, OK),
    (3, "---X-"): (OK, KEEPS, ALARM, OK),
}


def settings(**more: object) -> Settings:
    wanted = {
        "period": 300,
        "evaluation_periods": 3,
        "datapoints_to_alarm": 3,
        "threshold": 45.0,
        "comparison": "GreaterThanThreshold",
        "statistic": "Minimum",
    }
    return Settings(**{**wanted, **more})  # type: ignore[arg-type]  # the tests' own


def one(at: float, value: float) -> Datum:
    return Datum(at, value, value, value, 1.0)


def drawn(picture: str, period: int = 300) -> list[Datum]:
    """X is a value that breaches, 0 one that does not, - none; the newest is on the right."""
    ages = range(len(picture) - 1, -1, -1)
    middle = [(NOW - (age + 0.5) * period, sign) for age, sign in zip(ages, picture, strict=True)]
    return [one(at, {"X": 99.0, "0": 0.0}[sign]) for at, sign in middle if sign != "-"]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("case", [*OF_THREE], ids=lambda case: f"{case[0]} of 3: {case[1]}")
def test_the_state_is_the_one_that_the_manual_gives(case: tuple[int, str], before: str) -> None:
    wanted, picture = case

    found = [
        evaluate(settings(datapoints_to_alarm=wanted, missing=missing), drawn(picture), before, NOW).state
        for missing in TREATMENTS
    ]

    assert found == [before if state == KEEPS else state for state in OF_THREE[case]]


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", False, False, True),
        ("GreaterThanOrEqualToThreshold", False, True, True),
        ("LessThanThreshold", True, False, False),
        ("LessThanOrEqualToThreshold", True, True, False),
    ],
)
def test_the_threshold_itself_counts_where_the_comparison_says_so(
    comparison: str, *, below: bool, at: bool, above: bool
) -> None:
    wanted = settings(comparison=comparison)

    assert [breaching(wanted, value) for value in (44.0, 45.0, 46.0)] == [below, at, above]


@pytest.mark.parametrize(
    "more",
    [{"comparison": "LessThanLowerThreshold"}, {"statistic": "p99"}, {"period": 0}],
    ids=["a band", "a percentile", "no period"],
)
def test_an_alarm_of_another_kind_is_not_judged(more: dict[str, object]) -> None:
    assert settings().is_judged
    assert not settings(**more).is_judged


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Minimum", 1.0), ("Maximum", 9.0), ("Sum", 20.0), ("Average", 4.0), ("SampleCount", 5.0)],
)
def test_each_statistic_is_over_all_that_was_put_in_the_period(statistic: str, value: float) -> None:
    data = [one(NOW - 10, 2.0), Datum(NOW - 20, 1.0, 9.0, 18.0, 4.0)]

    assert [point.value for point in points(settings(statistic=statistic), data, NOW)] == [value]


def test_a_set_of_no_values_is_no_data() -> None:
    assert points(settings(statistic="Average"), [Datum(NOW - 10, 0.0, 0.0, 0.0, 0.0)], NOW) == ()


def test_periods_end_at_the_last_full_minute() -> None:
    at_the_end, just_now = one(NOW, 1.0), one(NOW + 30, 2.0)

    found = points(settings(), [at_the_end, just_now], NOW + 59)

    assert [point.at for point in found] == []
    assert [point.age for point in points(settings(), [at_the_end], NOW + 60)] == [0]


def test_an_alarm_that_is_quicker_than_a_minute_moves_by_its_period() -> None:
    assert [point.at for point in points(settings(period=10), [one(NOW + 12, 1.0)], NOW + 21)] == [NOW + 10]


def test_silence_of_a_machine_is_noticed_within_half_an_hour_and_not_at_once() -> None:
    heartbeats = [one(NOW - 300 * number, 0.0) for number in range(12)]
    wanted = settings(missing="breaching")

    minutes = [minute for minute in range(60) if evaluate(wanted, heartbeats, OK, NOW + 60 * minute + 1).state == ALARM]

    assert minutes == list(range(26, 60))


DATA = st.lists(st.builds(one, st.floats(NOW - 3000, NOW + 3000), st.floats(0, 90)), max_size=12)
WANTED = st.builds(
    lambda periods, wanted, missing: settings(
        evaluation_periods=periods, datapoints_to_alarm=min(wanted, periods), missing=missing
    ),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from(TREATMENTS),
)


@given(WANTED, DATA, st.sampled_from(STATES), st.randoms())
def test_the_order_in_which_data_came_does_not_matter(
    wanted: Settings, data: list[Datum], before: str, chance: Random
) -> None:
    shuffled = list(data)
    chance.shuffle(shuffled)

    assert evaluate(wanted, shuffled, before, NOW) == evaluate(wanted, data, before, NOW)


@given(WANTED, DATA, st.sampled_from(STATES))
def test_what_lies_before_the_range_or_ahead_of_the_date_says_nothing(
    wanted: Settings, data: list[Datum], before: str
) -> None:
    oldest = NOW - (wanted.evaluation_periods + 2) * wanted.period
    seen = [datum for datum in data if oldest <= datum.at < NOW]

    assert evaluate(wanted, data, before, NOW) == evaluate(wanted, seen, before, NOW)


@given(WANTED, DATA, st.sampled_from(STATES))
def test_what_is_missing_matters_only_where_something_is(wanted: Settings, data: list[Datum], before: str) -> None:
    verdicts = {missing: evaluate(_but(wanted, missing), data, before, NOW) for missing in TREATMENTS}

    if verdicts["missing"].filled == 0:
        assert len({verdict.state for verdict in verdicts.values()}) == 1
    if verdicts["notBreaching"].state == ALARM:
        assert {verdict.state for verdict in verdicts.values()} == {ALARM}
    if verdicts["breaching"].state == OK:
        assert ALARM not in {verdicts["missing"].state, verdicts["notBreaching"].state}
    assert {verdicts["breaching"].state, verdicts["notBreaching"].state} <= {OK, ALARM}


def _but(wanted: Settings, missing: str) -> Settings:
    return settings(
        evaluation_periods=wanted.evaluation_periods, datapoints_to_alarm=wanted.datapoints_to_alarm, missing=missing
    )


@pytest.mark.parametrize(
    ("picture", "more", "said"),
    [
        (
            "XXX",
            {},
            (
                "Threshold Crossed: 3 out of the last 3 datapoints [99.0 (15/01/27 07:55:00), "
                "99.0 (15/01/27 07:50:00), 99.0 (15/01/27 07:45:00)] were greater than the threshold (45.0) "
                "(minimum 3 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "XX0",
            {},
            (
                "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (15/01/27 07:55:00)] was not greater than the "
                "threshold (45.0) (minimum 1 datapoint for ALARM -> OK transition)."
            ),
        ),
        (
            "XX0",
            {"datapoints_to_alarm": 2},
            (
                "Threshold Crossed: 2 out of the last 3 datapoints [99.0 (15/01/27 07:50:00), "
                "99.0 (15/01/27 07:45:00)] were greater than the threshold (45.0) "
                "(minimum 2 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "X--",
            {"missing": "breaching"},
            (
                "Threshold Crossed: 1 out of the last 3 datapoints [99.0 (15/01/27 07:45:00)] was greater than the "
                "threshold (45.0) (minimum 3 datapoints for OK -> ALARM transition) and 2 missing datapoints were "
                "treated as [Breaching]."
            ),
        ),
        (
            "--0",
            {},
            (
                "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (15/01/27 07:55:00)] was not greater than the "
                "threshold (45.0) (minimum 1 datapoint for ALARM -> OK transition)."
            ),
        ),
        (
            "-----",
            {"missing": "breaching"},
            (
                "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
                "[Breaching]."
            ),
        ),
        ("-----", {}, "Insufficient Data: 3 datapoints were unknown."),
        (
            "X",
            {"evaluation_periods": 1, "datapoints_to_alarm": 1},
            "Threshold Crossed: 1 datapoint [99.0 (15/01/27 07:55:00)] was greater than the threshold (45.0).",
        ),
    ],
    ids=["alarm", "ok", "two of three", "one and silence", "ok and silence", "silence", "unknown", "one"],
)
def test_the_reason_is_told_in_the_words_of_cloudwatch(picture: str, more: dict[str, object], said: str) -> None:
    wanted = settings(**more)

    verdict = evaluate(wanted, drawn(picture), OK, NOW)

    assert reason.words(wanted, verdict) == said


def test_the_reason_for_programs_names_every_value() -> None:
    wanted = settings()

    said = json.loads(reason.data(wanted, evaluate(wanted, drawn("0X-"), OK, NOW), NOW))

    assert said["recentDatapoints"] == [0.0, 99.0]
    assert said["evaluatedDatapoints"][0] == {"timestamp": "2027-01-15T07:50:00.000+0000", "value": 99.0}
    assert (said["startDate"], said["threshold"]) == ("2027-01-15T07:45:00.000+0000", 45.0)


@given(st.floats(0, 1e6), st.floats(0, 1e5), st.sampled_from([10, 60]))
def test_an_alarm_is_looked_at_every_step_of_the_time_that_passed(last: float, passed: float, step: int) -> None:
    found = list(moments(last, last + passed, step))

    steps = [after - before for before, after in zip([last, *found], found, strict=False)]
    assert all(abs(each - step) < 1e-3 for each in steps[1 if passed > 86400 else 0 :])
    assert last + passed - (found[-1] if found else last) < step + 1e-3
