"""When schedules fall due: AWS's cron, rate and at, in time zones with and without daylight saving."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.schedules.occurrence import Timing, due
from mlstack.local.schedules.target import TargetError, call

LONG_AGO = 0.0


def moment(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def fires(expression: str, after: str, until: str, *, zone: str = "UTC", **more: float) -> list[str]:
    timing = Timing(**{"expression": expression, "zone": zone, "begins": LONG_AGO, **more})  # type: ignore[arg-type]
    found = due(timing, moment(after), moment(until))
    return [f"{datetime.fromtimestamp(one, UTC):%Y-%m-%d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("cron(0 22 * * ? *)", ["2026-11-27 22:00", "2026-11-28 22:00", "2026-11-29 22:00", "2026-11-30 22:00"]),
        ("cron(30 9 ? * MON-FRI *)", ["2026-11-27 09:30", "2026-11-30 09:30"]),
        ("cron(30 9 ? * 2-6 *)", ["2026-11-27 09:30", "2026-11-30 09:30"]),
        ("cron(0/30 8-9 28 NOV ? *)", [f"2026-11-28 {time}" for time in ("08:00", "08:30", "09:00", "09:30")]),
        ("cron(5 0 L * ? *)", ["2026-11-30 00:05"]),
        ("cron(5 0 28W * ? *)", ["2026-11-27 00:05"]),
        ("cron(5 0 29W * ? 2026)", ["2026-11-30 00:05"]),
        ("cron(5 0 30W * ? 2026)", ["2026-11-30 00:05"]),
        ("cron(5 0 31W * ? 2026)", []),
        ("cron(5 7-7 28 * ? *)", ["2026-11-28 07:05"]),
        ("cron(5 0 ? * 2L *)", ["2026-11-30 00:05"]),
        ("cron(5 0 ? * FRI#4 *)", ["2026-11-27 00:05"]),
        ("cron(5 0 ? * FRI#5 *)", []),
        ("cron(5 0 ? * L *)", ["2026-11-28 00:05"]),
        ("cron(5 0 ? * sun,sat *)", ["2026-11-28 00:05", "2026-11-29 00:05"]),
        ("cron(5 0 * * ? 2027)", []),
        ("rate(1 day)", ["2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00", "2026-11-30 00:00"]),
        ("at(2026-11-29T10:15:00)", ["2026-11-29 10:15"]),
        ("at(2026-12-29T10:15:00)", []),
    ],
)
def test_a_schedule_falls_due_when_the_manual_says(expression: str, found: list[str]) -> None:
    assert fires(expression, "2026-11-26T23:59:00", "2026-11-30T23:59:00") == found


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ("UTC", "2026-07-01 22:00"),
        ("Europe/Paris", "2026-07-01 20:00"),
        ("America/New_York", "2026-07-02 02:00"),
        ("Asia/Kolkata", "2026-07-01 16:30"),
    ],
)
def test_an_hour_is_meant_as_the_clock_on_the_wall_shows_it(zone: str, found: str) -> None:
    assert found in fires("cron(0 22 * * ? *)", "2026-06-30T23:00:00", "2026-07-02T12:00:00", zone=zone)


def test_what_daylight_saving_skips_is_skipped_and_what_it_repeats_happens_once() -> None:
    at_half_past_two = "cron(30 2 * * ? *)"

    in_spring = fires(at_half_past_two, "2026-03-28T12:00:00", "2026-03-30T12:00:00", zone="Europe/Paris")
    in_autumn = fires(at_half_past_two, "2026-10-24T12:00:00", "2026-10-26T12:00:00", zone="Europe/Paris")

    assert in_spring == ["2026-03-30 00:30"]
    assert in_autumn == ["2026-10-25 00:30", "2026-10-26 01:30"]


def test_a_rate_begins_at_once_for_a_schedule_and_after_its_first_time_for_a_rule() -> None:
    begins = moment("2026-11-22T10:00:00")
    span = ("2026-11-22T09:59:59", "2026-11-22T10:31:00")

    assert fires("rate(15 minutes)", *span, begins=begins) == [f"2026-11-22 10:{at}" for at in ("00", "15", "30")]
    assert fires("rate(15 minutes)", *span, begins=begins, at_once=False) == ["2026-11-22 10:15", "2026-11-22 10:30"]


def test_a_schedule_that_has_ended_is_due_no_more() -> None:
    ends = moment("2026-11-22T22:00:00")

    assert fires("cron(0 22 * * ? *)", "2026-11-21T00:00:00", "2026-12-21T00:00:00", ends=ends) == [
        "2026-11-21 22:00",
        "2026-11-22 22:00",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 22 * * * *)",
        "cron(0 22 ? * ? *)",
        "cron(0 22 * * ?)",
        "cron(60 22 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 22 * * ? 1969)",
        "cron(0 22 32 * ? *)",
        "cron(0 22 ? * MON#6 *)",
        "cron(0/0 22 * * ? *)",
        "cron(9-8 22 * * ? *)",
        "cron(0 22 ? * FOO *)",
        "cron(a 22 * * ? *)",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(5 weeks)",
        "at(2026-11-22 22:00)",
        "at(2026-13-22T22:00:00)",
        "every day",
        "",
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        fires(expression, "2026-11-22T00:00:00", "2026-11-23T00:00:00")


def test_what_is_no_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus is no time zone"):
        fires("cron(0 22 * * ? *)", "2026-11-22T00:00:00", "2026-11-23T00:00:00", zone="Mars/Olympus")


EXPRESSIONS = st.sampled_from(
    [
        "cron(0 22 * * ? *)",
        "cron(0/20 1-3 * * ? *)",
        "cron(15 2 ? * SUN *)",
        "cron(30 0 L * ? *)",
        "rate(7 minutes)",
        "rate(1 hour)",
        "at(2026-10-25T02:30:00)",
    ]
)
ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
MOMENTS = st.floats(moment("2026-10-20T00:00:00"), moment("2026-11-05T00:00:00"))


@given(EXPRESSIONS, ZONES, MOMENTS, MOMENTS, MOMENTS)
def test_nothing_is_lost_or_done_twice_however_often_one_looks(
    expression: str, zone: str, first: float, second: float, third: float
) -> None:
    timing = Timing(expression=expression, zone=zone, begins=moment("2026-10-19T12:00:00"))
    early, middle, late = sorted([first, second, third])

    whole = list(due(timing, early, late))

    assert [*due(timing, early, middle), *due(timing, middle, late)] == whole
    assert whole == sorted(set(whole))
    assert all(early < one <= late for one in whole)


class Caller:
    """A client whose operations are known and remembered."""

    def __init__(self) -> None:
        self.meta = Namespace(method_to_api_mapping={"stop_instances": "StopInstances", "invoke": "Invoke"})
        self.calls: list[Mapping[str, object]] = []

    def stop_instances(self, **asked: object) -> None:
        self.calls.append(asked)

    def invoke(self, **asked: object) -> None:
        self.calls.append(asked)


def clients(caller: Caller, known: str) -> Callable[[str], Caller]:
    return {known: caller}.__getitem__


def test_a_universal_target_is_called_with_its_input() -> None:
    caller = Caller()

    call(
        {"Arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "Input": '{"InstanceIds": ["i-1"]}'},
        clients(caller, "ec2"),
    )

    assert caller.calls == [{"InstanceIds": ["i-1"]}]


def test_a_function_is_invoked_with_the_input_and_not_waited_for() -> None:
    caller, arn = Caller(), "arn:aws:lambda:us-east-1:123456789012:function:watch"

    call({"Arn": arn, "Input": "[1]"}, clients(caller, "lambda"))

    assert caller.calls == [{"FunctionName": arn, "InvocationType": "Event", "Payload": b"[1]"}]


@pytest.mark.parametrize(
    ("arn", "given_input", "said"),
    [
        ("arn:aws:scheduler:::aws-sdk:ec2:describeInstances", "{}", "only reads"),
        ("arn:aws:scheduler:::aws-sdk:ec2:flyInstances", "{}", "ec2 has no operation flyInstances"),
        ("arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "[]", "is an object"),
        ("arn:aws:sqs:us-east-1:123456789012:queue", "{}", "functions and universal targets"),
    ],
)
def test_a_target_that_cannot_be_called_is_refused(arn: str, given_input: str, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        call({"Arn": arn, "Input": given_input}, clients(Caller(), "ec2"))
