"""A transform job as SageMaker keeps and tells it."""

from collections.abc import Callable
from dataclasses import dataclass

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.record import Job


@dataclass(kw_only=True)
class Transform(Job):
    """A transform job."""

    model: Json
    """The model's own request."""
    cut_off: Callable[[], None] | None = None
    """Ends its container, once it runs, whatever that is doing."""

    def stop(self) -> None:
        """Somebody wants it to end."""
        super().stop()
        if self.cut_off is not None:
            self.cut_off()


def described(job: Transform) -> Json:
    """What DescribeTransformJob answers."""
    with job.lock:
        defaults = {"DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}}
        said = {**defaults, **job.asked_for()}
        shown = {name: value for name, value in summary(job).items() if name != "LastModifiedTime"}
        return {**said, **shown, **job.times("Transform")}


def summary(job: Transform) -> Json:
    """What a list says of it."""
    with job.lock:
        times = {name: value for name, value in job.times("Transform").items() if name != "TransformStartTime"}
        return {
            "TransformJobName": job.name,
            "TransformJobArn": job.arn,
            "TransformJobStatus": job.status,
            **times,
            **job.dates,
        }
