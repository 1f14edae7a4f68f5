"""Every kind of job is looked at, found and stopped by AWS's own names, and a job that has ended is no error."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared.sagemaker_refusal import is_gone, is_in_progress, is_taken
from shared.training_jobs import COMPILATION, KINDS, RUNNING, STOPPING, TRAINING, TUNING, Kind, described, found, stop

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

JOB = "mlstack-sandbox-0badcafe"


@pytest.fixture(scope="module")
def client() -> "SageMakerClient":
    return boto3.client("sagemaker", config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@pytest.fixture
def said(client: "SageMakerClient") -> Iterator[Stubber]:
    """What SageMaker says, answer by answer; each of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Any")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_called_as_aws_calls_it(client: "SageMakerClient", kind: Kind) -> None:
    model = client.meta.service_model
    for verb in ("Describe", "Stop"):
        assert kind.name in model.operation_model(f"{verb}{kind.api}").input_shape.members  # type: ignore[union-attr]
        assert hasattr(client, f"{verb.lower()}_{kind.snake}")
    asked = model.operation_model(f"List{kind.api}s")
    states = set(model.operation_model(f"Describe{kind.api}").output_shape.members[kind.status].enum)  # type: ignore[union-attr]

    assert client.can_paginate(f"list_{kind.snake}s")
    assert {"NameContains", "StatusEquals"} <= asked.input_shape.members.keys()  # type: ignore[union-attr]
    assert kind.name in asked.output_shape.members[kind.summaries].member.members  # type: ignore[union-attr]
    assert set(kind.running) == states & RUNNING
    assert {kind.stopping} == states & STOPPING


def test_a_tuning_job_is_stopped_before_its_training_jobs() -> None:
    assert KINDS.index(TUNING) < KINDS.index(TRAINING)


@pytest.mark.parametrize("message", ["Requested resource not found.", "The request was rejected"])
def test_a_job_that_is_gone_needs_no_stop(client: "SageMakerClient", said: Stubber, message: str) -> None:
    said.add_client_error("stop_training_job", "ValidationException", message)
    said.add_client_error("describe_training_job", "ValidationException", "Requested resource not found.")

    assert not stop(client, TRAINING, JOB)


def test_a_stop_that_is_invalid_while_the_job_runs_is_an_error(client: "SageMakerClient", said: Stubber) -> None:
    said.add_client_error("stop_compilation_job", "ValidationException", "1 validation error detected")
    told = {
        "CompilationJobName": JOB,
        "CompilationJobArn": "arn:aws:sagemaker:us-east-1:123456789012:compilation-job/x",
        "CompilationJobStatus": "INPROGRESS",
        "StoppingCondition": {},
        "CreationTime": 0,
        "LastModifiedTime": 0,
        "FailureReason": "",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/k"},
        "RoleArn": "arn:aws:iam::123456789012:role/any",
        "InputConfig": {"S3Uri": "s3://b/k", "Framework": "ONNX"},
        "OutputConfig": {"S3OutputLocation": "s3://b/"},
    }
    said.add_response("describe_compilation_job", told, {"CompilationJobName": JOB})

    with pytest.raises(ClientError, match="validation error"):
        stop(client, COMPILATION, JOB)


@pytest.mark.parametrize("kind", KINDS)
def test_jobs_are_found_on_all_pages(client: "SageMakerClient", said: Stubber, kind: Kind) -> None:
    for more in (True, False):
        summary: dict[str, Any] = {
            kind.name: f"{JOB}{int(more)}",
            f"{kind.api}Arn": f"arn:aws:sagemaker:x:1:job/{JOB}",
            "CreationTime": 0,
        }
        summary |= {kind.status: kind.stopping}
        if kind is TUNING:
            summary |= {"Strategy": "Random", "TrainingJobStatusCounters": {}, "ObjectiveStatusCounters": {}}
        asked = {"NameContains": "mlstack-", "StatusEquals": kind.stopping} | ({} if more else {"NextToken": "next"})
        answer = {kind.summaries: [summary]} | ({"NextToken": "next"} if more else {})
        said.add_response(f"list_{kind.snake}s", answer, asked)

    assert list(found(client, kind, "mlstack-", kind.stopping)) == [f"{JOB}1", f"{JOB}0"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_refusal_is_an_error(client: "SageMakerClient", said: Stubber, code: str) -> None:
    said.add_client_error("describe_training_job", code, "no")
    said.add_client_error("stop_training_job", code, "no")

    with pytest.raises(ClientError, match=code):
        described(client, TRAINING, JOB)
    with pytest.raises(ClientError, match=code):
        stop(client, TRAINING, JOB)


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        ("ResourceNotFound", "any", "gone"),
        ("ValidationException", "Requested resource not found.", "gone"),
        ("ValidationException", 'Could not find endpoint "arn".', "gone"),
        ("ValidationException", 'Could not find endpoint configuration "arn".', "gone"),
        ("ValidationException", "Could not find requested job with name: x", "gone"),
        ("ValidationException", "Amazon SageMaker can't find a tuning job with the name x.", "gone"),
        ("ValidationException", "ModelPackage arn does not exist.", "gone"),
        ("ValidationException", "RecordNotFound", "gone"),
        ("ValidationException", 'Cannot create already existing endpoint "arn".', "taken"),
        ("ValidationException", 'Cannot update in-progress endpoint "arn".', "in progress"),
        ("ValidationException", "1 validation error detected: Value '' at 'endpointName'", ""),
        ("ValidationException", "The request was rejected because the training job is in status Stopped.", ""),
        ("AccessDeniedException", "resource not found or in progress or already exists", ""),
    ],
)
def test_what_sagemaker_means_is_known_by_its_words(code: str, message: str, meaning: str) -> None:
    error = refusal(code, message)

    assert (is_gone(error), is_taken(error), is_in_progress(error)) == (
        meaning == "gone",
        meaning == "taken",
        meaning == "in progress",
    )
