"""A task that runs a job of SageMaker: it ends as the job does, and a job does not outlive its task."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceARN,
    ResourceRuntimePart,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from mlstack.local.aws import LocalAws
from mlstack.local.workflow import sagemaker_task
from mlstack.local.workflow.sagemaker_task import SageMakerTask
from mlstack.local.workflow.waiting_task import TaskStoppedError, refusal
from tests.local.workflow.conftest import ROLE, Json, Machine

MakeMachine = Callable[..., Machine]
OPTIMISED = "arn:aws:states:::sagemaker:"
SDK = "arn:aws:states:::aws-sdk:sagemaker:"
MADE = datetime(2026, 11, 22, 6, 40, 0, 123000, tzinfo=UTC)
KINDS = ["TrainingJob", "HyperParameterTuningJob", "ProcessingJob", "TransformJob"]


def task(resource: str, parameters: Json, **more: object) -> Json:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}


class Jobs:
    """A SageMaker whose one job goes through the given states, and stays in the last."""

    def __init__(self, kind: str, *states: str) -> None:
        self._kind = kind
        self._states = [*states]
        self.stopped: list[Json] = []
        self.too_late = False

    def __getattr__(self, name: str) -> Callable[..., Json]:
        return {"describe": self._describe, "stop": self._stop}[name.partition("_")[0]]

    def _describe(self, **asked: str) -> Json:
        status = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        told = {"FailureReason": "AlgorithmError: exit code: 1"} if status == "Failed" else {}
        about = {"ResponseMetadata": {"HTTPStatusCode": 200}}
        return {**asked, f"{self._kind}Status": status, "CreationTime": MADE, **told, **about}

    def _stop(self, **asked: str) -> Json:
        self.stopped.append(asked)
        if self.too_late:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "The job has ended."}}, "Stop")
        return {}


class Running:
    """As much of an execution as a task looks at."""

    next_state_name = "Train"
    event_history_context = SimpleNamespace(source_event_id=4)

    def __init__(self) -> None:
        self.stack: list[Any] = [{}]
        self.runs = True

    def is_running(self) -> bool:
        return self.runs


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sagemaker_task, "STEP_S", 0.01)


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Jobs, Running], Json]:
    """Waits for a job as its task does after the call that made it; what the task's answer is."""

    def waited(kind: str, jobs: Jobs, running: Running) -> Json:
        monkeypatch.setattr(sagemaker_task, "boto_client_for", lambda *_: jobs)
        made, where = SageMakerTask(), ResourceRuntimePart(account="123456789012", region="us-east-1")
        made.resource = ServiceResource(ResourceARN.from_arn(f"{OPTIMISED}create{kind}.sync"))
        env, named = cast("Environment", running), {f"{kind}Name": "mine", "RoleArn": ROLE}
        made._eval_integration_pattern(env, where, named, None)  # noqa: SLF001  # moto calls it so
        answer: Json = running.stack[-1]
        return answer

    return waited


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_ends_with_the_jobs_description_its_dates_in_milliseconds(
    kind: str, wait: Callable[[str, Jobs, Running], Json]
) -> None:
    jobs = Jobs(kind, "InProgress", "InProgress", "Completed")

    said = wait(kind, jobs, Running())

    assert said == {f"{kind}Name": "mine", f"{kind}Status": "Completed", "CreationTime": 1795329600123}
    assert jobs.stopped == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ended", ["Failed", "Stopped"])
def test_a_job_that_did_not_complete_fails_its_task_with_its_description(
    kind: str, ended: str, wait: Callable[[str, Jobs, Running], Json]
) -> None:
    with pytest.raises(FailureEventException) as failed:
        wait(kind, Jobs(kind, "InProgress", "Stopping", ended), Running())

    [details] = cast("dict[str, Json]", failed.value.failure_event.event_details).values()
    cause = json.loads(details["cause"])
    assert details["error"] == "States.TaskFailed"
    assert (cause[f"{kind}Name"], cause[f"{kind}Status"]) == ("mine", ended)
    assert cause.get("FailureReason") == ("AlgorithmError: exit code: 1" if ended == "Failed" else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("too_late", [False, True])
def test_a_task_that_is_stopped_while_it_waits_stops_its_job(
    kind: str, wait: Callable[[str, Jobs, Running], Json], *, too_late: bool
) -> None:
    jobs, running = Jobs(kind, "InProgress"), Running()
    jobs.too_late = too_late
    ends: list[object] = []

    def run() -> None:
        with suppress(TaskStoppedError):
            ends.append(wait(kind, jobs, running))

    thread = Thread(target=run)
    thread.start()
    time.sleep(0.05)
    before = [*jobs.stopped]
    running.runs = False
    thread.join(timeout=5)

    assert not thread.is_alive()
    assert before == ends == []
    assert jobs.stopped == [{f"{kind}Name": "mine"}]


def test_a_job_that_was_made_just_before_the_stop_is_stopped_too(wait: Callable[[str, Jobs, Running], Json]) -> None:
    jobs, running = Jobs("TrainingJob", "InProgress"), Running()
    running.runs = False

    with pytest.raises(TaskStoppedError):
        wait("TrainingJob", jobs, running)

    assert jobs.stopped == [{"TrainingJobName": "mine"}]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("ResourceInUse", "SageMaker.ResourceInUseException"),
        ("ConflictException", "SageMaker.ConflictException"),
        ("ValidationException", "SageMaker.AmazonSageMakerException"),
        ("ThrottlingException", "SageMaker.AmazonSageMakerException"),
    ],
)
def test_a_refusal_is_named_as_the_java_sdk_names_it(code: str, name: str) -> None:
    answer: Any = {
        "Error": {"Code": code, "Message": "no more"},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "r-1"},
    }

    error, cause = refusal(ClientError(answer, "CreateTrainingJob"), *SageMakerTask.names)

    assert error == name
    assert cause == (
        f"no more (Service: AmazonSageMaker; Status Code: 400; Error Code: {code}; Request ID: r-1; Proxy: null)"
    )


def test_a_refusal_is_caught_by_its_name_in_the_services_words(machine: MakeMachine) -> None:
    catch = [{"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "ResultPath": "$.error", "Next": "Caught"}]
    parameters = {"ModelName": "not a name", "ExecutionRoleArn": ROLE}
    made = machine(
        {"Make": task(f"{OPTIMISED}createModel", parameters, Catch=catch), "Caught": {"Type": "Pass", "End": True}}
    )

    said = json.loads(made.run()["output"])["error"]

    assert "Value 'not a name' at 'modelName' failed to satisfy constraint" in said["Cause"]
    assert "Error Code: ValidationException; Request ID: " in said["Cause"]


def test_the_sdk_integration_names_its_refusals_otherwise(machine: MakeMachine) -> None:
    said = machine({"Ask": task(f"{SDK}describeEndpoint", {"EndpointName": "none"})}).run()

    assert (said["status"], said["error"]) == ("FAILED", "SageMaker.SageMakerException")
    assert 'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/none".' in said["cause"]
    assert "(Service: SageMaker, Status Code: 400, Request ID: " in said["cause"]


@pytest.mark.parametrize(
    "resource",
    ["createCompilationJob", "createModelPackage", "createModel.sync", "createTrainingJob.waitForTaskToken"],
)
def test_a_resource_that_step_functions_does_not_have_is_refused_at_once(resource: str, machine: MakeMachine) -> None:
    with pytest.raises(ClientError, match="not recognized"):
        machine({"Task": task(OPTIMISED + resource, {})})


def test_a_field_that_sagemaker_does_not_have_ends_the_execution_whatever_is_caught(machine: MakeMachine) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    parameters = {"ModelName": "mine", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Images": "x"}}
    made = machine(
        {"Make": task(f"{OPTIMISED}createModel", parameters, Catch=catch), "Caught": {"Type": "Pass", "End": True}}
    )

    said = made.run()

    assert (said["status"], said["error"]) == ("FAILED", "States.Runtime")
    assert 'The field "Images" is not supported by Step Functions' in said["cause"]


def test_dates_of_a_services_answer_are_text_for_every_later_state(machine: MakeMachine, local_aws: LocalAws) -> None:
    group = "dated"
    local_aws.client("sagemaker").create_model_package_group(ModelPackageGroupName=group)
    text = {"said.$": "States.JsonToString($)", "made.$": "$.CreationTime", "started.$": "$$.Execution.StartTime"}
    after = {"Type": "Pass", "Parameters": text, "End": True}
    ask = task(f"{SDK}describeModelPackageGroup", {"ModelPackageGroupName": group}, Next="After")
    made = machine({"Ask": {name: value for name, value in ask.items() if name != "End"}, "After": after})

    output = json.loads(made.run()["output"])

    local_aws.client("sagemaker").delete_model_package_group(ModelPackageGroupName=group)
    assert json.loads(output["said"])["CreationTime"] == output["made"]
    assert [datetime.fromisoformat(output[name]).utcoffset() for name in ("made", "started")]
    assert output["made"].endswith("Z")
    assert output["started"].endswith("Z")
