"""The default bus hears how executions start and end, in the words of Step Functions."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.event_sending import LARGEST_TEXT, fitting
from tests.local.patience import eventually
from tests.local.workflow.conftest import Json, Machine

MakeMachine = Callable[..., Machine]
PUT = """
import boto3, json, os
def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def heard(local_aws: LocalAws, function: Callable[..., str]) -> Iterator[Callable[[Machine], Callable[[int], Any]]]:
    """Leads a machine's events through a rule to a function; waits for so many of them."""
    events, sqs, name = local_aws.client("events"), local_aws.client("sqs"), f"heard-{uuid4().hex[:8]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    hands_on = function(PUT, Timeout=20, Environment={"Variables": {"QUEUE": url}})
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{hands_on}"
    found: list[Json] = []

    def listen(made: Machine) -> Callable[[int], Any]:
        pattern = {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"stateMachineArn": [made.arn], "status": [{"anything-but": ["PENDING_REDRIVE"]}]},
        }
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": arn}])
        local_aws.client("lambda").add_permission(
            FunctionName=hands_on,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )

        def wait(number: int) -> list[Json]:
            def read() -> bool:
                messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
                for message in messages:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    found.append(json.loads(message["Body"]))
                return len(found) >= number

            eventually(read)
            return sorted(found, key=lambda event: event["detail"]["status"] != "RUNNING")

        return wait

    yield listen
    events.remove_targets(Rule=name, Ids=["function"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


Heard = Callable[[Machine], Callable[[int], Any]]


def test_a_success_is_told_with_its_input_and_its_output(machine: MakeMachine, heard: Heard) -> None:
    made = machine({"Done": {"Type": "Pass", "Result": {"é": 1}, "End": True}})
    wait = heard(made)

    execution = made.start({"model": "waste"})
    started, ended = wait(2)

    said, detail = made.ended(execution), ended["detail"]
    assert (started["resources"], ended["resources"]) == ([execution], [execution])
    assert started["detail"]["status"] == "RUNNING"
    assert (started["detail"]["stopDate"], started["detail"]["output"]) == (None, None)
    assert (detail["status"], detail["executionArn"], detail["name"]) == ("SUCCEEDED", execution, said["name"])
    assert (json.loads(detail["input"]), json.loads(detail["output"])) == ({"model": "waste"}, {"é": 1})
    assert detail["startDate"] == round(said["startDate"].timestamp() * 1000)
    assert detail["stopDate"] == round(said["stopDate"].timestamp() * 1000)


def test_a_failure_is_told_with_its_name_and_its_reason(machine: MakeMachine, heard: Heard) -> None:
    made = machine({"Fail": {"Type": "Fail", "Error": "GateNotPassed", "Cause": "accuracy 0.61"}})
    wait = heard(made)

    made.start()
    _, ended = wait(2)

    detail = ended["detail"]
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "GateNotPassed", "accuracy 0.61")
    assert (detail["output"], detail["outputDetails"]) == (None, None)
    assert detail["redriveStatus"] == "REDRIVABLE"


def test_a_stop_is_told_once(machine: MakeMachine, heard: Heard, local_aws: LocalAws) -> None:
    made = machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    wait = heard(made)

    execution = made.start()
    for _ in range(2):
        local_aws.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="a person")
    made.start()
    *_, ended = wait(3)

    assert (ended["detail"]["status"], ended["detail"]["error"]) == ("ABORTED", "Enough")
    assert [event["detail"]["status"] for event in wait(3)].count("ABORTED") == 1


def test_an_execution_that_took_too_long_is_told(machine: MakeMachine, heard: Heard) -> None:
    made = machine({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1)
    wait = heard(made)

    made.start()
    _, ended = wait(2)

    assert (ended["detail"]["status"], ended["detail"]["error"]) == ("TIMED_OUT", "States.Timeout")


def test_a_text_that_an_event_has_no_room_for_is_left_out() -> None:
    longest = "x" * LARGEST_TEXT

    assert fitting(longest) == longest
    assert fitting(longest, besides=["y"]) is None
    assert fitting("é" * (LARGEST_TEXT // 2 + 1)) is None
    assert fitting(None) is None
