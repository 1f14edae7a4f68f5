"""Everything around the function: uploads, the state machine's steps, what lies where, and who breaks calls."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from moderation_review import handler

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

MEDIA, HELD, TABLE = "media", "held", "results"
LABELS = ({"name": "Violence", "confidence": 91.5}, {"name": "Drugs & Tobacco", "confidence": 99.25})
Answer = Callable[[], object]
Event = dict[str, Any]


class CrashError(BaseException):
    """The end of the function's process, which no handler can catch."""


def refusing(code: str, status: int = 400) -> Answer:
    """AWS answers with an error."""

    def answer() -> tuple[AWSResponse, dict[str, Any]]:
        parsed = {"Error": {"Code": code, "Message": "said AWS"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("https://aws", status, HTTPHeaders(), None), parsed

    return answer


def raising(error: BaseException) -> Answer:
    """No answer arrives."""

    def answer() -> object:
        raise error

    return answer


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Strikes the call at one place in a step, in its stead or after its effect."""

    answer: Answer
    place: int
    after: bool = False


@dataclass
class Lab:
    """The function with its buckets and table, and the faults that strike it now."""

    s3: "S3Client"
    table: "Table"
    versioned: bool
    calls: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does just before a call of that name, once."""
    _places: "itertools.count[int]" = field(default_factory=itertools.count)

    def upload(self, key: str, content: bytes = b"bad", **more: Any) -> Event:  # noqa: ANN401 (of put_object)
        """Put an object and return the event that flags it."""
        put = self.s3.put_object(Bucket=MEDIA, Key=key, Body=content, **more)
        version = put.get("VersionId") or put["ETag"].strip('"')
        return {
            "stage": "sandbox",
            "bucket": MEDIA,
            "key": key,
            "version": version,
            "version_id": put.get("VersionId"),
            "media": "image",
            "action": "quarantine",
            "labels": [dict(label) for label in LABELS],
        }

    def step(self, action: str, flagged: Event, execution: str = "first", **more: object) -> str:
        """Let the function do a step; gives what came of it."""
        self._places = itertools.count()
        return handler.handle({"action": action, "flagged": flagged, "execution": execution, **more}, None)["outcome"]

    def approve(self, flagged: Event, execution: str = "first") -> str:
        """Release what a reviewer approved."""
        decision = {"decision": "approved", "by": "arn:aws:iam::123456789012:user/ann", "at": "2026-11-01T12:00:00Z"}
        return self.step("release", flagged, execution, decision=decision)

    def function_s3(self) -> "S3Client":
        """The function's own client."""
        return handler.s3()

    def uploaded_at(self) -> int:
        """When the newest object was uploaded, in seconds since 1970."""
        [newest, *_] = self.s3.list_objects_v2(Bucket=HELD)["Contents"]
        return int(newest["LastModified"].timestamp())

    def analysed(self, flagged: Event) -> Mapping[str, Any]:
        """Let the pipeline have recorded what it found in the object."""
        outcome = {"status": "found", "count": 2, "document": "s3://results/vision/moderation/digest.json"}
        place = {"object": f"s3://{MEDIA}/{flagged['key']}", "entry": flagged["version"]}
        facts = {
            "kind": "record",
            "status": "analysed",
            "version": flagged["version"],
            "analyses": {"moderation": outcome},
        }
        self.table.put_item(Item=place | facts | {"finding": "status#analysed", "rank": 1, "attempts": 0})
        return place | facts

    def record(self, flagged: Event) -> Mapping[str, Any]:
        """What the pipeline's table says of an object version."""
        key = {"object": f"s3://{MEDIA}/{flagged['key']}", "entry": flagged["version"]}
        return self.table.get_item(Key=key).get("Item", {})

    def newest(self, flagged: Event) -> Event:
        """The event that flags what lies at the key by now."""
        told = self.s3.head_object(Bucket=MEDIA, Key=flagged["key"])
        version = told.get("VersionId") or told["ETag"].strip('"')
        return flagged | {"version": version, "version_id": told.get("VersionId")}

    def item(self, flagged: Event) -> Mapping[str, Any]:
        """What the table says of a review."""
        key = {"object": f"s3://{MEDIA}/{flagged['key']}", "entry": f"{flagged['version']}#review"}
        return self.table.get_item(Key=key).get("Item", {})

    def content(self, bucket: str, key: str) -> bytes | None:
        """What lies at a key; None where nothing does."""
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            return None

    def held(self) -> dict[str, bytes | None]:
        """What lies in quarantine, by key."""
        listed = self.s3.list_objects_v2(Bucket=HELD).get("Contents", [])
        return {one["Key"]: self.content(HELD, one["Key"]) for one in listed}

    def tags(self, bucket: str, key: str, **version: Any) -> dict[str, str]:  # noqa: ANN401 (of get_object_tagging)
        """The tags of an object."""
        answer = self.s3.get_object_tagging(Bucket=bucket, Key=key, **version)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def everywhere(self, key: str) -> set[bytes | None]:
        """Every content that is to be had: at the key, and in quarantine."""
        return {self.content(MEDIA, key), *self.held().values()}

    def on_parameters(self, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401 (botocore's models have no types)
        """Remember a call as the function made it."""
        context["call"] = model.name
        self.calls.append(model.name)

    def on_call(self, context: dict[str, Any], **_: object) -> object:
        """Answer in the stead of AWS where a fault strikes, and let others act meanwhile."""
        place = next(self._places)
        if act := self.meanwhile.pop(context["call"], None):
            act()
        context["fault"] = next((fault for fault in self.faults if fault.place == place), None)
        return context["fault"].answer() if context["fault"] and not context["fault"].after else None

    def on_answer(self, context: dict[str, Any], **_: object) -> None:
        """Lose the answer of a call that took effect, where a fault says so."""
        if context["fault"] and context["fault"].after:
            context["fault"].answer()
