"""A tuning job as SageMaker keeps and tells it."""

from collections import Counter
from dataclasses import dataclass, field

from mlstack.local.json_service import Json
from mlstack.local.sagemaker.job.draws import Draws
from mlstack.local.sagemaker.job.record import COMPLETED, FAILED, IN_PROGRESS, STOPPED, STOPPING, Job
from mlstack.local.sagemaker.job.training_record import Training


@dataclass(kw_only=True)
class Trial:
    """One training job of a tuning job, and what it was trained by."""

    training: Training
    definition: Json
    objective: Json

    @property
    def score(self) -> float | None:
        """Its objective's last value; more is better."""
        values = self.scores
        return values[-1] if values else None

    @property
    def scores(self) -> list[float]:
        """Its objective's values so far; more is better."""
        sign = 1 if self.objective["Type"] == "Maximize" else -1
        return [sign * one.value for one in self.training.metrics.of(self.objective["MetricName"])]

    @property
    def objective_status(self) -> str:
        """What came of it: a job that was stopped early counts with what it said."""
        if not self.training.over:
            return "Pending"
        return "Failed" if self.training.status == FAILED or self.score is None else "Succeeded"


@dataclass(kw_only=True)
class Tuning(Job):
    """A tuning job."""

    draws: dict[str, Draws]
    """By the name of a training job definition."""
    trials: list[Trial] = field(default_factory=list)
    not_improved: int = 0

    @property
    def config(self) -> Json:
        """How it tunes."""
        said: Json = self.said["HyperParameterTuningJobConfig"]
        return said

    def best(self) -> Trial | None:
        """The trial with the best objective so far."""
        good = [trial for trial in self.trials if trial.objective_status == "Succeeded"]
        return max(good, key=lambda trial: trial.score or 0.0, default=None)


def described(job: Tuning) -> Json:
    """What DescribeHyperParameterTuningJob answers."""
    with job.lock:
        best = job.best()
        seconds = sum(
            (one.training.ended or 0) - (one.training.started or 0) for one in job.trials if one.training.over
        )
        return {
            **job.asked_for(),
            **{name: value for name, value in summary(job).items() if name not in {"Strategy", "ResourceLimits"}},
            **({"BestTrainingJob": trial_summary(best, None)} if best else {}),
            **({"FailureReason": job.why} if job.why else {}),
            "TuningJobCompletionDetails": {"NumberOfTrainingJobsObjectiveNotImproving": job.not_improved},
            "ConsumedResources": {"RuntimeInSeconds": max(0, round(seconds))},
        }


def summary(job: Tuning) -> Json:
    """What a list says of it."""
    with job.lock:
        statuses = Counter(trial.training.status for trial in job.trials)
        objectives = Counter(trial.objective_status for trial in job.trials)
        return {
            "HyperParameterTuningJobName": job.name,
            "HyperParameterTuningJobArn": job.arn,
            "HyperParameterTuningJobStatus": job.status,
            "Strategy": job.config["Strategy"],
            **({"HyperParameterTuningEndTime": job.ended} if job.ended is not None else {}),
            "TrainingJobStatusCounters": {
                "Completed": statuses[COMPLETED],
                "InProgress": statuses[IN_PROGRESS] + statuses[STOPPING],
                "RetryableError": 0,
                "NonRetryableError": statuses[FAILED],
                "Stopped": statuses[STOPPED],
            },
            "ObjectiveStatusCounters": {name: objectives[name] for name in ("Succeeded", "Pending", "Failed")},
            "ResourceLimits": job.config["ResourceLimits"],
            **job.dates,
        }


def trial_summary(trial: Trial, tuning: str | None) -> Json:
    """What ListTrainingJobsForHyperParameterTuningJob says of a training job."""
    job = trial.training
    with job.lock:
        values = job.metrics.of(trial.objective["MetricName"])
        final = {**trial.objective, "Value": values[-1].value} if values else None
        optional = {
            "TrainingJobDefinitionName": trial.definition.get("DefinitionName"),
            "TuningJobName": tuning,
            "FinalHyperParameterTuningJobObjectiveMetric": final,
        }
        return {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "CreationTime": job.created,
            "TrainingJobStatus": job.status,
            "TunedHyperParameters": job.tuned,
            "ObjectiveStatus": trial.objective_status,
            **job.times("Training"),
            **{name: value for name, value in optional.items() if value is not None},
        }
