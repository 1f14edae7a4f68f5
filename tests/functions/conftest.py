"""An AWS inside this process for the functions' tests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, GlobalSecondaryIndexTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

ATTRIBUTES: "list[AttributeDefinitionTypeDef]" = [
    {"AttributeName": "object", "AttributeType": "S"},
    {"AttributeName": "entry", "AttributeType": "S"},
    {"AttributeName": "finding", "AttributeType": "S"},
    {"AttributeName": "rank", "AttributeType": "N"},
]
INDEX: "GlobalSecondaryIndexTypeDef" = {
    "IndexName": "findings",
    "KeySchema": [{"AttributeName": "finding", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "ALL"},
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start an AWS without any resource, and end it with the test."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def dynamodb() -> "DynamoDBServiceResource":
    """Make DynamoDB's resource once, which takes longer than a test."""
    return boto3.resource("dynamodb")


@pytest.fixture(scope="session")
def s3_client() -> "S3Client":
    """The tests' own way into S3, made once as well."""
    return boto3.client("s3")


@pytest.fixture(scope="session")
def sqs_client() -> "SQSClient":
    """The tests' own way into SQS."""
    return boto3.client("sqs")


@pytest.fixture
def results(aws: None, dynamodb: "DynamoDBServiceResource") -> "Table":  # noqa: ARG001 (moto must run)
    """The results table, empty, as the stack makes it."""
    return dynamodb.create_table(
        TableName="results",
        AttributeDefinitions=ATTRIBUTES,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "object", "KeyType": "HASH"},
            {"AttributeName": "entry", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[INDEX],
    )


@pytest.fixture
def pace_table(aws: None, dynamodb: "DynamoDBServiceResource") -> "Table":  # noqa: ARG001 (moto must run)
    """The table of the pace, empty, as the stack makes it."""
    return dynamodb.create_table(
        TableName="pace",
        AttributeDefinitions=[{"AttributeName": "api", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "api", "KeyType": "HASH"}],
    )
