"""Every running execution ends before its state machine goes, through pages, throttles and lateness."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from stop_executions.stopping import CAUSE, StillRunningError, stop_all
from tests.functions.cloudformation import Time
from tests.functions.stop_executions.conftest import Start

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:review"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:review"
LONG = timedelta(minutes=10)


@pytest.fixture(scope="module")
def client() -> "SFNClient":
    return boto3.client("stepfunctions", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def said(client: "SFNClient") -> Iterator[Stubber]:
    """What AWS says, answer by answer; each of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def lists(said: Stubber, *names: str, has_more: bool = False, is_next: bool = False) -> None:
    """The next question is for what runs, and this is the answer."""
    found = [
        {
            "executionArn": f"{EXECUTION}:{name}",
            "stateMachineArn": MACHINE,
            "name": name,
            "status": "RUNNING",
            "startDate": 0,
        }
        for name in names
    ]
    asked = {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"} | ({"nextToken": "next"} if is_next else {})
    said.add_response("list_executions", {"executions": found} | ({"nextToken": "next"} if has_more else {}), asked)


def stops(said: Stubber, name: str) -> None:
    """The next demand is to stop one, and it is met."""
    said.add_response("stop_execution", {"stopDate": 0}, {"executionArn": f"{EXECUTION}:{name}", "cause": CAUSE})


def test_all_pages_of_one_machine_are_stopped_and_its_neighbour_runs_on(
    states: "SFNClient", start: Start, time: Time
) -> None:
    review, backfill = start("review", 150), start("backfill", 1)

    stopped = stop_all(states, review, until=time.now() + LONG)

    assert stopped == 150
    assert states.list_executions(stateMachineArn=review, statusFilter="RUNNING")["executions"] == []
    assert len(states.list_executions(stateMachineArn=backfill, statusFilter="RUNNING")["executions"]) == 1


def test_what_shows_late_is_stopped_as_well(client: "SFNClient", said: Stubber, time: Time) -> None:
    lists(said, "one", has_more=True)
    stops(said, "one")
    lists(said, "two", is_next=True)
    stops(said, "two")
    lists(said)
    lists(said, "late")
    stops(said, "late")
    lists(said)
    lists(said)

    stopped = stop_all(client, MACHINE, until=time.now() + LONG)

    assert stopped == 3


@pytest.mark.parametrize(
    "fault",
    [
        ("list_executions", "ThrottlingException", 400),
        ("list_executions", "InternalServerError", 500),
        ("stop_execution", "ThrottlingException", 400),
        ("stop_execution", "InternalServerError", 500),
    ],
)
def test_what_passes_is_waited_for(client: "SFNClient", said: Stubber, time: Time, fault: tuple[str, str, int]) -> None:
    (operation, code, status), before = fault, time.now()
    if operation == "stop_execution":
        lists(said, "one")
    said.add_client_error(operation, code, http_status_code=status)
    lists(said, "one")
    stops(said, "one")
    lists(said)
    lists(said)

    stop_all(client, MACHINE, until=time.now() + LONG)

    assert time.now() > before


def test_an_execution_that_ended_by_itself_counts_for_nothing(client: "SFNClient", said: Stubber, time: Time) -> None:
    lists(said, "one")
    said.add_client_error("stop_execution", "ExecutionDoesNotExist")
    lists(said)

    assert stop_all(client, MACHINE, until=time.now() + LONG) == 0


def test_a_machine_that_is_gone_runs_nothing(states: "SFNClient", start: Start, time: Time) -> None:
    machine = start("review", 0)
    states.delete_state_machine(stateMachineArn=machine)

    assert stop_all(states, machine, until=time.now() + LONG) == 0


def test_a_missing_permission_is_told_at_once(client: "SFNClient", said: Stubber, time: Time) -> None:
    before = time.now()
    said.add_client_error("list_executions", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDenied"):
        stop_all(client, MACHINE, until=time.now() + LONG)

    assert time.now() == before


def test_what_never_ends_is_given_up_in_time(client: "SFNClient", time: Time) -> None:
    until = time.now() + timedelta(seconds=30)
    with Stubber(client) as said:
        for _ in range(100):
            lists(said, "one")
            said.add_response("stop_execution", {"stopDate": 0}, {"executionArn": ANY, "cause": CAUSE})

        with pytest.raises(StillRunningError, match="destroy the stack again"):
            stop_all(client, MACHINE, until=until)

    assert until <= time.now() < until + timedelta(seconds=5)
