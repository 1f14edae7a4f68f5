"""CreateTrainingJob and what belongs to it."""

from typing import Any

from mlstack.local.json_service import Answer, Json, ServiceError
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.admission import check_data, check_image, check_role
from mlstack.local.sagemaker.job.jobs import IN_USE, Jobs, Kind
from mlstack.local.sagemaker.job.metrics import Metrics
from mlstack.local.sagemaker.job.training_record import LONGEST_RUN_S, Training, described, summary
from mlstack.local.sagemaker.job.training_run import TrainingRun
from mlstack.local.sagemaker.registry import INVALID, Refusal

KIND: Kind[Training] = Kind(
    title="TrainingJob",
    arn="training-job",
    words="training job",
    described=described,
    summary=summary,
    missing=Refusal("Requested resource not found."),
    taken=Refusal(
        "Training job names must be unique within an AWS account and region, and a training job with this name "
        "already exists ({arn})",
        IN_USE,
    ),
)
ONE_ALGORITHM = "Exactly one of TrainingImage and AlgorithmName is needed in AlgorithmSpecification."
NOT_SPOT = "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
"""AWS's own words: https://github.com/Kenza-AI/sagify/issues/111"""
SHORT_WAIT = "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
NO_INSTANCES = "InstanceType, InstanceCount and VolumeSizeInGB, or InstanceGroups, are needed in ResourceConfig."
CHANNEL_TWICE = "Channel names must be unique; {name} is there twice."


class Trainings(Jobs[Training]):
    """The training jobs of one account and region."""

    def __init__(self, hall: Hall) -> None:
        super().__init__(hall, KIND)

    def answers(self) -> dict[str, Answer]:
        """The operations."""
        return {**super().answers(), "CreateTrainingJob": self._create}

    def _create(self, asked: Json) -> Json:
        if self.kept.find(asked["TrainingJobName"]) is None:
            check(self._hall, asked, asked["AlgorithmSpecification"], asked["ResourceConfig"])
        return {"TrainingJobArn": self.launch(asked).arn}

    def launch(self, said: Json, *, tuning_arn: str = "", tuned: dict[str, str] | None = None) -> Training:
        """Start a job that nothing speaks against any more."""
        name = said["TrainingJobName"]
        metrics = Metrics(said["AlgorithmSpecification"].get("MetricDefinitions", ()))
        job = Training(
            name=name, arn=self.kept.arn(name), said=said, metrics=metrics, tuning_arn=tuning_arn, tuned=tuned or {}
        )
        self.kept.add(job)
        job.go("Starting")
        self.run(job, TrainingRun(self._hall, job))
        return job


def check(hall: Hall, said: Json, algorithm: Json, resources: Any) -> None:  # noqa: ANN401 - JSON
    """Raise ServiceError for what SageMaker refuses of a training job, or of a tuning job's definition of one."""
    if bool(algorithm.get("TrainingImage")) == bool(algorithm.get("AlgorithmName")):
        raise ServiceError(INVALID, ONE_ALGORITHM)
    Metrics(algorithm.get("MetricDefinitions", ()))
    alone = all(resources.get(name) for name in ("InstanceType", "InstanceCount", "VolumeSizeInGB"))
    if not (alone or resources.get("InstanceGroups") or resources.get("InstancePreferences")):
        raise ServiceError(INVALID, NO_INSTANCES)
    _check_times(said)
    channels = [one["ChannelName"] for one in said.get("InputDataConfig", [])]
    twice = next((name for name in channels if channels.count(name) > 1), None)
    if twice is not None:
        raise ServiceError(INVALID, CHANNEL_TWICE.format(name=twice))
    role = said["RoleArn"]
    check_role(hall, role)
    if algorithm.get("TrainingImage"):
        check_image(hall, algorithm["TrainingImage"], role)
    sources = (one["DataSource"].get("S3DataSource", {}) for one in said.get("InputDataConfig", []))
    check_data(hall, sources, role)


def _check_times(said: Json) -> None:
    limits = said.get("StoppingCondition", {})
    wait = limits.get("MaxWaitTimeInSeconds")
    if not said.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise ServiceError(INVALID, NOT_SPOT)
    elif wait is None or wait < limits.get("MaxRuntimeInSeconds", LONGEST_RUN_S):
        raise ServiceError(INVALID, SHORT_WAIT)
