"""Only a deletion stops anything, and CloudFormation hears what came of it."""

from typing import TYPE_CHECKING, Any

import pytest

from stop_executions import handler
from tests.functions.cloudformation import Address, Context, Time, request
from tests.functions.stop_executions.conftest import Start

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

GONE = "arn:aws:states:us-east-1:123456789012:stateMachine:gone"


def event(kind: str, url: str, **properties: str) -> dict[str, Any]:
    """A request about a state machine."""
    return request(kind, url, GONE, ResourceProperties={"ServiceToken": "function", **properties})


def running(states: "SFNClient", machine: str) -> int:
    """How many executions run."""
    return len(states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])


def test_a_deletion_stops_what_runs_and_says_so(
    states: "SFNClient", start: Start, time: Time, address: Address
) -> None:
    machine = start("review", 3)

    handler.handle(event("Delete", address.url, StateMachineArn=machine), Context())

    assert time.now() > Time.present
    assert running(states, machine) == 0
    assert address.bodies == [
        {
            "Status": "SUCCESS",
            "PhysicalResourceId": GONE,
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/mlstack-sandbox-Any/1",
            "RequestId": "request",
            "LogicalResourceId": "Any",
        }
    ]


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_stopped_before_the_deletion(states: "SFNClient", start: Start, address: Address, kind: str) -> None:
    machine = start("review", 1)

    handler.handle(event(kind, address.url, StateMachineArn=machine), Context())

    assert running(states, machine) == 1
    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", machine)


@pytest.mark.usefixtures("states", "time")
@pytest.mark.parametrize("properties", [{}, {"StateMachineArn": "no arn"}])
def test_an_error_is_an_answer_with_its_reason(address: Address, properties: dict[str, str]) -> None:
    handler.handle(event("Delete", address.url, **properties), Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", GONE)
    assert said["Reason"]


@pytest.mark.usefixtures("time")
def test_too_little_time_is_an_answer_too(start: Start, address: Address) -> None:
    machine = start("review", 1)

    handler.handle(event("Delete", address.url, StateMachineArn=machine), Context(seconds=20))

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "destroy the stack again" in said["Reason"]


def test_a_new_machine_has_the_old_resource_replaced(address: Address) -> None:
    new = GONE.replace("gone", "new")

    handler.handle(event("Update", address.url, StateMachineArn=new), Context())

    [said] = address.bodies
    assert said["PhysicalResourceId"] == new
