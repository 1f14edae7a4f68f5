"""CloudFormation is answered whatever happens, and only a deletion stops anything."""

from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

from stop_executions import answer, handler
from tests.functions.stop_executions.conftest import Address, Start, Time

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

GONE = "arn:aws:states:us-east-1:123456789012:stateMachine:gone"


class Context:
    """Lambda's, with so many seconds left."""

    def __init__(self, seconds: int = 900) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000


def event(kind: str, url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (fields of an event)
    """A request as CloudFormation makes it."""
    known = {} if kind == "Create" else {"PhysicalResourceId": GONE}
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/mlstack-sandbox-Vision/1",
        "RequestId": "request",
        "LogicalResourceId": "StopExecutionsReview",
        "ResourceType": "Custom::StopExecutions",
        "ResourceProperties": {"ServiceToken": "function", "StateMachineArn": GONE},
        **known,
        **more,
    }


def running(states: "SFNClient", machine: str) -> int:
    """How many executions run."""
    return len(states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"])


def test_a_deletion_stops_what_runs_and_says_so(
    states: "SFNClient", start: Start, time: Time, address: Address
) -> None:
    machine = start("review", 3)

    handler.handle(event("Delete", address.url, ResourceProperties={"StateMachineArn": machine}), Context())

    assert time.now() > Time.present
    assert running(states, machine) == 0
    assert address.bodies == [
        {
            "Status": "SUCCESS",
            "PhysicalResourceId": GONE,
            "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/mlstack-sandbox-Vision/1",
            "RequestId": "request",
            "LogicalResourceId": "StopExecutionsReview",
        }
    ]


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_stopped_before_the_deletion(states: "SFNClient", start: Start, address: Address, kind: str) -> None:
    machine = start("review", 1)

    handler.handle(event(kind, address.url, ResourceProperties={"StateMachineArn": machine}), Context())

    assert running(states, machine) == 1
    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("SUCCESS", machine)


def test_the_signed_address_gets_no_content_type(address: Address) -> None:
    handler.handle(event("Create", address.url), Context())

    assert address.content_types == [""]


@pytest.mark.usefixtures("states", "time")
@pytest.mark.parametrize("properties", [{}, {"StateMachineArn": "no arn"}])
def test_an_error_is_an_answer_with_its_reason(address: Address, properties: dict[str, str]) -> None:
    handler.handle(event("Delete", address.url, ResourceProperties=properties), Context())

    [said] = address.bodies
    assert (said["Status"], said["PhysicalResourceId"]) == ("FAILED", GONE)
    assert said["Reason"]


@pytest.mark.usefixtures("time")
def test_too_little_time_is_an_answer_too(start: Start, address: Address) -> None:
    machine = start("review", 1)

    handler.handle(event("Delete", address.url, ResourceProperties={"StateMachineArn": machine}), Context(seconds=20))

    [said] = address.bodies
    assert said["Status"] == "FAILED"
    assert "destroy the stack again" in said["Reason"]


@pytest.mark.usefixtures("time")
def test_an_address_that_stumbles_gets_the_answer_once_more(address: Address) -> None:
    address.refusals = 2

    handler.handle(event("Create", address.url), Context())

    assert [said["Status"] for said in address.bodies] == ["SUCCESS"]


@pytest.mark.usefixtures("time")
def test_an_address_that_never_takes_the_answer_lets_lambda_begin_again(address: Address) -> None:
    address.refusals = 99

    with pytest.raises(HTTPError):
        handler.handle(event("Create", address.url), Context())


def test_the_longest_reason_stays_under_four_kilobytes(address: Address) -> None:
    arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{'m' * 80}"
    asked = event("Delete", address.url, PhysicalResourceId=arn, StackId="s" * 300, LogicalResourceId="l" * 255)

    answer.send(address.url, answer.answer(asked, "\0\N{CAT FACE}\udcff" * 5000))

    assert len(str(address.bodies[0]["Reason"])) == answer.LONGEST_REASON
    assert address.sizes[0] < 4096


def test_a_new_machine_has_the_old_resource_replaced() -> None:
    new = GONE.replace("gone", "new")
    update = event("Update", "http://x", ResourceProperties={"StateMachineArn": new})

    said = answer.answer(update, None)

    assert said["PhysicalResourceId"] == new
