"""What SageMaker says of a job while it works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.text import counted, printable
from mlstack.training.history import Work
from mlstack.training.stage import Json, Stage

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient

UNSEEN = frozenset({"ResourceNotFound", "ValidationException"})
"""What SageMaker answers of a job that is not there yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """A job at one moment."""

    status: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """What it has reached, as far as SageMaker itself says."""
    definitions: Sequence[tuple[str, str]] = ()
    """The metrics that its log holds: each name, and the expression that finds it."""


def look(sagemaker: "SageMakerClient", work: Work, name: str) -> Sight:
    """Look at a job; a fault of a moment is what is seen, because the job goes on without being seen."""
    try:
        return LOOKS[work](sagemaker, name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in UNSEEN:
            return Sight()
        return Sight(status=f"cannot be seen: {' '.join(str(error).split())}")
    except BotoCoreError as error:
        return Sight(status=f"cannot be seen: {' '.join(str(error).split())}")


def best_of(stage: Stage, told: Json) -> Mapping[str, str]:
    """What the tuning of an outcome, or of a version's metadata, found best; nothing where it had none to see."""
    if told.get("path") != "tune" or not told.get("job"):
        return {}
    return look(stage.client("sagemaker"), Work.TUNING, str(told["job"])).numbers


def _training(sagemaker: "SageMakerClient", name: str) -> Sight:
    told: Any = sagemaker.describe_training_job(TrainingJobName=name)
    defined = told.get("AlgorithmSpecification", {}).get("MetricDefinitions", ())
    return Sight(
        status=told.get("SecondaryStatus") or told["TrainingJobStatus"],
        numbers={one["MetricName"]: shown(one["Value"]) for one in told.get("FinalMetricDataList", ())},
        definitions=[(one["Name"], one["Regex"]) for one in defined],
    )


def _tuning(sagemaker: "SageMakerClient", name: str) -> Sight:
    told: Any = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    counts: Mapping[str, int] = told.get("TrainingJobStatusCounters", {})
    most = told.get("HyperParameterTuningJobConfig", {}).get("ResourceLimits", {}).get("MaxNumberOfTrainingJobs")
    done, running = counts.get("Completed", 0), counts.get("InProgress", 0)
    failed = counts.get("RetryableError", 0) + counts.get("NonRetryableError", 0)
    parts = [f"{done} of {counted(most, 'job')}" if most else counted(done, "job"), f"{running} running"]
    best: Mapping[str, Any] = told.get("BestTrainingJob", {})
    reached: Mapping[str, Any] = best.get("FinalHyperParameterTuningJobObjectiveMetric", {})
    tuned = {f"by {key}": printable(str(value)) for key, value in best.get("TunedHyperParameters", {}).items()}
    numbers = {f"best {reached['MetricName']}": shown(reached["Value"]), **tuned} if reached else {}
    return Sight(status=", ".join(parts + ([f"{failed} failed"] if failed else [])), numbers=numbers)


def _processing(sagemaker: "SageMakerClient", name: str) -> Sight:
    return Sight(status=sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"])


def _compilation(sagemaker: "SageMakerClient", name: str) -> Sight:
    return Sight(status=sagemaker.describe_compilation_job(CompilationJobName=name)["CompilationJobStatus"])


def _transform(sagemaker: "SageMakerClient", name: str) -> Sight:
    return Sight(status=sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"])


def shown(value: float) -> str:
    """A number as short as it can be said."""
    return f"{value:.4g}"


LOOKS: Mapping[Work, Callable[["SageMakerClient", str], Sight]] = {
    Work.TRAINING: _training,
    Work.TUNING: _tuning,
    Work.PROCESSING: _processing,
    Work.COMPILATION: _compilation,
    Work.TRANSFORM: _transform,
}
