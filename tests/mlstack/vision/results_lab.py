"""A stage's results table and buckets inside this process, filled by hand as the functions fill them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeSerializer

from mlstack.account import Account
from mlstack.vision.results import Record, Results
from shared.findings import index_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef
    from mypy_boto3_s3.client import S3Client

TABLE, MEDIA, DOCUMENTS = "results", "media", "documents"
Item = dict[str, Any]


@dataclass(frozen=True)
class Lab:
    """The stage, and how to put something into it."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"

    @classmethod
    def build(cls) -> "Lab":
        session = boto3.Session()
        return cls(session.client("dynamodb"), session.client("s3"))

    def create(self) -> None:
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=schema("object", "entry"),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "N" if name == "rank" else "S"}
                for name in ("object", "entry", "finding", "rank")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "findings",
                    "KeySchema": schema("finding", "rank"),
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for bucket in (MEDIA, DOCUMENTS):
            self.s3.create_bucket(Bucket=bucket)

    def delete(self) -> None:
        self.dynamodb.delete_table(TableName=TABLE)
        for bucket in (MEDIA, DOCUMENTS):
            listed = self.s3.list_object_versions(Bucket=bucket)
            for one in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]:
                self.s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
            self.s3.delete_bucket(Bucket=bucket)

    @property
    def results(self) -> Results:
        return Results(dynamodb=self.dynamodb, s3=self.s3, table=TABLE)

    @property
    def account(self) -> Account:
        return Account(shown="the lab", is_local=True, client={"dynamodb": self.dynamodb, "s3": self.s3}.get)

    def put(self, item: Mapping[str, Any]) -> None:
        self.dynamodb.put_item(
            TableName=TABLE, Item={name: TypeSerializer().serialize(value) for name, value in item.items()}
        )

    def picture(self, key: str, content: bytes) -> str:
        """Upload it and return its version."""
        answer = self.s3.put_object(Bucket=MEDIA, Key=key, Body=content)
        return answer.get("VersionId") or answer["ETag"].strip('"')

    def document(self, key: str, response: object) -> str:
        """Write the document of an analysis and return its URI."""
        body = json.dumps({"object": "o", "version": "v", "analysis": "a", "response": response})
        self.s3.put_object(Bucket=DOCUMENTS, Key=key, Body=body.encode())
        return f"s3://{DOCUMENTS}/{key}"

    def record(self, key: str, version: str = "1", **more: Any) -> Item:  # noqa: ANN401 - attributes of any kind
        """Write the record of one object version."""
        status = more.get("status", "analysed")
        item = {
            **named(key, version),
            "entry": version,
            "kind": "record",
            "status": status,
            "bytes": 1000,
            "finding": f"status#{status}",
            "rank": 1_700_000_000,
            **more,
        }
        self.put(item)
        return item

    def finding(self, key: str, analysis: str, name: str, confidence: float, version: str = "1", **more: Any) -> None:  # noqa: ANN401
        """Write what an analysis found in one object version."""
        slug = hashlib.sha256(name.encode()).hexdigest()[:16]
        self.put(
            {
                **named(key, version),
                "entry": f"{version}#{analysis}#{slug}",
                "kind": "finding",
                "analysis": analysis,
                "name": name,
                "finding": index_key(analysis, name),
                "rank": Decimal(str(confidence)),
                "instances": 1,
                **more,
            }
        )

    def read(self, key: str, version: str = "1") -> Record:
        record = self.results.record(f"s3://{MEDIA}/{key}", version)
        assert record
        return record


def schema(partition: str, sort: str) -> "list[KeySchemaElementTypeDef]":
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def named(key: str, version: str) -> Item:
    """What every item of an object version carries."""
    return {
        "object": f"s3://{MEDIA}/{key}",
        "version": version,
        "media": "image",
        "bucket": MEDIA,
        "key": key,
        "updated_at": "2026-11-20T10:00:00.000+00:00",
    }


def outcome(document: str, *top: tuple[str, float]) -> Item:
    """What a record says of one analysis."""
    best = [{"name": name, "confidence": Decimal(str(confidence))} for name, confidence in top]
    return {"status": "found", "document": document, "count": len(top), "top": best}
