"""An AWS for the containers: in this process, struck by faults, or over HTTP."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from tests.containers import aws_lab
from tests.containers.aws_lab import Aws
from tests.functions.shared.cloud import Cloud

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKETS = ("datasets", "models")


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    """S3 in this process, with two empty buckets."""
    with mock_aws():
        client = boto3.client("s3")
        for name in BUCKETS:
            client.create_bucket(Bucket=name)
        yield client


@pytest.fixture
def cloud(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Cloud:  # noqa: ARG001 (moto must run)
    """What stands between every client and that S3."""
    cloud = Cloud(None, BaseClient._make_api_call)  # type: ignore[attr-defined]  # noqa: SLF001  # botocore's own way

    def call(client: BaseClient, name: str, asked: dict[str, Any]) -> object:
        return cloud.call(client, name, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return cloud


@pytest.fixture
def aws() -> Iterator[Aws]:
    """An AWS that other processes reach too."""
    with aws_lab.serving() as aws:
        yield aws
