"""A processing job as SageMaker keeps and tells it."""

from dataclasses import dataclass

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import Job


@dataclass(kw_only=True)
class Processing(Job):
    """A processing job."""

    message: str = ""
    """What its containers wrote into /opt/ml/output/message."""


def described(job: Processing) -> Json:
    """What DescribeProcessingJob answers."""
    with job.lock:
        return {**job.asked_for(), **summary(job), **job.times("Processing")}


def summary(job: Processing) -> Json:
    """What a list says of it."""
    with job.lock:
        times = {name: value for name, value in job.times("Processing").items() if name != "ProcessingStartTime"}
        return {
            "ProcessingJobName": job.name,
            "ProcessingJobArn": job.arn,
            "ProcessingJobStatus": job.status,
            **({"ExitMessage": job.message} if job.message else {}),
            **times,
            **job.dates,
        }
