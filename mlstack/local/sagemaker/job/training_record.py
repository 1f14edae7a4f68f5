"""A training job as SageMaker keeps and tells it."""

import time
from dataclasses import dataclass, field

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.metrics import Metrics
from mlstack.local.sagemaker.job.record import IN_PROGRESS, STOPPING, Job
from mlstack.local.sagemaker.location import below

LONGEST_RUN_S = 86400
"""MaxRuntimeInSeconds where nobody says it."""
MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Training job interrupted",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
}
"""What AWS says of each secondary status."""


@dataclass(kw_only=True)
class Training(Job):
    """A training job."""

    metrics: Metrics
    tuning_arn: str = ""
    tuned: dict[str, str] = field(default_factory=dict)
    """The hyperparameters that its tuning job chose."""
    billed_s: float = 0.0
    transitions: list[Json] = field(default_factory=list)

    @property
    def artifacts(self) -> str:
        """Where its model goes: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html."""
        name = "model/" if self.uncompressed else "model.tar.gz"
        return below(self.said["OutputDataConfig"]["S3OutputPath"], self.name, "output", name)

    @property
    def uncompressed(self) -> bool:
        """Whether its model is stored file by file."""
        return bool(self.said["OutputDataConfig"].get("CompressionType") == "NONE")

    @property
    def spot(self) -> bool:
        """Whether it runs on instances that can be taken away."""
        return bool(self.said.get("EnableManagedSpotTraining"))

    @property
    def secondary(self) -> str:
        """Where it is just now."""
        return str(self.transitions[-1]["Status"]) if self.transitions else "Starting"

    def go(self, status: str, message: str = "") -> None:
        """Reach a secondary status, or say something new within the same one."""
        now, said = time.time(), message or MESSAGES[status]
        with self.lock:
            if self.transitions and self.secondary == status:
                self.transitions[-1]["StatusMessage"] = said
            else:
                if self.transitions:
                    self.transitions[-1]["EndTime"] = now
                self.transitions.append({"Status": status, "StartTime": now, "StatusMessage": said})
            self.touch()

    def stop(self) -> None:
        """Somebody wants it to end."""
        with self.lock:
            if self.status == IN_PROGRESS:
                self.go(STOPPING)
            super().stop()

    def finish(self, status: str, why: str = "", *, secondary: str = "") -> None:
        """It is over."""
        with self.lock:
            if not self.over:
                self.go(secondary or status)
                self.transitions[-1]["EndTime"] = self.transitions[-1]["StartTime"]
                self.end(status, why)


def described(job: Training) -> Json:
    """What DescribeTrainingJob answers."""
    with job.lock:
        times: Json = {}
        if job.started is not None:
            whole = (job.ended or time.time()) - job.started
            times = {"TrainingTimeInSeconds": _seconds(whole)}
            if job.over:
                times["BillableTimeInSeconds"] = _seconds(job.billed_s if job.spot else whole)
        return {
            "HyperParameters": {},
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            "ProfilingStatus": "Disabled",
            **job.asked_for(),
            "StoppingCondition": {"MaxRuntimeInSeconds": LONGEST_RUN_S, **job.said.get("StoppingCondition", {})},
            "TrainingJobArn": job.arn,
            **({"TuningJobArn": job.tuning_arn} if job.tuning_arn else {}),
            "ModelArtifacts": {"S3ModelArtifacts": job.artifacts},
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.secondary,
            "SecondaryStatusTransitions": [dict(one) for one in job.transitions],
            "FinalMetricDataList": job.metrics.final(),
            **job.times("Training"),
            **times,
            **job.dates,
        }


def summary(job: Training) -> Json:
    """What a list says of it."""
    with job.lock:
        ended = {"TrainingEndTime": job.ended} if job.ended is not None else {}
        return {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "TrainingJobStatus": job.status,
            "SecondaryStatus": job.secondary,
            **job.dates,
            **ended,
        }


def _seconds(span: float) -> int:
    return max(1, round(span))
