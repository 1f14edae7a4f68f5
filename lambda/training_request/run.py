"""Where one execution keeps what it makes."""

from dataclasses import dataclass

from shared.training_run import CHECKPOINTS, RUNS, group_name, job_name, run_prefix
from training_request.request import Request
from training_request.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The names of one execution."""

    job: str
    group: str
    bucket: str
    prefix: str

    def uri(self, part: str) -> str:
        """A part of the run's prefix in S3."""
        return f"s3://{self.bucket}/{self.prefix}{part}"

    @property
    def checkpoints(self) -> str:
        """Beside the runs: a stage throws away what lies there, and keeps what lies in the runs."""
        return f"s3://{self.bucket}/{CHECKPOINTS}{self.prefix.removeprefix(RUNS)}"


def run_of(request: Request, told: Settings) -> Run:
    """The names that follow from a request and its stage."""
    job = job_name(told.stage, request.execution)
    return Run(
        job=job,
        group=group_name(told.stage, request.model),
        bucket=told.models_bucket,
        prefix=run_prefix(request.model, job),
    )
