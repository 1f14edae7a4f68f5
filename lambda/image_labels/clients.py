"""The AWS clients of a warm function, made once."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from image_labels.ledger import Ledger
from image_labels.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# A hanging call must end well before the function does; standard mode backs off on throttling by itself.
CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def rekognition() -> "RekognitionClient":
    """Rekognition in the function's region."""
    return boto3.client("rekognition", config=CONFIG)


@cache
def s3() -> "S3Client":
    """S3 in the function's region."""
    return boto3.client("s3", config=CONFIG)


@cache
def sqs() -> "SQSClient":
    """SQS in the function's region."""
    return boto3.client("sqs", config=CONFIG)


@cache
def ledger() -> Ledger:
    """The ledger on the function's table."""
    return Ledger(boto3.resource("dynamodb", config=CONFIG).Table(settings().table_name))
