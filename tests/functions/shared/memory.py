"""AWS's services in memory, as far as the image function uses them: fast, and atomic as the real ones are.

tests/functions/shared/test_memory.py holds them against moto.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NoReturn

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeSerializer

from tests.functions.shared.expressions import Expression, Item, plain

KEYS: Mapping[str, tuple[str, ...]] = {"results": ("object", "entry"), "pace": ("api",)}
Parameters = Mapping[str, Any]
Answer = dict[str, Any]


class RefusalError(Exception):
    """The service answers with an error."""

    def __init__(self, code: str, status: int = 400, **more: object) -> None:
        super().__init__(code)
        said = {"Code": code, "Message": f"{code}, says the service"}
        self.answer: Answer = {"Error": said, "ResponseMetadata": {"HTTPStatusCode": status}, **more}


def refuse(code: str, status: int = 400, **more: object) -> NoReturn:
    """Answer with an error."""
    raise RefusalError(code, status, **more)


@dataclass
class Tables:
    """DynamoDB."""

    items: dict[str, dict[tuple[str, ...], Item]] = field(default_factory=lambda: {name: {} for name in KEYS})

    def update_item(self, asked: Parameters) -> Answer:
        """Change one item where the condition holds."""
        name, key = asked["TableName"], asked["Key"]
        place = tuple(key[part] for part in KEYS[name])
        before = self.items[name].get(place)
        if not _condition(asked, before).holds():
            if before and "ReturnValuesOnConditionCheckFailure" in asked:
                refuse("ConditionalCheckFailedException", Item=_notation(before))
            refuse("ConditionalCheckFailedException")
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        after = Expression(asked["UpdateExpression"], names, values, before).applied(key)
        self.items[name][place] = after
        match asked.get("ReturnValues"):
            case "ALL_NEW":
                return {"Attributes": plain(after)}
            case "UPDATED_NEW":
                changed = {part: value for part, value in after.items() if (before or {}).get(part) != value}
                return {"Attributes": plain(changed)}
        return {}

    def batch_write_item(self, asked: Parameters) -> Answer:
        """Put items."""
        for name, requests in asked["RequestItems"].items():
            for request in requests:
                item = plain(request["PutRequest"]["Item"])
                self.items[name][tuple(item[part] for part in KEYS[name])] = item
        return {"UnprocessedItems": {}}

    def get_item(self, asked: Parameters) -> Answer:
        """Give one item."""
        name = asked["TableName"]
        found = self.items[name].get(tuple(asked["Key"][part] for part in KEYS[name]))
        return {"Item": plain(found)} if found else {}

    def scan(self, asked: Parameters) -> Answer:
        """Give all items of a table."""
        return {"Items": [plain(item) for item in self.items[asked["TableName"]].values()]}


@dataclass
class Objects:
    """S3, with buckets that keep versions and others that do not."""

    versioned: set[str] = field(default_factory=set)
    _kept: dict[tuple[str, str], dict[str | None, bytes]] = field(default_factory=dict)
    _count: int = 0

    def put_object(self, asked: Parameters) -> Answer:
        """Keep an object."""
        bucket, content = asked["Bucket"], asked["Body"]
        versions = self._kept.setdefault((bucket, asked["Key"]), {})
        etag = {"ETag": f'"{_etag(content)}"'}
        if bucket not in self.versioned:
            versions.clear()
            versions[None] = content
            return etag
        self._count += 1
        version = f"version-{self._count}"
        versions[version] = content
        return etag | {"VersionId": version}

    def get_object(self, asked: Parameters) -> Answer:
        """Give an object, or a part of it."""
        versions = self._kept.get((asked["Bucket"], asked["Key"]), {})
        version = asked.get("VersionId") or next(reversed(versions), None)
        if version not in versions:
            code = "NoSuchVersion" if asked.get("VersionId") else "NoSuchKey"
            refuse(code, 404)
        content = versions[version]
        if asked.get("IfMatch", f'"{_etag(content)}"') != f'"{_etag(content)}"':
            refuse("PreconditionFailed", 412)
        if span := asked.get("Range"):
            start, end = map(int, span.removeprefix("bytes=").split("-"))
            if start >= len(content):
                refuse("InvalidRange", 416)
            content = content[start : end + 1]
        return {"Body": BytesIO(content), "ContentLength": len(content)}

    def delete_object(self, asked: Parameters) -> Answer:
        """Take an object away."""
        versions = self._kept.get((asked["Bucket"], asked["Key"]), {})
        versions.pop(asked.get("VersionId") or next(reversed(versions), None), None)
        return {}


@dataclass
class Memory:
    """All services, and what was sent to those that only take."""

    tables: Tables = field(default_factory=Tables)
    objects: Objects = field(default_factory=Objects)
    sent: dict[str, list[Parameters]] = field(default_factory=dict)
    """Messages by the URL of their queue."""

    def answer(self, operation: str, asked: Parameters) -> Answer:
        """Do what one operation asks for."""
        services: Mapping[str, Callable[[Parameters], Answer]] = {
            "BatchWriteItem": self.tables.batch_write_item,
            "DeleteMessage": self._forget,
            "DeleteObject": self.objects.delete_object,
            "GetItem": self.tables.get_item,
            "GetObject": self.objects.get_object,
            "PutEvents": lambda asked: {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in asked["Entries"]]},
            "PutObject": self.objects.put_object,
            "ReceiveMessage": self._receive,
            "Scan": self.tables.scan,
            "SendMessage": self._send,
            "UpdateItem": self.tables.update_item,
        }
        return services[operation](asked)

    def _send(self, asked: Parameters) -> Answer:
        self.sent.setdefault(asked["QueueUrl"], []).append(asked)
        return {"MessageId": "1"}

    def _receive(self, asked: Parameters) -> Answer:
        waiting = self.sent.get(asked["QueueUrl"], [])[:10]
        messages = [
            {"Body": one["MessageBody"], "MessageAttributes": one.get("MessageAttributes", {}), "ReceiptHandle": ""}
            for one in waiting
        ]
        return {"Messages": messages}

    def _forget(self, asked: Parameters) -> Answer:
        del self.sent[asked["QueueUrl"]][0]
        return {}


def _condition(asked: Parameters, before: Item | None) -> Expression:
    condition = asked["ConditionExpression"]
    names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
    if isinstance(condition, ConditionBase):
        built = ConditionExpressionBuilder().build_expression(condition)
        names = {**names, **built.attribute_name_placeholders}
        values = {**values, **built.attribute_value_placeholders}
        condition = built.condition_expression
    return Expression(condition, names, values, before)


def _notation(item: Item) -> Answer:
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in item.items()}


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
