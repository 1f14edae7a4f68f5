"""A SageMaker and its logs in memory behind the function's clients, and CloudFormation's side of a request."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from shared import clients
from tests.functions.cloudformation import address, time
from tests.functions.shared.cloud import Cloud
from tests.functions.trained_models.log_groups import LogGroups
from tests.functions.trained_models.sagemaker import SageMaker

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sagemaker import SageMakerClient

__all__ = ["address", "time"]

STAGE = "sandbox"
JOB = "mlstack-sandbox-0badcafe"
TAGS = {"mlstack:stage": STAGE, "mlstack:execution": "first", "mlstack:model": "waste-sorter"}


@pytest.fixture(scope="session")
def models_client() -> "SageMakerClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("sagemaker")


@pytest.fixture(scope="session")
def logs_client() -> "CloudWatchLogsClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("logs")


@pytest.fixture
def sagemaker() -> SageMaker:
    """What is there: nothing yet."""
    return SageMaker()


@pytest.fixture
def log_groups() -> LogGroups:
    """What was logged: nothing yet."""
    return LogGroups()


@pytest.fixture
def cloud(
    monkeypatch: pytest.MonkeyPatch,
    models_client: "SageMakerClient",
    logs_client: "CloudWatchLogsClient",
    sagemaker: SageMaker,
    log_groups: LogGroups,
) -> Cloud:
    """What stands between the function and SageMaker, and between it and CloudWatch Logs."""

    def answer(client: BaseClient, operation: str, asked: Mapping[str, Any]) -> object:
        service = log_groups if client.meta.service_model.service_name == "logs" else sagemaker
        return service.answer(client, operation, asked)

    made = Cloud(None, answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(clients, "sagemaker", lambda: models_client)
    monkeypatch.setattr(clients, "logs", lambda: logs_client)
    return made
