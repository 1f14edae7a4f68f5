"""The function answers whatever happens: without it the reason would be lost."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from shared import clients
from training_failure import handler

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

JOB = "mlstack-sandbox-0badcafe"
OPERATION = "list_training_jobs_for_hyper_parameter_tuning_job"
ASKED = {
    "HyperParameterTuningJobName": JOB,
    "StatusEquals": "Failed",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
    "MaxResults": 10,
}
TUNED = {"HyperParameterTuningJobName": JOB, "HyperParameterTuningJobStatus": "Failed", "FailureReason": "none did"}


@pytest.fixture(scope="session")
def failure_sagemaker() -> "SageMakerClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("sagemaker", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch, failure_sagemaker: "SageMakerClient") -> Iterator[Stubber]:
    """What SageMaker says, answer by answer; each of them must be asked for."""
    monkeypatch.setattr(clients, "sagemaker", lambda: failure_sagemaker)
    with Stubber(failure_sagemaker) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def event(told: dict[str, Any], step: str = "Tune") -> dict[str, Any]:
    """A failed job, as the state machine hands it over."""
    return {"failures": {step: {"Error": "States.TaskFailed", "Cause": json.dumps(told)}}}


def failed(*reasons: str | None) -> dict[str, Any]:
    """Training jobs that failed."""
    summary = {
        "TrainingJobName": f"{JOB}-001-0a1b2c3d",
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{JOB}-001-0a1b2c3d",
        "CreationTime": 0,
        "TrainingJobStatus": "Failed",
        "TunedHyperParameters": {},
    }
    return {"TrainingJobSummaries": [summary | ({"FailureReason": one} if one else {}) for one in reasons]}


@pytest.mark.usefixtures("sagemaker")
def test_a_training_job_that_failed_says_why() -> None:
    told = {"TrainingJobName": JOB, "TrainingJobStatus": "Failed", "FailureReason": "AlgorithmError: x, exit code: 1"}

    answer = handler.handle(event(told, "Train"), None)

    assert answer == {
        "error": "TrainingJobFailed",
        "reason": f"training job {JOB} failed: AlgorithmError: x, exit code: 1",
    }


def test_a_tuning_job_says_what_one_of_its_training_jobs_said(sagemaker: Stubber) -> None:
    sagemaker.add_response(OPERATION, failed(None, "AlgorithmError: no pictures", "other"), ASKED)

    answer = handler.handle(event(TUNED), None)

    assert answer["error"] == "TuningJobFailed"
    assert answer["reason"] == (
        f"tuning job {JOB} failed: none did; one of its training jobs: AlgorithmError: no pictures"
    )


def test_a_tuning_job_without_a_training_job_says_what_it_can(sagemaker: Stubber) -> None:
    sagemaker.add_response(OPERATION, failed(), ASKED)

    assert handler.handle(event(TUNED), None)["reason"] == f"tuning job {JOB} failed: none did"


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDeniedException", 400), ("ThrottlingException", 400), ("ResourceNotFound", 400), ("InternalFailure", 500)],
)
def test_a_look_that_is_refused_loses_no_reason(sagemaker: Stubber, code: str, status: int) -> None:
    sagemaker.add_client_error(OPERATION, code, "no", status)

    assert handler.handle(event(TUNED), None)["reason"] == f"tuning job {JOB} failed: none did"


@pytest.mark.usefixtures("sagemaker")
@pytest.mark.parametrize("nothing", [{}, {"failures": None}, {"failures": {}}])
@pytest.mark.usefixtures("sagemaker")
def test_an_event_that_tells_nothing_is_answered_too(nothing: dict[str, Any]) -> None:
    assert handler.handle(nothing, None) == {
        "error": "Unknown",
        "reason": "a step failed and tells no reason: no error",
    }


def test_the_state_machine_keeps_failures_by_the_name_of_their_step() -> None:
    told = {"TrainingJobName": JOB, "TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"}
    failures = {"Plan": {"Error": "X", "Cause": "y"}, **event(told, "Train")["failures"]}

    answer = handler.handle({"failures": failures}, None)

    assert answer["error"] == "TrainingJobTimedOut"
    assert handler.handle({"failures": {"Transform": {"Error": "States.Timeout"}}}, None) == {
        "error": "Timeout",
        "reason": "Transform did not end in the time that it has",
    }
