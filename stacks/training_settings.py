"""The profile's table for training: which models, on what, and how much of it."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stacks import sagemaker_values as values
from stacks.rules import RuleError, Settings
from stacks.values import SOME, UNIQUE

LONGEST_STAGE = 15
"""Letters of a stage's name: SageMaker takes 32 for a tuning job's, and ours begin with the stage's."""


class Training(Settings):
    """A workflow that trains, tunes, compiles, registers and deploys models; costs nothing while none runs."""

    REFUSED: ClassVar = {
        "warm_pool_minutes": "warm pools bill while nothing trains",
        "kms_key": "a job's disk lives as long as the job, and is encrypted with a key of SageMaker's",
    }

    enabled: bool = False
    """Whether the stage trains; needs its buckets (storage.enabled)."""
    models: Annotated[tuple[values.TrainedModelName, ...], Field(strict=False, max_length=20), SOME, UNIQUE] = (
        "classifier",
    )
    """The models that may be trained; each has a group of versions in SageMaker's model registry."""
    accelerator: Literal["cpu", "gpu"] = "cpu"
    """What the project's training image is made for; gpu makes it several times as large, and runs on CPUs too."""
    algorithms: Annotated[tuple[values.AlgorithmName, ...], Field(strict=False), UNIQUE] = ()
    """SageMaker's built-in algorithms that may be trained beside the project's image, such as "xgboost"."""
    instance_types: Annotated[
        tuple[values.TrainingInstanceType, ...], Field(strict=False, max_length=30), SOME, UNIQUE
    ] = ("ml.m5.xlarge",)
    """What jobs may run on; IAM refuses every other type."""
    max_instances: Annotated[int, Field(ge=1, le=20)] = 1
    """How many instances one job may have."""
    max_run_minutes: Annotated[int, Field(ge=5, le=28 * 24 * 60)] = 120
    """How long one job may run."""
    max_tuning_jobs: Annotated[int, Field(ge=1, le=750)] = 20
    """How many trainings one tuning may start."""
    max_usd: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """What one request may cost at most; one whose price is not known is refused too. Left out, any may run."""

    @model_validator(mode="after")
    def _has_a_gpu_image_for_gpus_alone(self) -> Self:
        if self.accelerator == "gpu" and not any(values.has_gpu(one) for one in self.instance_types):
            reason = 'must have a type with a GPU while accelerator is "gpu", such as ml.g5.xlarge'
            raise RuleError(reason, key="instance_types", value=list(self.instance_types))
        return self
