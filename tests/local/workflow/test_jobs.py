"""State machines run real jobs of the local SageMaker, and end them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from tests.local.desk import Desk
from tests.local.workflow.conftest import Json, Machine

MakeMachine = Callable[..., Machine]
TRAIN = "arn:aws:states:::sagemaker:createTrainingJob.sync"


def training(desk: Desk, *, timeout: int = 60, **more: Any) -> tuple[str, Json]:  # noqa: ANN401 - a request's fields
    """A job's name and a state that runs it."""
    asked = desk.request(**more)
    state = {"Type": "Task", "Resource": TRAIN, "Parameters": asked, "TimeoutSeconds": timeout, "End": True}
    return asked["TrainingJobName"], state


def test_a_state_machine_trains_and_hands_the_model_on(desk: Desk, machine: MakeMachine) -> None:
    name, state = training(desk)
    chosen = {"job.$": "$.TrainingJobName", "artifacts.$": "$.ModelArtifacts.S3ModelArtifacts"}

    said = machine({"Train": {**state, "ResultSelector": chosen}}).run()

    output = json.loads(said["output"])
    assert output == {"job": name, "artifacts": desk.uri(f"out/{name}/output/model.tar.gz")}
    assert "algo-1.json" in desk.unpacked(output["artifacts"])


def test_a_failed_job_hands_its_own_reason_on(desk: Desk, machine: MakeMachine) -> None:
    name, state = training(desk, fail="the pictures are gone")
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Read"}]
    read = {"error.$": "$.error.Error", "cause.$": "States.StringToJson($.error.Cause)"}

    made = machine({"Train": {**state, "Catch": catch}, "Read": {"Type": "Pass", "Parameters": read, "End": True}})
    output = json.loads(made.run()["output"])

    assert output["error"] == "States.TaskFailed"
    assert (output["cause"]["TrainingJobName"], output["cause"]["TrainingJobStatus"]) == (name, "Failed")
    assert "the pictures are gone" in output["cause"]["FailureReason"]


@pytest.mark.parametrize("ended_by", ["a person", "its own time", "the execution's time"])
def test_a_job_ends_with_the_execution_that_waits_for_it(
    ended_by: str, desk: Desk, machine: MakeMachine, local_aws: LocalAws
) -> None:
    name, state = training(desk, timeout=3 if ended_by == "its own time" else 60, sleep="60")
    made = machine({"Train": state}, **({"TimeoutSeconds": 3} if ended_by == "the execution's time" else {}))
    execution = made.start()
    desk.running(name)

    if ended_by == "a person":
        local_aws.client("stepfunctions").stop_execution(executionArn=execution)
    said = made.ended(execution)

    statuses = {"a person": "ABORTED", "its own time": "FAILED", "the execution's time": "TIMED_OUT"}
    assert said["status"] == statuses[ended_by]
    assert desk.training(name, "Stopped")["TrainingJobStatus"] == "Stopped"
    kinds = [event["type"] for event in made.client.get_execution_history(executionArn=execution)["events"]]
    assert "TaskSucceeded" not in kinds


def test_a_job_whose_name_is_taken_is_refused_by_that_name(desk: Desk, machine: MakeMachine) -> None:
    name, state = training(desk)
    desk.train(TrainingJobName=name)

    said = machine({"Train": state}).run()

    assert said["error"] == "SageMaker.ResourceInUseException"
    assert name in said["cause"]


def test_a_job_ends_with_the_branch_beside_it_that_failed(desk: Desk, machine: MakeMachine) -> None:
    name, state = training(desk, sleep="60")
    fails = {"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Fail"}, "Fail": {"Type": "Fail", "Error": "Other"}}
    branches = [{"StartAt": "Train", "States": {"Train": state}}, {"StartAt": "Pause", "States": fails}]

    said = machine({"Both": {"Type": "Parallel", "Branches": branches, "End": True}}).run()

    assert (said["status"], said["error"]) == ("FAILED", "Other")
    assert desk.training(name, "Stopped")["TrainingJobStatus"] == "Stopped"


def test_a_job_ends_with_its_state_machine(desk: Desk, machine: MakeMachine, local_aws: LocalAws) -> None:
    name, state = training(desk, sleep="60")
    made = machine({"Train": state})
    made.start()
    desk.running(name)

    local_aws.client("stepfunctions").delete_state_machine(stateMachineArn=made.arn)

    assert desk.training(name, "Stopped")["TrainingJobStatus"] == "Stopped"
