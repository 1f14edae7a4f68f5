"""What the workflows' definitions use of the Amazon States Language, state by state."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from tests.local.workflow.conftest import Json, Machine
from tests.local.workflow.test_execution import invoke

MakeMachine = Callable[..., Machine]
END: Json = {"Type": "Pass", "End": True}
SLOW = """
import time
def handle(event, context):
    time.sleep(30)
"""
BROKEN = """
class RequestError(Exception): pass
def handle(event, context):
    raise RequestError("train.data: none")
"""


def passed(made: Machine, given: object = None) -> Any:  # noqa: ANN401 - JSON
    said = made.run(given)
    assert said["status"] == "SUCCEEDED", said
    return json.loads(said["output"])


def test_a_failure_takes_its_name_and_its_reason_from_the_data(machine: MakeMachine) -> None:
    made = machine({"Fail": {"Type": "Fail", "ErrorPath": "$.name", "CausePath": "States.Format('of {}', $.why)"}})

    said = made.run({"name": "GateNotPassed", "why": "accuracy 0.61"})

    assert (said["status"], said["error"], said["cause"]) == ("FAILED", "GateNotPassed", "of accuracy 0.61")


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({}, "missing"),
        ({"plan": {"tuning": None}}, "null"),
        ({"plan": {"tuning": {}}}, "there"),
        ({"plan": None}, "missing"),
    ],
)
def test_a_choice_tells_what_is_missing_from_what_is_null(machine: MakeMachine, given: object, chosen: str) -> None:
    there = {"Variable": "$.plan.tuning", "IsPresent": True}
    empty = {"Variable": "$.plan.tuning", "IsNull": True}
    choices = [{"And": [there, {"Not": empty}], "Next": "There"}, {**there, "Next": "Null"}]
    made = machine(
        {
            "Choose": {"Type": "Choice", "Choices": choices, "Default": "Missing"},
            "There": {**END, "Result": "there"},
            "Null": {**END, "Result": "null"},
            "Missing": {**END, "Result": "missing"},
        }
    )

    assert passed(made, given) == chosen


def test_intrinsic_functions_make_names_numbers_and_structures(machine: MakeMachine) -> None:
    wanted = {
        "name.$": "States.Format('{}-{}', $.job, $.number)",
        "parsed.$": "States.StringToJson($.text)",
        "list.$": "States.Array($.job, 'x', 1)",
        "merged.$": 'States.JsonMerge($.plan, States.StringToJson(\'{"RoleArn": "r"}\'), false)',
        "last.$": "States.ArrayGetItem(States.StringSplit('a/b/7', '/'), 2)",
        "length.$": "States.ArrayLength($.several)",
        "has.$": "States.ArrayContains($.several, 2)",
        "sum.$": "States.MathAdd(1, $.number)",
        "hash.$": "States.Hash($.job, 'SHA-256')",
        "empty.$": "$.nothing",
    }
    given = {
        "job": "é",
        "number": 3,
        "text": '{"Error": [1]}',
        "plan": {"a": 1},
        "several": [1, 2],
        "nothing": None,
    }

    said = passed(machine({"Make": {**END, "Parameters": wanted}}), given)

    assert said == {
        "name": "é-3",
        "parsed": {"Error": [1]},
        "list": ["é", "x", 1],
        "merged": {"a": 1, "RoleArn": "r"},
        "last": "7",
        "length": 2,
        "has": True,
        "sum": 4,
        "hash": hashlib.sha256("é".encode()).hexdigest(),
        "empty": None,
    }


def test_the_context_names_the_execution_its_machine_and_the_state(machine: MakeMachine) -> None:
    wanted = {"name.$": "$$.Execution.Name", "id.$": "$$.Execution.Id", "state.$": "$$.State.Name"}
    made = machine({"Make": {**END, "Parameters": {**wanted, "machine.$": "$$.StateMachine.Id"}}})

    said = passed(made)

    assert said["id"].endswith(f":{said['name']}")
    assert (said["state"], said["machine"]) == ("Make", made.arn)


def test_what_a_function_raises_is_retried_caught_by_all_and_read(
    machine: MakeMachine, function: Callable[..., str]
) -> None:
    retry = [
        {"ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2},
        {
            "ErrorEquals": ["RequestError"],
            "IntervalSeconds": 1,
            "MaxAttempts": 2,
            "BackoffRate": 3.5,
            "MaxDelaySeconds": 1,
            "JitterStrategy": "FULL",
        },
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Read"}]
    read = {"error.$": "$.error.Error", "cause.$": "States.StringToJson($.error.Cause)"}
    name = function(BROKEN)
    before = time.monotonic()

    made = machine({"Work": invoke(name, Retry=retry, Catch=catch, Next="Read"), "Read": {**END, "Parameters": read}})
    said = passed(made)

    assert said["error"] == "RequestError"
    assert (said["cause"]["errorType"], said["cause"]["errorMessage"]) == ("RequestError", "train.data: none")
    assert time.monotonic() - before < 5


def test_a_path_that_leads_nowhere_is_caught_by_nobody(machine: MakeMachine, function: Callable[..., str]) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    lost = invoke(function("def handle(event, context): pass"), InputPath="$", Catch=catch, End=True)
    lost["Parameters"]["Payload.$"] = "$.nowhere"

    said = machine({"Work": lost, "Caught": END}).run({"here": 1})

    assert (said["status"], said["error"]) == ("FAILED", "States.Runtime")


def test_a_slow_task_times_out_by_the_number_in_the_data(machine: MakeMachine, function: Callable[..., str]) -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "Caught"}]
    slow = invoke(function(SLOW, Timeout=60), TimeoutSecondsPath="$.seconds", Catch=catch, Next="Caught")

    said = passed(machine({"Work": slow, "Caught": END}), {"seconds": 1})

    assert said["error"]["Error"] == "States.Timeout"


@pytest.mark.parametrize("waiting", ["wait", "function"])
def test_a_stop_is_told_at_once_whatever_runs(
    waiting: str, machine: MakeMachine, function: Callable[..., str], local_aws: LocalAws
) -> None:
    state = (
        {"Type": "Wait", "Seconds": 60, "End": True}
        if waiting == "wait"
        else invoke(function(SLOW, Timeout=60), End=True)
    )
    made = machine({"Work": state})
    execution = made.start()
    time.sleep(0.3)
    before = time.monotonic()

    local_aws.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="a person")

    said = made.told(execution)
    assert time.monotonic() - before < 1
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "Enough", "a person")
