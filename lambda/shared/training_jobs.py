"""The kinds of jobs that a training workflow starts, and how each is looked at, found and stopped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.fault import code_of
from shared.sagemaker_refusal import INVALID, is_gone

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

STOPPING = frozenset({"Stopping", "STOPPING"})
RUNNING = frozenset({"InProgress", "INPROGRESS", "STARTING"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job, in AWS's words."""

    api: str
    """The part of its operations' and members' names."""
    words: str
    snake: str
    summaries: str
    running: tuple[str, ...] = ("InProgress",)
    stopping: str = "Stopping"

    @property
    def name(self) -> str:
        """The member that names a job."""
        return f"{self.api}Name"

    @property
    def status(self) -> str:
        """The member that says how it is."""
        return f"{self.api}Status"


TRAINING = Kind("TrainingJob", "training job", "training_job", "TrainingJobSummaries")
TUNING = Kind("HyperParameterTuningJob", "tuning job", "hyper_parameter_tuning_job", "HyperParameterTuningJobSummaries")
PROCESSING = Kind("ProcessingJob", "processing job", "processing_job", "ProcessingJobSummaries")
COMPILATION = Kind(
    "CompilationJob",
    "compilation job",
    "compilation_job",
    "CompilationJobSummaries",
    ("STARTING", "INPROGRESS"),
    "STOPPING",
)
TRANSFORM = Kind("TransformJob", "transform job", "transform_job", "TransformJobSummaries")
KINDS = (TUNING, TRAINING, PROCESSING, COMPILATION, TRANSFORM)
"""A tuning job comes first: it would start training jobs while these are stopped."""


def described(client: "SageMakerClient", kind: Kind, name: str) -> dict[str, Any] | None:
    """A job as SageMaker describes it; None where there is none of that name."""
    try:
        return _call(client, f"describe_{kind.snake}", **{kind.name: name})
    except ClientError as error:
        if is_gone(error):
            return None
        raise


def stop(client: "SageMakerClient", kind: Kind, name: str) -> bool:
    """Stop a job that may run, and say whether it stops for that; one that has ended, or is gone, needs nothing.

    SageMaker refuses to stop what has ended: "The request was rejected because the training job is in status Stopped."
    Each kind has its own words for it, so the job itself is asked.
    """
    try:
        _call(client, f"stop_{kind.snake}", **{kind.name: name})
    except ClientError as error:
        if not is_gone(error) and code_of(error) != INVALID:
            raise
        told = described(client, kind, name)
        if told is not None and told[kind.status] in RUNNING:
            raise
        return told is not None and told[kind.status] in STOPPING
    return True


def found(client: "SageMakerClient", kind: Kind, contains: str, status: str) -> Iterator[str]:
    """The names of the jobs in one state whose name has a part."""
    pages = client.get_paginator(f"list_{kind.snake}s").paginate(NameContains=contains, StatusEquals=status)  # type: ignore[call-overload]  # one of five names
    return (one[kind.name] for page in pages for one in page[kind.summaries])


def _call(client: "SageMakerClient", operation: str, **asked: str) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client, operation)(**asked)
    return answer
