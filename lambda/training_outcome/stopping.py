"""Ends what an execution left running. Whatever goes wrong becomes a part of the news, never an error."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared import clock
from shared.fault import reason_of
from shared.patience import patiently
from shared.sagemaker_refusal import is_gone, is_in_progress
from shared.training_jobs import KINDS, RUNNING, STOPPING, Kind, described, stop
from training_outcome.ended import Left

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

logger = logging.getLogger(__name__)

PAUSE_S = 10.0
CREATING = "Creating"
EXECUTION = "mlstack:execution"


def stop_jobs(client: "SageMakerClient", job: str) -> Iterator[Left]:
    """Stop every job of the one name that runs, and tell of those that stop."""
    for kind in KINDS:
        mend = f"aws sagemaker stop-{kind.snake.replace('_', '-')} --{kind.snake.replace('_', '-')}-name {job}"
        stops, problem = _tried(partial(_stop, client, kind, job))
        if stops or problem:
            yield Left(kind.words, job, problem, mend)


def _stop(client: "SageMakerClient", kind: Kind, job: str) -> bool:
    told = described(client, kind, job)
    status = told[kind.status] if told else None
    return status in STOPPING or (status in RUNNING and stop(client, kind, job))


def delete_endpoint(client: "SageMakerClient", name: str, execution: str, *, until: datetime) -> Iterator[Left]:
    """Delete an endpoint that the execution is creating; SageMaker may want it finished first, which takes a while."""
    ours, problem = _tried(partial(_is_created_by, client, name, execution))
    if ours and not problem:
        while True:
            deleted, problem = _tried(partial(_delete, client, name))
            if deleted or problem:
                break
            if clock.now() >= until:
                problem = "it is still being created"
                break
            clock.sleep(PAUSE_S)
    if ours or problem:
        yield Left("endpoint", name, problem, f"aws sagemaker delete-endpoint --endpoint-name {name}")


def _is_created_by(client: "SageMakerClient", name: str, execution: str) -> bool:
    """Whether the endpoint is in Creating, and this execution's."""
    try:
        told = client.describe_endpoint(EndpointName=name)
        if told["EndpointStatus"] != CREATING:
            return False
        tags = client.list_tags(ResourceArn=told["EndpointArn"])["Tags"]
    except ClientError as error:
        if is_gone(error):
            return False
        raise
    return {"Key": EXECUTION, "Value": execution} in tags


def _delete(client: "SageMakerClient", name: str) -> bool:
    try:
        client.delete_endpoint(EndpointName=name)
    except ClientError as error:
        if is_in_progress(error):
            return False
        if not is_gone(error):
            raise
    return True


def _tried(act: Callable[[], bool]) -> tuple[bool, str | None]:
    """What the act says, or why it failed."""
    try:
        return patiently(act), None
    except (BotoCoreError, ClientError) as error:
        logger.warning("%s", reason_of(error))
        return False, reason_of(error)
