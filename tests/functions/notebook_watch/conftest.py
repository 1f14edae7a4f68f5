"""SageMaker and CloudWatch that say what a test lets them say, and a present that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

import notebook_watch.settings
from shared import clients, clock

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sagemaker import SageMakerClient

NAME = "mlstack-sandbox"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
ENVIRONMENT = {"NOTEBOOK_NAME": NAME, "MAX_HOURS": "12", "HEARTBEAT_MINUTES": "5", "GRACE_MINUTES": "20"}
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture(scope="session")
def sagemaker_client() -> "SageMakerClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("sagemaker", config=ONCE)


@pytest.fixture(scope="session")
def cloudwatch_client() -> "CloudWatchClient":
    """Make this one once too."""
    return boto3.client("cloudwatch", config=ONCE)


@pytest.fixture(autouse=True)
def told(
    monkeypatch: pytest.MonkeyPatch, sagemaker_client: "SageMakerClient", cloudwatch_client: "CloudWatchClient"
) -> Iterator[None]:
    """Give the function its environment, clients and present."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clients, "sagemaker", lambda: sagemaker_client)
    monkeypatch.setattr(clients, "cloudwatch", lambda: cloudwatch_client)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    notebook_watch.settings.settings.cache_clear()
    yield
    notebook_watch.settings.settings.cache_clear()


@pytest.fixture
def sagemaker(sagemaker_client: "SageMakerClient") -> Iterator[Stubber]:
    """What SageMaker says, answer by answer; each of them must be asked for."""
    with Stubber(sagemaker_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def cloudwatch(cloudwatch_client: "CloudWatchClient") -> Iterator[Stubber]:
    """What CloudWatch says."""
    with Stubber(cloudwatch_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
