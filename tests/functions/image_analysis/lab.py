"""Everything around the function: uploads, deliveries, what came of them, and a person who breaks calls."""

import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from image_analysis import handler
from shared.object_version import ObjectVersion
from tests.functions.shared.cloud import Cloud
from tests.functions.shared.rekognition import NAMED
from tests.functions.shared.timeline import CrashError, Timeline

MEDIA, UNVERSIONED, RESULTS = "media", "unversioned", "results-bucket"
QUEUE, DEAD_LETTERS = (
    f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}" for name in ("images", "dead-letters")
)
VISIBILITY_TIMEOUT_S, FUNCTION_TIMEOUT_S = 360, 60
ALL = ("labels", "faces", "moderation", "text", "celebrities", "protective_equipment", "custom_labels", "people")
ROUTES: Mapping[str, tuple[str, ...]] = {
    "photos/": ("labels",),
    "three/": ("labels", "faces", "moderation"),
    "all/": ALL,
    "people/": ("enrolment",),
}
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "labels": {"min_confidence": 70.5, "max_labels": 25, "image_properties": False},
    "faces": {"attributes": "default"},
    "moderation": {"min_confidence": 50.0, "act_at": 80.0, "action": "tag", "review": True, "review_days": 14},
    "text": {"min_confidence": 80.0},
    "protective_equipment": {"min_confidence": 80.0, "required": ["HEAD_COVER"]},
    "custom_labels": {
        "project_version": "arn:aws:rekognition:us-east-1:123456789012:project/a/version/b/1",
        "min_confidence": 70.0,
    },
    "people": {"min_similarity": 90.0, "collection": "stage"},
    "enrolment": {"collection": "stage"},
}
PER_SECOND: Mapping[str, float] = dict.fromkeys((*ALL, "enrolment"), 50)


def environment(**changed: object) -> dict[str, str]:
    """The function's environment, with parts of its settings changed."""
    analyses = {"routes": ROUTES, "options": OPTIONS, "per_second": PER_SECOND} | changed
    return {
        "ANALYSES": json.dumps(analyses),
        "DEAD_LETTER_QUEUE_URL": DEAD_LETTERS,
        "PACE_TABLE": "pace",
        "QUEUE_URL": QUEUE,
        "RESULTS_BUCKET": RESULTS,
        "RESULTS_DAYS": "0",
        "STAGE": "sandbox",
        "TABLE_NAME": "results",
    }


class Hand(Protocol):
    """The test's own way into AWS, which no fault strikes."""

    def __call__(self, operation: str, **asked: object) -> Any:  # noqa: ANN401 (as botocore's)
        """Call one operation."""


@dataclass(frozen=True)
class Context:
    """Lambda's context of an invocation that began at some time."""

    now: Callable[[], datetime]
    end: datetime

    def get_remaining_time_in_millis(self) -> int:
        """The time left."""
        return int((self.end - self.now()) / timedelta(milliseconds=1))


@dataclass
class Lab:
    """The function with its buckets, tables and queues, a clock, and the faults that strike it now."""

    cloud: Cloud
    timeline: Timeline
    hand: Hand
    _receipts: "itertools.count[int]" = field(default_factory=itertools.count)

    def upload(self, key: str, content: bytes, bucket: str = MEDIA) -> str:
        """Put an object and return the message that announces it."""
        put = self.hand("PutObject", Bucket=bucket, Key=key, Body=content)
        described = {
            "key": key,
            "size": len(content),
            "etag": put["ETag"].strip('"'),
            "sequencer": "0055AED6DCD90281E5",
        }
        if version := put.get("VersionId"):
            described["version-id"] = version
        detail = {"version": "0", "bucket": {"name": bucket}, "object": described, "reason": "PutObject"}
        return json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": detail}, ensure_ascii=False)

    def context(self, seconds: float = FUNCTION_TIMEOUT_S) -> Context:
        """The context of an invocation that begins now."""
        return Context(self.timeline.now, self.timeline.now() + timedelta(seconds=seconds))

    def deliver(self, *bodies: str, seconds: float = FUNCTION_TIMEOUT_S) -> list[str]:
        """Hand messages to the function in one batch; the bodies of those that must come again."""
        self.cloud.places = itertools.count()
        receipts = {f"receipt-{next(self._receipts)}": body for body in bodies}
        records = [{"messageId": receipt, "receiptHandle": receipt, "body": body} for receipt, body in receipts.items()]
        response = handler.handle({"Records": records}, self.context(seconds))
        return [receipts[failure["itemIdentifier"]] for failure in response["batchItemFailures"]]

    def drain(self, *bodies: str, deliveries: int = 5) -> list[str]:
        """Deliver as the queue does, each time when it has hidden the messages long enough; what is left then."""
        waiting = list(bodies)
        for _ in range(deliveries):
            if not waiting:
                break
            self.cloud.hidden.clear()
            with suppress(CrashError):  # the whole batch comes again
                waiting = self.deliver(*waiting)
            self.timeline.sleep(max(self.cloud.hidden.values(), default=VISIBILITY_TIMEOUT_S))
        return waiting

    def backfill(self, *bodies: str, analyses: list[str] | None = None, bucket: str = MEDIA) -> dict[str, Any]:
        """Hand the objects of messages to the function as a batch of a backfill."""
        things = [ObjectVersion.from_message(body) for body in bodies]
        objects = [
            {"key": one.key, "size": one.size, "etag": one.etag}
            | ({"version_id": one.version_id} if one.version_id else {})
            for one in things
        ]
        self.cloud.places = itertools.count()
        return handler.handle({"bucket": bucket, "objects": objects, "analyses": analyses}, self.context())

    def item(self, body: str) -> Mapping[str, Any]:
        """The record of a message's object."""
        thing = ObjectVersion.from_message(body)
        key = {"object": thing.uri, "entry": thing.version}
        found: Mapping[str, Any] = self.hand("GetItem", TableName="results", Key=key).get("Item", {})
        return found

    def status(self, body: str) -> tuple[str | None, str | None]:
        """How the record of a message's object ends, and why."""
        return self.item(body).get("status"), self.item(body).get("reason")

    def findings(self, body: str) -> list[tuple[str, str]]:
        """Analysis and name of everything found in a message's object, sorted."""
        thing = ObjectVersion.from_message(body)
        items = self.hand("Scan", TableName="results")["Items"]
        mine = [item for item in items if (item["object"], item.get("version")) == (thing.uri, thing.version)]
        return sorted((item["analysis"], item["name"]) for item in mine if item["kind"] == "finding")

    def document(self, body: str, analysis: str = "labels") -> dict[str, Any]:
        """The stored answer for a message's object."""
        name = f"vision/{analysis}/{ObjectVersion.from_message(body).digest}.json"
        stored: dict[str, Any] = json.loads(self.hand("GetObject", Bucket=RESULTS, Key=name)["Body"].read())
        return stored

    def parked(self) -> list[tuple[str, str]]:
        """Bodies and reasons in the dead letters, taken out of them."""
        messages: list[tuple[str, str]] = []
        while got := self.hand(
            "ReceiveMessage", QueueUrl=DEAD_LETTERS, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            messages += [(one["Body"], one["MessageAttributes"]["Reason"]["StringValue"]) for one in got]
            for one in got:
                self.hand("DeleteMessage", QueueUrl=DEAD_LETTERS, ReceiptHandle=one["ReceiptHandle"])
        return messages

    def events(self, kind: str = "Object Analysed", about: str = "") -> list[dict[str, Any]]:
        """The details of the events of one kind that reached the bus and name a key."""
        entries = [
            entry
            for call in self.cloud.effects
            if call.operation == "PutEvents"
            for entry in call.parameters["Entries"]
            if entry["DetailType"] == kind
        ]
        return [detail for entry in entries if about in (detail := json.loads(entry["Detail"]))["key"]]

    def count(self, operation: str, about: str = "") -> int:
        """How often the function called an operation, with a text in its parameters."""
        return sum(call.operation == operation and about in str(call.parameters) for call in self.cloud.calls)

    def billed(self, about: str = "") -> int:
        """How many calls Rekognition answered, whether or not the answer arrived, for keys with a text in them."""
        return sum(
            call.service == "rekognition" and about in call.parameters["Image"]["S3Object"]["Name"]
            for call in self.cloud.effects
        )

    def operations(self) -> list[str]:
        """The function's calls in order."""
        return [call.operation for call in self.cloud.calls]


def names_of(*analyses: str) -> list[tuple[str, str]]:
    """What the analyses find in every image of the lab, as ``Lab.findings`` lists it."""
    return sorted((analysis, name) for analysis in analyses for name, _ in NAMED[analysis])
