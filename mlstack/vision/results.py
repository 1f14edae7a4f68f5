"""Reads what a stage's functions wrote: the results table, and the documents that its records name."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from mlstack import deployment
from mlstack.account import Account
from mlstack.errors import UserError
from shared.findings import index_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

INDEX = "findings"
Item = dict[str, Any]  # an item of the table has the fields that its kind has


@dataclass(frozen=True, slots=True)
class Named:
    """One name with its confidence in percent."""

    name: str
    confidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one analysis of one object."""

    status: str
    reason: str = ""
    document: str = ""
    """The S3 URI of the full response."""
    count: int = 0
    top: tuple[Named, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What is known of one version of one object."""

    object: str
    version: str
    media: str
    bucket: str
    key: str
    status: str
    reason: str = ""
    updated_at: str = ""
    rank: float = 0
    """When it became final, in seconds since 1970."""
    bytes: int = 0
    width: int = 0
    height: int = 0
    analyses: Mapping[str, Outcome] = field(default_factory=dict)

    @classmethod
    def of(cls, item: Item) -> "Record":
        """A record as the table keeps it."""
        return cls(
            object=_text(item, "object"),
            version=_text(item, "version"),
            media=_text(item, "media"),
            bucket=_text(item, "bucket"),
            key=_text(item, "key"),
            status=_text(item, "status"),
            reason=_text(item, "reason"),
            updated_at=_text(item, "updated_at"),
            rank=float(item.get("rank", 0)),
            bytes=_whole(item, "bytes") or 0,
            width=_whole(item, "width") or 0,
            height=_whole(item, "height") or 0,
            analyses={name: _outcome(found) for name, found in item.get("analyses", {}).items()},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One name that an analysis found in one version of one object."""

    object: str
    version: str
    media: str
    bucket: str
    key: str
    analysis: str
    name: str
    confidence: float
    """The highest in percent; for people the similarity."""
    instances: int = 1
    updated_at: str = ""
    first_ms: int | None = None
    """Where in a video it is first seen, in milliseconds."""
    last_ms: int | None = None

    @classmethod
    def of(cls, item: Item) -> "Finding":
        """A finding as the table keeps it."""
        return cls(
            object=_text(item, "object"),
            version=_text(item, "version"),
            media=_text(item, "media"),
            bucket=_text(item, "bucket"),
            key=_text(item, "key"),
            analysis=_text(item, "analysis"),
            name=_text(item, "name"),
            confidence=float(item.get("rank", 0)),
            instances=_whole(item, "instances") or 1,
            updated_at=_text(item, "updated_at"),
            first_ms=_whole(item, "first_ms"),
            last_ms=_whole(item, "last_ms"),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """The results of one deployed stage; safe to share between threads, as its clients are."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    table: str

    @classmethod
    def find(cls, account: Account, stage: str) -> "Results":
        """Find them by the vision stack's outputs; raise UserError where it is not deployed, or older than they."""
        outputs = deployment.outputs(account, stage, "Vision")
        if "ResultsTableName" not in outputs:
            message = f"stage {stage} in {account.shown} keeps no results table yet; deploy it once more"
            raise UserError(message)
        return cls(dynamodb=account.client("dynamodb"), s3=account.client("s3"), table=outputs["ResultsTableName"])

    def listed(self, finding: str, *, least: float = 0, since: str = "") -> Iterator[Item]:
        """The items under one key of the index, the highest rank first; ``since`` in ISO 8601 and UTC."""
        values = {":finding": {"S": finding}, ":least": {"N": f"{least:f}"}}
        more = {"FilterExpression": "updated_at >= :since"} if since else {}
        return self._items(
            IndexName=INDEX,
            KeyConditionExpression="finding = :finding AND #rank >= :least",
            ExpressionAttributeNames={"#rank": "rank"},
            ExpressionAttributeValues=values | ({":since": {"S": since}} if since else {}),
            ScanIndexForward=False,
            **more,
        )

    def findings(self, analysis: str, name: str, *, least: float = 0, since: str = "") -> Iterator[Finding]:
        """Where an analysis found a name with at least so many percent, best first."""
        return map(Finding.of, self.listed(index_key(analysis, name), least=least, since=since))

    def records(self, status: str) -> Iterator[Record]:
        """The records of one final status, newest first."""
        return map(Record.of, self.listed(f"status#{status}"))

    def record(self, uri: str, version: str) -> Record | None:
        """The record of one version of an object, as it is now."""
        key = {"object": {"S": uri}, "entry": {"S": version}}
        answer = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return Record.of(_plain(answer["Item"])) if "Item" in answer else None

    def findings_of(self, record: Record) -> Iterator[Finding]:
        """Everything that was found in one version of an object."""
        items = self._items(
            KeyConditionExpression="#object = :object AND begins_with(entry, :version)",
            ExpressionAttributeNames={"#object": "object"},
            ExpressionAttributeValues={":object": {"S": record.object}, ":version": {"S": f"{record.version}#"}},
        )
        return (Finding.of(item) for item in items if item.get("kind") == "finding")

    def document(self, uri: str) -> Any:  # noqa: ANN401 - JSON; who reads it knows whose document it is
        """The JSON document at an S3 URI; raise ClientError where it cannot be read, ValueError where it is none."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _items(self, **query: Any) -> Iterator[Item]:  # noqa: ANN401 - a Query's own parameters
        for page in self.dynamodb.get_paginator("query").paginate(TableName=self.table, **query):
            yield from map(_plain, page["Items"])


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item.get(name, ""))


def _whole(item: Mapping[str, Any], name: str) -> int | None:
    return None if item.get(name) is None else int(item[name])


def _outcome(found: Mapping[str, Any]) -> Outcome:
    return Outcome(
        status=_text(found, "status"),
        reason=_text(found, "reason"),
        document=_text(found, "document"),
        count=_whole(found, "count") or 0,
        top=tuple(Named(str(one["name"]), float(one["confidence"])) for one in found.get("top", ())),
    )
