"""Empties model package groups, which SageMaker deletes only when they are empty."""

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared import clock
from shared.clearing import OutOfTimeError
from shared.fault import code_of
from shared.sagemaker_refusal import is_gone

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

CONFLICT = "ConflictException"
"""A version that is being made or deleted: the next look sees what became of it."""


def delete_all(client: "SageMakerClient", group: str, *, until: datetime) -> list[str]:
    """Delete the versions in a group, and say which were still there; a group that is gone has none."""
    left = []
    for arn in _versions(client, group):
        if clock.now() >= until:
            raise OutOfTimeError
        try:
            client.delete_model_package(ModelPackageName=arn)
        except ClientError as error:
            if not is_gone(error) and code_of(error) != CONFLICT:
                raise
        left.append(f"model package {arn.rpartition(':')[2].partition('/')[2] or arn}")
    return left


def _versions(client: "SageMakerClient", group: str) -> list[str]:
    pages = client.get_paginator("list_model_packages").paginate(ModelPackageGroupName=group)
    try:
        return [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]
    except ClientError as error:
        if is_gone(error):
            return []
        raise
