"""When a workstation went off and by what, and no guess where AWS does not tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from mlstack.workstation.switch_off import date_in, rang_before
from tests.mlstack.workstation.conftest import Answer, Run, Stage, refused
from tests.mlstack.workstation.test_status import shown

ABSENT = EndpointConnectionError(endpoint_url="https://x")
OFF = datetime(2026, 11, 22, 10, 18, 42, tzinfo=UTC)
SAID = "User initiated (2026-11-22 10:18:42 GMT)"
CALL = "by a call (`mlstack workstation stop`, the daily stop, the watch or somebody)"
ALARM = "by the alarm: its agent was silent or said idle"


def ring(before_s: float = 60, **changed: object) -> dict[str, Any]:
    """An alarm that rang so long before the machine went off."""
    at = OFF - timedelta(seconds=before_s)
    stop = "arn:aws:automate:us-east-1:ec2:stop"
    return {"StateValue": "ALARM", "StateTransitionedTimestamp": at, "AlarmActions": [stop]} | changed


def off(stage: Stage, code: str = "Client.UserInitiatedShutdown", said: str = SAID, *alarms: dict[str, Any]) -> None:
    """Let a machine have gone off."""
    stage.put()
    machine = stage.launch()
    stage.set(machine, "stopped", code, f"{code}: words")
    vars(stage.machine(machine))["_reason"] = said
    stage.answer("DescribeAlarmsForMetric", {"MetricAlarms": list(alarms)})


def test_a_machine_whose_alarm_rang_right_before_went_off_by_it(stage: Stage, run: Run) -> None:
    off(stage, "Client.UserInitiatedShutdown", SAID, ring())

    found = shown(run)

    assert (found["went_off_at"], found["went_off_by"]) == ("2026-11-22T10:18:42+00:00", ALARM)
    assert f"2026-11-22 10:18 UTC, {ALARM}" in run("status")[1]


def test_a_machine_whose_alarm_did_not_ring_went_off_by_a_call(stage: Stage, run: Run) -> None:
    off(stage)

    assert f"2026-11-22 10:18 UTC, {CALL}" in run("status")[1]


def test_another_machines_alarm_is_not_taken_for_its_own(stage: Stage, run: Run) -> None:
    off(stage, "Client.UserInitiatedShutdown", SAID, ring(Dimensions=[{"Name": "InstanceId", "Value": "i-other"}]))

    assert shown(run)["went_off_by"] == CALL


def test_a_machine_that_shut_itself_down_says_so_though_its_alarm_rang(stage: Stage, run: Run) -> None:
    off(stage, "Client.InstanceInitiatedShutdown", SAID, ring())

    assert shown(run)["went_off_by"] == "it switched itself off"
    assert stage.calls("DescribeAlarmsForMetric") == []


def test_what_aws_did_itself_is_not_called_a_call(stage: Stage, run: Run) -> None:
    off(stage, "Server.SpotInstanceShutdown", "Server.SpotInstanceShutdown (2026-11-22 10:18:42 GMT)")

    found = shown(run)

    assert (found["went_off_at"], found["went_off_by"]) == ("2026-11-22T10:18:42+00:00", None)
    assert found["reason"] == "Server.SpotInstanceShutdown: words"


@pytest.mark.parametrize("said", ["", "User initiated", "User initiated (soon)", "x (2026-13-99 10:18:42 GMT)"])
def test_without_a_date_the_alarm_is_not_told_from_a_call(stage: Stage, run: Run, said: str) -> None:
    off(stage, "Client.UserInitiatedShutdown", said, ring())

    found = shown(run)

    assert (found["went_off_at"], found["went_off_by"]) == (None, "by a call or by its alarm")


@pytest.mark.parametrize("fault", [refused("AccessDenied"), ABSENT], ids=["refused", "absent"])
def test_without_cloudwatch_the_alarm_is_not_told_from_a_call(stage: Stage, run: Run, fault: Answer) -> None:
    off(stage)
    stage.answer("DescribeAlarmsForMetric", fault)

    assert shown(run)["went_off_by"].startswith("by a call or by its alarm; which is not known: ")


@pytest.mark.parametrize("state", ["running", "pending", "stopping"])
def test_one_that_is_not_off_has_not_gone_off(stage: Stage, run: Run, state: str) -> None:
    stage.put()
    stage.launch(state=state)

    assert shown(run)["went_off_by"] is shown(run)["went_off_at"] is None


@pytest.mark.parametrize(
    ("alarm", "rang"),
    [
        (ring(0), True),
        (ring(-0.9), True),
        (ring(120), True),
        (ring(122), False),
        (ring(-60), False),
        (ring(StateValue="OK"), False),
        (ring(ActionsEnabled=False), False),
        (ring(AlarmActions=["arn:aws:sns:us-east-1:123456789012:people"]), False),
        (ring(StateTransitionedTimestamp=None, StateUpdatedTimestamp=OFF), True),
        (ring(StateTransitionedTimestamp=None), False),
    ],
)
def test_an_alarm_has_two_minutes_to_end_a_machine(alarm: dict[str, Any], rang: bool) -> None:  # noqa: FBT001 (a table's column)
    assert rang_before([alarm], OFF) is rang


@given(said=st.one_of(st.text(), st.from_regex(r"\(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (GMT|UTC)\)")))
def test_whatever_ec2_says_its_date_is_one_or_none(said: str) -> None:
    found = date_in(said)

    assert found is None or f"{found:%H:%M:%S}" in said
