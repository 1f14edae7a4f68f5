"""The AWS clients, in the task's region and with patience that has an end."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONNECT_S, READ_S = 5, 60
"""The second is longer than the longest look into a queue, which waits 20 seconds."""
TRIES = 4


def s3(environment: Mapping[str, str], connections: int) -> "S3Client":
    """S3, for so many threads at a time."""
    return boto3.client("s3", region_name=_region(environment), config=_config(connections))


def sqs(environment: Mapping[str, str], connections: int) -> "SQSClient":
    """SQS."""
    return boto3.client("sqs", region_name=_region(environment), config=_config(connections))


def code_of(error: Exception) -> str:
    """What AWS calls an error, or its kind where AWS was not reached; never its words, which may quote a caller."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def _region(environment: Mapping[str, str]) -> str | None:
    """Of the two variables that ECS may set, boto3 itself looks at the first only."""
    return environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION") or None


def _config(connections: int) -> Config:
    return Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        max_pool_connections=connections,
        retries={"mode": "standard", "total_max_attempts": TRIES},
    )
