"""Everything around the function: uploads, deliveries, what came of them, and a person who breaks calls."""

import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from image_labels import handler
from image_labels.photo import Photo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

MEDIA, RESULTS = "media", "results"
DEAD_LETTERS = "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters"
VISIBILITY_TIMEOUT = timedelta(minutes=6)
Answer = Callable[[], object]


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
    """Strikes calls of one operation, or the call at one place in a delivery, in their stead or after their effect."""

    answer: Answer
    operation: str | None = None
    place: int | None = None
    about: str = ""
    """A text in the call's parameters, such as a key, so that only one photo is struck."""
    after: bool = False
    """The call takes effect and its answer is lost."""

    def strikes(self, call: "Call", place: int) -> bool:
        """Whether it is this call."""
        return (
            self.operation in {None, call.operation}
            and self.place in {None, place}
            and self.about in str(call.parameters)
        )


@dataclass(frozen=True)
class Call:
    """One call of AWS as the function made it."""

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """Lambda's context of an invocation, in which no time passes."""

    seconds: float = 60

    def get_remaining_time_in_millis(self) -> int:
        """The time left."""
        return int(self.seconds * 1000)


@dataclass
class Lab:
    """The function with its buckets, table and dead letters, a clock, and the faults that strike it now."""

    s3: "S3Client"
    sqs: "SQSClient"
    table: "Table"
    time: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _places: "itertools.count[int]" = field(default_factory=itertools.count)

    def now(self, _timezone: object) -> datetime:
        """The time, as datetime.now gives it."""
        return self.time

    def upload(self, key: str, content: bytes, bucket: str = MEDIA) -> str:
        """Put an object and return the message that announces it."""
        put = self.s3.put_object(Bucket=bucket, Key=key, Body=content)
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

    def deliver(self, *bodies: str, seconds: float = 60) -> list[str]:
        """Hand messages to the function in one batch; the bodies of those that must come again."""
        records = [{"messageId": f"message-{index}", "body": body} for index, body in enumerate(bodies)]
        self._places = itertools.count()
        response = handler.handle({"Records": records}, Context(seconds))
        again = {failure["itemIdentifier"] for failure in response["batchItemFailures"]}
        return [record["body"] for record in records if record["messageId"] in again]

    def drain(self, *bodies: str, deliveries: int = 5) -> list[str]:
        """Deliver as the queue does, each time after its visibility timeout; what is left goes to the dead letters."""
        waiting = list(bodies)
        for _ in range(deliveries):
            with suppress(CrashError):  # the whole batch comes again
                waiting = self.deliver(*waiting)
            self.time += VISIBILITY_TIMEOUT
        return waiting

    def item(self, body: str) -> Mapping[str, Any]:
        """What the ledger says of a message's photo."""
        photo = Photo.from_message(body)
        return self.table.get_item(Key={"object": photo.uri, "version": photo.version}).get("Item", {})

    def document(self, body: str) -> bytes:
        """The stored response for a message's photo."""
        name = f"labels/{Photo.from_message(body).digest}.json"
        return self.s3.get_object(Bucket=RESULTS, Key=name)["Body"].read()

    def parked(self) -> list[tuple[str, str]]:
        """Bodies and reasons in the dead letters, taken out of them."""
        messages: list[tuple[str, str]] = []
        while got := self.sqs.receive_message(
            QueueUrl=DEAD_LETTERS, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            messages += [(one["Body"], one["MessageAttributes"]["Reason"]["StringValue"]) for one in got]
            for one in got:
                self.sqs.delete_message(QueueUrl=DEAD_LETTERS, ReceiptHandle=one["ReceiptHandle"])
        return messages

    def count(self, operation: str, about: str = "") -> int:
        """How often the function called an operation, with a text in its parameters."""
        return sum(call.operation == operation and about in str(call.parameters) for call in self.calls)

    def on_parameters(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401 (botocore's models have no types)
        """Remember a call as the function made it."""
        context["call"] = Call(model.name, dict(params))
        self.calls.append(context["call"])

    def on_call(self, context: dict[str, Any], **_: object) -> object:
        """Answer in the stead of AWS where a fault strikes."""
        place = next(self._places)
        context["fault"] = next((fault for fault in self.faults if fault.strikes(context["call"], place)), None)
        return context["fault"].answer() if context["fault"] and not context["fault"].after else None

    def on_answer(self, context: dict[str, Any], **_: object) -> None:
        """Lose the answer of a call that took effect, where a fault says so."""
        if context["fault"] and context["fault"].after:
            context["fault"].answer()
