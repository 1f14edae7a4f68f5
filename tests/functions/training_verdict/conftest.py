"""A plan, S3 in this process, and a SageMaker that says what a test lets it say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from shared import clients, clock
from tests.functions.cloudformation import Time

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

BUCKET = "models"
FOLDER = f"s3://{BUCKET}/training/waste-sorter/mlstack-sandbox-0badcafe/evaluation/"
KEY = "training/waste-sorter/mlstack-sandbox-0badcafe/evaluation/evaluation.json"
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


def plan(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 (any part of a plan)
    """A plan that trains without evaluation, but for what a test says."""
    return {
        "job": "mlstack-sandbox-0badcafe",
        "path": "train",
        "gate": None,
        "evaluation": None,
        "tuning": None,
        **parts,
    }


@pytest.fixture(scope="session")
def verdict_sagemaker() -> "SageMakerClient":
    """Make the client once, which takes longer than a test."""
    return boto3.client("sagemaker", config=ONCE)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(clock, "now", made.now)
    monkeypatch.setattr(clock, "sleep", made.sleep)
    return made


@pytest.fixture
def sagemaker(
    monkeypatch: pytest.MonkeyPatch,
    verdict_sagemaker: "SageMakerClient",
) -> Iterator[Stubber]:
    """What SageMaker says, answer by answer; each of them must be asked for."""
    monkeypatch.setattr(clients, "sagemaker", lambda: verdict_sagemaker)
    with Stubber(verdict_sagemaker) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def bucket(aws: None, s3_client: "S3Client", monkeypatch: pytest.MonkeyPatch) -> "S3Client":  # noqa: ARG001 (moto must run)
    """The models bucket, empty."""
    monkeypatch.setattr(clients, "s3", lambda: s3_client)
    s3_client.create_bucket(Bucket=BUCKET)
    return s3_client
