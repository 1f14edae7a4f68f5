"""A request as values: what somebody wants trained, judged, registered, compiled, deployed and applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["continuous", "integer", "categorical"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machines:
    """On what a job runs, and how long at most."""

    instance_type: str
    instances: int = 1
    volume_gb: int | None = None
    """None where nobody asked for a size."""
    max_run_minutes: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """One training job, or what all of a tuning job's have in common."""

    place: str
    """"train" or "tune": where in the request it stands."""
    algorithm: str
    data: Mapping[str, str]
    """A prefix or an object of S3 for each channel."""
    hyperparameters: Mapping[str, str]
    machines: Machines
    spot: bool
    max_wait_minutes: int | None
    """Waiting for spot capacity and running together; None where not spot."""
    content_type: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """The values of one hyperparameter that are tried."""

    name: str
    kind: Kind
    least: str = ""
    most: str = ""
    scaling: str = "Auto"
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """How the best hyperparameters are looked for."""

    strategy: str
    objective: str
    goal: str
    ranges: tuple[Range, ...]
    max_jobs: int
    parallel_jobs: int
    max_epochs: int | None
    """Hyperband's MaxResource; None has SageMaker read it from the hyperparameter epochs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What a model must reach to be registered."""

    metric: str
    at_least: float | None
    at_most: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compilation:
    """What Neo is to compile the model for."""

    target: str | None
    platform: Mapping[str, str] | None
    options: Mapping[str, object] | None
    input_shape: tuple[int, ...] | None
    max_run_minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """The endpoint that is to serve the model."""

    endpoint: str
    memory_mb: int | None
    max_concurrency: int | None
    """None where nobody asked for a number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Transform:
    """A prefix of S3, each of whose objects the model is applied to."""

    data: str
    machines: Machines
    content_type: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Everything that one execution of the workflow is to do."""

    execution: str
    model: str
    training: Training | None = None
    tuning: Tuning | None = None
    version: int | None = None
    evaluation: Machines | None = None
    gate: Gate | None = None
    compilation: Compilation | None = None
    automatic: bool = False
    """Whether the model is approved without a person."""
    deployment: Deployment | None = None
    transform: Transform | None = None

    @property
    def path(self) -> Literal["train", "tune", "version"]:
        """How the model comes about."""
        if self.training is None:
            return "version"
        return "train" if self.tuning is None else "tune"
