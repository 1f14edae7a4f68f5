"""`mlstack workstation keep-awake`: bounded, priced, and never stronger than the stops outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.keep_awake import time_of
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused

ABSENT = EndpointConnectionError(endpoint_url="https://x")
TAG = "mlstack:keep-awake"


def test_a_tag_says_until_when_and_a_person_reads_what_it_may_cost(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()

    code, output, errors = run("keep-awake", "trainer", "2h")

    until = datetime.strptime(stage.tags(machine)[TAG], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert (code, output) == (0, "")
    assert timedelta(hours=1, minutes=59) < until - datetime.now(UTC) <= timedelta(hours=2)
    assert f"trainer is kept awake until {until:%Y-%m-%d %H:%M} UTC, which may cost about $2.40" in errors
    assert "its maximum lifetime (max_hours) stops it all the same at " in errors


def test_the_name_may_be_left_out_where_there_is_one_workstation(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()

    assert run("keep-awake", "90m")[0] == 0
    assert TAG in stage.tags(machine)


def test_a_later_word_counts_instead_of_an_earlier_one(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch()
    run("keep-awake", "5h")
    first = stage.tags(machine)[TAG]

    run("keep-awake", "1h")

    assert stage.tags(machine)[TAG] < first


def test_off_takes_the_tag_away(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(tags={TAG: "2099-01-01T00:00:00Z"})

    code, _, errors = run("keep-awake", "off")

    assert code == 0
    assert "trainer stops again when nobody uses it" in errors
    assert TAG not in stage.tags(machine)


def test_off_works_on_a_workstation_whose_settings_are_lost(stage: Stage, run: Run) -> None:
    machine = stage.launch("forgotten", tags={TAG: "2099-01-01T00:00:00Z"})

    assert run("keep-awake", "off")[0] == 0
    assert TAG not in stage.tags(machine)


def test_a_stop_that_comes_before_is_named(stage: Stage, run: Run) -> None:
    stage.put()
    stage.set(stage.launch(), "running", ago=timedelta(hours=10, minutes=30))

    assert "before that, its maximum lifetime (max_hours) stops it all the same at " in run("keep-awake", "3h")[2]


def test_the_daily_stop_is_named_where_it_comes_first(stage: Stage, run: Run) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=30)
    stage.put(daily_stop=f"{soon:%H:%M}")
    stage.launch()

    assert (
        f"before that, the daily stop stops it all the same at {soon:%Y-%m-%d %H:%M} UTC" in run("keep-awake", "2h")[2]
    )


def test_a_workstation_that_nothing_else_stops_says_so(stage: Stage, run: Run) -> None:
    stage.put(max_hours=None, running_price="who knows")
    stage.launch()

    errors = run("keep-awake", "2h")[2]

    assert "a price that is not known" in errors
    assert "nothing else is known that stops it: stop it yourself" in errors


@pytest.mark.parametrize(
    ("settings", "time", "told"),
    [
        ({}, "8h1m", "for at most 8 h (keep_awake_hours of [workstations.trainer])"),
        ({"keep_awake_hours": 0}, "1m", "is never kept awake: its profile says keep_awake_hours = 0"),
        ({"keep_awake_hours": None}, "1m", "says no keep_awake_hours that bounds it; deploy the stage again"),
        ({"keep_awake_hours": True}, "1m", "says no keep_awake_hours that bounds it"),
    ],
)
def test_more_than_the_profile_allows_is_refused(
    stage: Stage, run: Run, settings: dict[str, Any], time: str, told: str
) -> None:
    stage.put(**settings)
    machine = stage.launch()

    code, _, errors = run("keep-awake", time)

    assert code == 2
    assert told in errors
    assert TAG not in stage.tags(machine)


def test_as_much_as_the_profile_allows_is_allowed(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch()

    assert run("keep-awake", "8h")[0] == 0


@pytest.mark.parametrize(
    "words", ["h", "2", "90", "2d", "2H", "2h30", "0h", "-1h", "1.5h", "2h trainer", "a b c", "2h\x1b[2J", "२h"]
)
def test_what_is_no_time_is_refused_with_an_example(stage: Stage, run: Run, words: str) -> None:
    stage.put()
    machine = stage.launch()

    code, output, errors = run("keep-awake", "--", *words.split())

    assert (code, output) == (2, "")
    assert errors.startswith("mlstack workstation keep-awake: ")
    assert len(errors.splitlines()) == 1
    assert "\x1b" not in errors
    assert TAG not in stage.tags(machine)


@pytest.mark.parametrize("words", ["90", "2H", "trainer 2h30", "trainer 1d", "off!"])
def test_what_is_no_time_is_answered_with_the_forms_there_are(stage: Stage, run: Run, words: str) -> None:
    stage.put()

    assert "say 2h, 90m or 2h30m, with h for hours and m for minutes, or off" in run("keep-awake", *words.split())[2]


@pytest.mark.parametrize("words", ["", "trainer"])
def test_without_a_time_it_says_until_when_it_is_kept(stage: Stage, run: Run, words: str) -> None:
    stage.put()
    machine = stage.launch()
    free = run("keep-awake", *words.split())

    stage.machine(machine).add_tags({TAG: "2099-01-01T00:00:00Z"})
    kept = run("keep-awake", *words.split())

    assert free == (
        0,
        "trainer is not kept awake; `keep-awake` on the machine tells of a wish that was made there\n",
        "",
    )
    assert kept == (0, "trainer is kept awake until 2099-01-01 00:00 UTC\n", "")
    assert stage.calls("CreateTags") == stage.calls("DeleteTags") == []


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("2020-01-01T00:00:00Z", "trainer is not kept awake; "),
        ("so\x9b2J", "until a time that is not known: the tag says so"),
    ],
)
def test_a_wish_that_is_over_or_makes_no_sense_is_not_believed(stage: Stage, run: Run, tag: str, said: str) -> None:
    stage.put()
    stage.machine(stage.launch()).add_tags({TAG: tag})

    code, output, _ = run("keep-awake")

    assert code == 0
    assert said in output
    assert "\x9b" not in output


@pytest.mark.parametrize("words", [("",), ("trainer", "")])
def test_an_empty_time_is_no_question(stage: Stage, run: Run, words: tuple[str, ...]) -> None:
    stage.put()
    stage.launch()

    code, _, errors = run("keep-awake", *words)

    assert code == 2
    assert "is no time" in errors


def test_a_question_about_one_that_does_not_run_says_so(stage: Stage, run: Run) -> None:
    stage.put()
    stage.launch(state="stopped")

    code, _, errors = run("keep-awake", "trainer")

    assert code == 2
    assert "trainer is stopped; start it with " in errors


def test_a_question_about_a_near_name_is_answered_with_the_right_one(stage: Stage, run: Run) -> None:
    stage.put()

    code, _, errors = run("keep-awake", "trianer")

    assert code == 2
    assert "trianer is neither a workstation of this stage nor a time; did you mean trainer?" in errors


def test_off_on_one_that_does_not_run_says_so_and_takes_the_tag_away(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped", tags={TAG: "2099-01-01T00:00:00Z"})

    code, _, errors = run("keep-awake", "off")

    assert (code, errors) == (0, "trainer is stopped: nothing keeps it awake\n")
    assert TAG not in stage.tags(machine)


def test_a_workstation_that_does_not_run_is_not_kept_awake(stage: Stage, run: Run) -> None:
    stage.put()
    machine = stage.launch(state="stopped")

    code, _, errors = run("keep-awake", "2h")

    assert code == 2
    assert "trainer is stopped; start it with `mlstack workstation start trainer --aws`" in errors
    assert TAG not in stage.tags(machine)


@pytest.mark.parametrize("fault", [refused("UnauthorizedOperation"), ABSENT], ids=["refused", "absent"])
@pytest.mark.parametrize(
    ("operation", "time"),
    [("GetParametersByPath", "2h"), ("DescribeInstances", "2h"), ("CreateTags", "2h"), ("DeleteTags", "off")],
)
def test_what_aws_refuses_is_one_line_and_code_2(
    stage: Stage, run: Run, operation: str, time: str, fault: Answer
) -> None:
    stage.put()
    stage.launch()
    stage.answer(operation, fault)

    code, output, errors = run("keep-awake", time)

    assert (code, output) == (2, "")
    assert errors.startswith("mlstack: AWS ")
    assert len(errors.splitlines()) == 1


@given(hours=st.integers(0, 9999), minutes=st.integers(0, 99_999))
def test_every_time_in_hours_and_minutes_is_understood(hours: int, minutes: int) -> None:
    if hours or minutes:
        assert time_of(f"{hours}h{minutes}m") == timedelta(hours=hours, minutes=minutes)
