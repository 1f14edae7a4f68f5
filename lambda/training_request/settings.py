"""What the stage allows, as the function is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Self

from shared import environment

OWN = "own"
"""The algorithm that is the project's own image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """One stage of a profile."""

    stage: str
    region: str
    models: tuple[str, ...]
    accelerator: Literal["cpu", "gpu"]
    """What the project's images are built for."""
    algorithms: tuple[str, ...]
    """The built-in ones that may be used beside the project's own."""
    instance_types: tuple[str, ...]
    """Those that may be used; () allows all."""
    max_instances: int
    """Of one job."""
    max_run_minutes: int
    """Of one job."""
    max_tuning_jobs: int
    max_usd: Decimal | None
    """What one request may cost at most."""
    tags: Mapping[str, str]
    """Of everything in the stage: whose it is and who pays."""
    training_image: str
    inference_image: str
    datasets_bucket: str
    models_bucket: str
    job_role_arn: str
    """The role of a tuning job's training jobs: the state machine cannot put it into the middle of a request."""

    @classmethod
    def read(cls, told: Mapping[str, Any], variables: Mapping[str, str]) -> Self:
        """Read the document of the profile and the variables beside it."""
        most = told["max_usd"]
        return cls(
            stage=variables["STAGE"],
            region=variables["AWS_REGION"],
            models=tuple(told["models"]),
            accelerator=told["accelerator"],
            algorithms=tuple(told["algorithms"]),
            instance_types=tuple(told["instance_types"]),
            max_instances=int(told["max_instances"]),
            max_run_minutes=int(told["max_run_minutes"]),
            max_tuning_jobs=int(told["max_tuning_jobs"]),
            max_usd=None if most is None else Decimal(str(most)),
            tags=dict(told["tags"]),
            training_image=variables["TRAINING_IMAGE"],
            inference_image=variables["INFERENCE_IMAGE"],
            datasets_bucket=variables["DATASETS_BUCKET"],
            models_bucket=variables["MODELS_BUCKET"],
            job_role_arn=variables["JOB_ROLE_ARN"],
        )

    @property
    def buckets(self) -> tuple[str, str]:
        """Where the stage's jobs may read."""
        return self.datasets_bucket, self.models_bucket


@cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings.read(environment.document("SETTINGS"), os.environ)
