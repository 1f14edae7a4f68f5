"""Executions run the deployed functions, retry, catch, wait for tokens, time out and stop."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.patience import eventually
from tests.local.workflow.conftest import Json, Machine

Make = Callable[..., str]
MakeMachine = Callable[..., Machine]
ACCOUNT_PREFIX = "arn:aws:lambda:us-east-1:123456789012:function:"
STEADY = """
calls = []
class Busy(Exception): pass
def handle(event, context):
    calls.append(1)
    if event.get("always") or (event.get("once") and len(calls) == 1):
        raise Busy("come again")
    return {"calls": len(calls), "event": event}
"""
HAND_ON = """
import boto3, os
def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=event["token"])
"""


def invoke(function: str, **more: object) -> Json:
    parameters = {"FunctionName": ACCOUNT_PREFIX + function, "Payload.$": "$"}
    resource = "arn:aws:states:::lambda:invoke"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "OutputPath": "$.Payload", **more}


def ask(function: str, **more: object) -> Json:
    payload = {"token.$": "$$.Task.Token"}
    parameters = {"FunctionName": ACCOUNT_PREFIX + function, "Payload": payload}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": parameters,
        "End": True,
        **more,
    }


@pytest.fixture
def tokens(local_aws: LocalAws, function: Make) -> Iterator[tuple[str, Callable[[], str]]]:
    """A function that hands its task token on, and the next token that it handed on."""
    sqs = local_aws.client("sqs")
    url = sqs.create_queue(QueueName=f"tokens-{uuid4().hex[:8]}")["QueueUrl"]
    name = function(HAND_ON, Timeout=20, Environment={"Variables": {"QUEUE": url}})

    def read() -> str:
        for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return str(message["Body"])
        return ""

    yield name, lambda: eventually(read)
    sqs.delete_queue(QueueUrl=url)


Tokens = tuple[str, Callable[[], str]]


def test_a_task_is_retried_by_the_name_of_its_error_and_then_succeeds(function: Make, machine: MakeMachine) -> None:
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    made = machine({"Work": invoke(function(STEADY), Retry=retry, End=True)})

    said = made.run({"once": True})

    assert said["status"] == "SUCCEEDED"
    assert json.loads(said["output"]) == {"calls": 2, "event": {"once": True}}


def test_a_failed_task_is_caught_by_the_name_of_its_error(function: Make, machine: MakeMachine) -> None:
    catch = [{"ErrorEquals": ["Busy"], "ResultPath": "$.error", "Next": "Caught"}]
    made = machine({"Work": invoke(function(STEADY), Catch=catch, End=True), "Caught": {"Type": "Pass", "End": True}})

    output = json.loads(made.run({"always": True})["output"])

    assert output["error"]["Error"] == "Busy"
    assert json.loads(output["error"]["Cause"])["errorMessage"] == "come again"


def test_a_task_that_nobody_catches_fails_the_execution(function: Make, machine: MakeMachine) -> None:
    said = machine({"Work": invoke(function(STEADY), End=True)}).run({"always": True})

    assert (said["status"], said["error"]) == ("FAILED", "Busy")


def test_a_task_waits_for_its_token_and_takes_one_answer(
    local_aws: LocalAws, tokens: Tokens, machine: MakeMachine
) -> None:
    name, next_token = tokens
    made, client = machine({"Ask": ask(name)}), local_aws.client("stepfunctions")
    execution = made.start()
    token = next_token()
    waiting = made.told(execution)["status"]

    with pytest.raises(ClientError, match="InvalidOutput"):
        client.send_task_success(taskToken=token, output="no json")
    client.send_task_success(taskToken=token, output='{"decision": "approve"}')

    assert waiting == "RUNNING"
    assert json.loads(made.ended(execution)["output"]) == {"decision": "approve"}
    with pytest.raises(ClientError, match="TaskTimedOut"):
        client.send_task_success(taskToken=token, output="{}")
    with pytest.raises(ClientError, match="InvalidToken"):
        client.send_task_success(taskToken="forged", output="{}")


def test_a_failure_that_is_sent_comes_with_error_and_cause_and_a_retry_has_a_token_of_its_own(
    local_aws: LocalAws, tokens: Tokens, machine: MakeMachine
) -> None:
    name, next_token = tokens
    retry = [{"ErrorEquals": ["Refused"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}]
    made, client = machine({"Ask": ask(name, Retry=retry)}), local_aws.client("stepfunctions")
    execution = made.start()

    first = next_token()
    client.send_task_failure(taskToken=first, error="Refused", cause="not today")
    second = next_token()
    client.send_task_failure(taskToken=second, error="Refused", cause="not ever")

    said = made.ended(execution)
    assert first != second
    assert (said["status"], said["error"], said["cause"]) == ("FAILED", "Refused", "not ever")


def test_a_token_that_nobody_answers_times_out_and_is_answered_no_more(
    local_aws: LocalAws, tokens: Tokens, machine: MakeMachine
) -> None:
    name, next_token = tokens
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Expired"}]
    made = machine(
        {"Ask": ask(name, TimeoutSeconds=1, Catch=catch), "Expired": {"Type": "Wait", "Seconds": 9, "End": True}}
    )
    execution = made.start()
    token = next_token()

    with pytest.raises(ClientError, match="TaskTimedOut"):
        eventually(lambda: _answer(local_aws, token, after_s=0.3))

    local_aws.client("stepfunctions").stop_execution(executionArn=execution)


def test_heartbeats_keep_a_task_waiting(local_aws: LocalAws, tokens: Tokens, machine: MakeMachine) -> None:
    name, next_token = tokens
    made, client = machine({"Ask": ask(name, TimeoutSeconds=60, HeartbeatSeconds=1)}), local_aws.client("stepfunctions")
    execution = made.start()
    token = next_token()

    for _ in range(3):
        time.sleep(0.5)
        client.send_task_heartbeat(taskToken=token)
    alive = made.told(execution)["status"]
    said = made.ended(execution)

    assert alive == "RUNNING"
    assert (said["status"], said["error"]) == ("FAILED", "States.Timeout")


def test_an_execution_that_waits_is_stopped_at_once(local_aws: LocalAws, tokens: Tokens, machine: MakeMachine) -> None:
    name, next_token = tokens
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Never"}]
    made = machine({"Ask": ask(name, Catch=catch), "Never": {"Type": "Pass", "End": True}})
    execution = made.start()
    token = next_token()

    local_aws.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="a person said so")

    said = made.told(execution)
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "Enough", "a person said so")
    with pytest.raises(ClientError, match="TaskTimedOut"):
        local_aws.client("stepfunctions").send_task_success(taskToken=token, output="{}")
    time.sleep(0.2)
    assert made.told(execution)["status"] == "ABORTED"


def test_an_execution_that_takes_too_long_is_ended_with_its_time_told(machine: MakeMachine) -> None:
    made = machine({"Wait": {"Type": "Wait", "Seconds": 30, "End": True}}, TimeoutSeconds=1)

    said = made.run()

    [listed] = made.client.list_executions(stateMachineArn=made.arn)["executions"]
    assert said["status"] == listed["status"] == "TIMED_OUT"
    assert said["stopDate"] == listed["stopDate"] > said["startDate"]


def test_an_execution_has_a_name_of_its_own_unless_it_is_given_one(machine: MakeMachine) -> None:
    made = machine({"Done": {"Type": "Pass", "Parameters": {"name.$": "$$.Execution.Name"}, "End": True}})

    names = {json.loads(made.run()["output"])["name"] for _ in range(2)}
    made.client.start_execution(stateMachineArn=made.arn, name="mine", input="{}")

    assert len(names) == 2
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        made.client.start_execution(stateMachineArn=made.arn, name="mine", input='{"other": 1}')
    listed = {one["name"] for one in made.client.list_executions(stateMachineArn=made.arn)["executions"]}
    assert listed == names | {"mine"}


def test_the_sdk_integrations_reach_the_services_and_name_their_errors(
    local_aws: LocalAws, machine: MakeMachine
) -> None:
    dynamodb, table = local_aws.client("dynamodb"), f"table-{uuid4().hex[:8]}"
    keys: Any = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }
    dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **keys)
    parameters = {
        "TableName": table,
        "Key": {"pk": {"S.$": "$.pk"}},
        "UpdateExpression": "SET n = :n",
        "ConditionExpression": "attribute_not_exists(pk)",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    once = {"Type": "Task", "Parameters": parameters, "ResultPath": None}
    caught = [{"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "Next": "Twice"}]
    made = machine(
        {
            "Update": {**once, "Resource": "arn:aws:states:::dynamodb:updateItem", "Next": "Again"},
            "Again": {**once, "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem", "Catch": caught, "End": True},
            "Twice": {"Type": "Pass", "Result": "refused", "End": True},
        }
    )

    said = made.run({"pk": "x"})

    items = dynamodb.scan(TableName=table)["Items"]
    dynamodb.delete_table(TableName=table)
    assert json.loads(said["output"]) == "refused"
    assert items == [{"pk": {"S": "x"}, "n": {"N": "1"}}]


def test_the_history_is_read_in_pages_from_either_end(machine: MakeMachine, local_aws: LocalAws) -> None:
    made = machine({"First": {"Type": "Pass", "Next": "Last"}, "Last": {"Type": "Pass", "End": True}})
    execution = made.run()["executionArn"]

    def read(**more: object) -> list[list[int]]:
        pages = made.client.get_paginator("get_execution_history").paginate(executionArn=execution, **more)
        return [[event["id"] for event in page["events"]] for page in pages]

    assert read() == [[1, 2, 3, 4, 5, 6]]
    assert read(reverseOrder=True, PaginationConfig={"PageSize": 4}) == [[6, 5, 4, 3], [2, 1]]
    with pytest.raises(ClientError, match="InvalidToken"):
        local_aws.client("stepfunctions").get_execution_history(executionArn=execution, nextToken="made up")


def _answer(local_aws: LocalAws, token: str, *, after_s: float) -> None:
    """Send heartbeats, which keep nothing alive here, until the task is gone."""
    time.sleep(after_s)
    local_aws.client("stepfunctions").send_task_heartbeat(taskToken=token)
