"""Tables in memory beside those of moto."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from tests.functions.cloudformation import address, time
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.memory import Memory

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table

__all__ = ["address", "time"]


@pytest.fixture(scope="session")
def other_dynamodb() -> "DynamoDBServiceResource":
    """A resource of its own, whose client can be told from moto's."""
    return boto3.resource("dynamodb")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, other_dynamodb: "DynamoDBServiceResource") -> Cloud:
    """An AWS in memory behind one client."""
    cloud = Cloud(Memory(), BaseClient._make_api_call)  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        if client is other_dynamodb.meta.client:
            return cloud.call(client, operation, asked)
        return cloud.original(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return cloud


@pytest.fixture
def in_memory(cloud: Cloud, other_dynamodb: "DynamoDBServiceResource") -> "Callable[[str], Table]":  # noqa: ARG001 (it answers)
    """Give a table in memory."""
    return other_dynamodb.Table
