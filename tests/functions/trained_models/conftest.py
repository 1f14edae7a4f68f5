"""A SageMaker with its logs in memory behind the function's clients, and CloudFormation's side of a request."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient

from shared import clients
from tests.functions.cloudformation import address, time
from tests.functions.shared.cloud import Cloud
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
    """As above."""
    return boto3.client("logs")


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch, logs_client: "CloudWatchLogsClient") -> None:
    """Let the function use that client."""
    monkeypatch.setattr(clients, "logs", lambda: logs_client)


@pytest.fixture
def sagemaker() -> SageMaker:
    """What is there: nothing yet."""
    return SageMaker()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, models_client: "SageMakerClient", sagemaker: SageMaker) -> Cloud:
    """What stands between the function and SageMaker, with its logs."""
    made = Cloud(None, sagemaker.answer)

    def call(client: BaseClient, operation: str, asked: dict[str, Any]) -> object:
        return made.call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    monkeypatch.setattr(clients, "sagemaker", lambda: models_client)
    return made
