"""Stops the jobs that the workflow's executions left running."""

from typing import TYPE_CHECKING

from shared.training_jobs import KINDS, found, stop
from trained_models.belonging import Belonging

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def stop_all(client: "SageMakerClient", belonging: Belonging) -> list[str]:
    """Stop what runs, and say what has not ended yet: a job that stops still writes to its bucket."""
    left = []
    for kind in KINDS:
        for status in (*kind.running, kind.stopping):
            for name in [one for one in found(client, kind, belonging.prefix, status) if belonging.is_job(one)]:
                if status != kind.stopping:
                    stop(client, kind, name)
                left.append(f"{kind.words} {name}")
    return left
