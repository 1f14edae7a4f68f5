"""The groups of versions: made where they are missing, and taken over where an earlier stage has left them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared import clock
from shared.fault import code_of
from shared.sagemaker_refusal import is_gone, is_taken
from trained_models.belonging import Belonging
from trained_models.clearing import OutOfTimeError
from trained_models.packages import CONFLICT

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def create_all(client: "SageMakerClient", belonging: Belonging, groups: Sequence[str], *, until: datetime) -> list[str]:
    """Make every group that is not there; nothing is left to do afterwards."""
    for group in groups:
        if clock.now() >= until:
            raise OutOfTimeError
        model = group.removeprefix(belonging.prefix)
        tags = [{"Key": "mlstack:stage", "Value": belonging.stage}, {"Key": "mlstack:model", "Value": model}]
        try:
            client.create_model_package_group(
                ModelPackageGroupName=group,
                ModelPackageGroupDescription=f"Versions of the model {model}",
                Tags=tags,  # type: ignore[arg-type]  # the stubs want a TypedDict by its name
            )
        except ClientError as error:
            if not is_taken(error):
                raise
    return []


def delete_all(client: "SageMakerClient", groups: Sequence[str], *, until: datetime) -> list[str]:
    """Delete the groups, whose versions are gone, and say which were still there."""
    left = []
    for group in groups:
        if clock.now() >= until:
            raise OutOfTimeError
        try:
            client.delete_model_package_group(ModelPackageGroupName=group)
        except ClientError as error:
            if is_gone(error):
                continue
            if code_of(error) != CONFLICT:
                raise
        left.append(f"model package group {group}")
    return left
