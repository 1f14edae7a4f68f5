"""Everything around the two functions: uploads, queues, Rekognition, a clock, and a person who breaks calls."""

import itertools
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from shared.object_version import ObjectVersion
from tests.functions.shared.cloud import Answer, Call, Cloud, Fault, Original, raising, refusing
from tests.functions.shared.memory import Memory, RefusalError
from tests.functions.shared.timeline import CrashError
from tests.functions.video_start.rekognition import FakeJob, FakeRekognition, RefusedCallError
from video_results import handler as results
from video_start import handler as start

MEDIA, RESULTS = "media", "results-bucket"
START, DONE, DEAD = "https://sqs/start", "https://sqs/results", "https://sqs/dead-letters"
VISIBILITY = {START: timedelta(seconds=360), DONE: timedelta(seconds=960)}
TIMEOUT_S = {START: 60, DONE: 900}
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(64)
NO_TEXT = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What SQS takes in no message."""
MIDDAY = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Hand(Protocol):
    """The test's own way into AWS, which no fault strikes."""

    def __call__(self, operation: str, **asked: object) -> Any:  # noqa: ANN401 (as botocore's)
        """Call one operation."""


@dataclass(frozen=True)
class Context:
    """Lambda's context of an invocation that has just begun."""

    seconds: float

    def get_remaining_time_in_millis(self) -> int:
        """The time left."""
        return int(self.seconds * 1000)


@dataclass
class Message:
    """A message in one of the queues."""

    body: str
    visible_at: datetime
    received: int = 0


@dataclass
class Lab:
    """The functions with their buckets, tables and queues."""

    hand: Hand = field(init=False)
    cloud: "VideoCloud" = field(init=False)
    time: datetime = MIDDAY
    rekognition: FakeRekognition = field(default_factory=FakeRekognition)
    seconds_a_get: float = 0.0
    timeout_s: dict[str, float] = field(default_factory=lambda: dict(TIMEOUT_S))
    queues: dict[str, list[Message]] = field(default_factory=lambda: {START: [], DONE: []})
    dead: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Bodies and attributes of the dead letters."""
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Events on the bus."""

    def now(self) -> datetime:
        """The time, as the functions read it."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=max(0.0, seconds))

    def upload(self, key: str = "videos/a.mp4", content: bytes = MP4, size: int | None = None) -> str:
        """Put an object and have it announced; the message."""
        put = self.hand("PutObject", Bucket=MEDIA, Key=key, Body=content)
        described: dict[str, Any] = {"key": key, "size": len(content) if size is None else size}
        described["etag"] = put["ETag"].strip('"')
        if version := put.get("VersionId"):
            described["version-id"] = version
        body = json.dumps({"source": "aws.s3", "detail": {"bucket": {"name": MEDIA}, "object": described}})
        self.send(START, body)
        return body

    def send(self, queue: str, body: str) -> None:
        """Put a message into a queue."""
        self.queues[queue].append(Message(body, self.time))

    def deliver(self, queue: str, message: Message | None = None) -> bool:
        """Hand one visible message to its function; whether there was one. A crash passes through."""
        visible = [one for one in self.queues[queue] if one.visible_at <= self.time]
        if message is None and not visible:
            return False
        message = message or visible[0]
        message.received += 1
        message.visible_at = self.time + VISIBILITY[queue]
        record = {"messageId": "1", "receiptHandle": "handle", "body": message.body}
        record["attributes"] = {"ApproximateReceiveCount": str(message.received)}  # type: ignore[assignment]
        self.cloud.begin()
        handle = start.handle if queue == START else results.handle
        if handle({"Records": [record]}, Context(self.timeout_s[queue]))["batchItemFailures"]:
            if "handle" in self.cloud.hidden:
                message.visible_at = self.time + timedelta(seconds=self.cloud.hidden["handle"])
        else:
            self.queues[queue].remove(message)
        return True

    def settle(self, *, hours: float = 0) -> None:
        """Deliver until every queue is empty, or as long as ``hours``, letting time pass where all messages hide."""
        end = self.time + timedelta(hours=hours)
        while any(self.queues.values()):
            while sum(self.deliver(queue) for queue in self.queues):
                pass
            waiting = [one.visible_at for queue in self.queues.values() for one in queue]
            if not waiting or min(waiting) > end:
                return
            self.time = min(waiting)

    def conclude(self, *, rounds: int = 12) -> None:
        """Let hours pass, in which jobs end and are told of, dead letters are sent back, and the sweep runs."""
        for _ in range(rounds):
            with suppress(CrashError):
                self.settle(hours=1)
            self.end()
            with suppress(CrashError):
                self.settle(hours=1)
            self.redrive()
            self.time += timedelta(minutes=20)
            self.sweep()
            if not self.in_flight() and not any(self.queues.values()) and not self.rekognition.running():
                return

    def meanwhile(self, place: int, act: Callable[[], object]) -> None:
        """Let something else happen before the call at one place of the next delivery."""
        self.cloud.interruptions[place] = act

    @property
    def memory(self) -> Memory:
        """The services in memory."""
        assert self.cloud.memory is not None
        return self.cloud.memory

    def sweep(self) -> Mapping[str, int]:
        """The hourly question."""
        self.cloud.begin()
        return results.handle({"sweep": True}, Context(900))

    def end(self, *jobs: FakeJob, status: str = "SUCCEEDED", message: str = "") -> list[str]:
        """End jobs, or all that run, and deliver their completions; their bodies."""
        bodies = [self.rekognition.end(job, status, message) for job in jobs or self.rekognition.running()]
        for body in bodies:
            self.send(DONE, body)
        return bodies

    def job(self, kind: str) -> FakeJob:
        """The last job of a kind."""
        return [job for job in self.rekognition.jobs.values() if job.kind == kind][-1]

    def record(self, body: str) -> dict[str, Any]:
        """What the table says of a message's video."""
        thing = ObjectVersion.from_message(body)
        found: dict[str, Any] = self._item("results", object=thing.uri, entry=thing.version)
        return found

    def findings(self, body: str) -> dict[str, Mapping[str, Any]]:
        """The findings of a message's video, by analysis and name."""
        items = self.hand("Scan", TableName="results")["Items"]
        uri = ObjectVersion.from_message(body).uri
        return {f"{i['analysis']}: {i['name']}": i for i in items if i["kind"] == "finding" and i["object"] == uri}

    def documents(self, body: str, analysis: str) -> list[dict[str, Any]]:
        """The pages of an analysis."""
        folder = f"vision/video/{analysis}/{ObjectVersion.from_message(body).digest}"
        return [page for number in range(100) if (page := self.document(f"{folder}/{number:05d}.json"))]

    def document(self, key: str) -> dict[str, Any] | None:
        """One object of the results bucket; None where there is none."""
        try:
            found: dict[str, Any] = json.loads(self.hand("GetObject", Bucket=RESULTS, Key=key)["Body"].read())
        except (RefusalError, ClientError):
            return None
        return found

    def in_flight(self) -> dict[str, Any]:
        """The jobs that take a place."""
        jobs: dict[str, Any] = self._item("pace", api="video-jobs").get("jobs", {})
        return jobs

    def _item(self, table: str, **key: str) -> Any:  # noqa: ANN401 (whatever it holds)
        return self.hand("GetItem", TableName=table, Key=key).get("Item", {})

    def events(self, kind: str = "Object Analysed") -> list[dict[str, Any]]:
        """The events of a kind."""
        return [detail for name, detail in self.told if name == kind]

    def count(self, operation: str, about: str = "") -> int:
        """How often the functions called an operation, with a text in its parameters."""
        return sum(call.operation.startswith(operation) and about in str(call.parameters) for call in self.cloud.calls)

    def redrive(self) -> None:
        """Send every dead letter back to the queue that it names."""
        for body, attributes in self.dead:
            self.send({"start": START, "results": DONE}[attributes["Queue"]], body)
        self.dead.clear()


class VideoCloud(Cloud):
    """Where the queues, the bus and Rekognition are played by the lab."""

    def __init__(self, lab: Lab, memory: Memory | None, original: Original) -> None:
        super().__init__(memory, original)
        self.lab = lab
        self.interruptions: dict[int, Callable[[], object]] = {}
        self.wait = self._interrupt
        self._place = 0

    def _interrupt(self, _call: Call, done: bool) -> None:  # noqa: FBT001 (as Cloud calls it)
        """Let another delivery run from its begin to its end between two calls of this one."""
        if done:
            return
        self._place += 1
        if act := self.interruptions.pop(self._place - 1, None):
            mine = self.places, dict(self.hidden), self._place, self.faults
            self.faults = []
            with suppress(CrashError):
                act()
            self.places, self.hidden, self._place, self.faults = mine

    def begin(self) -> None:
        """Count the calls of a delivery from the first one."""
        self.places, self._place = itertools.count(), 0
        self.hidden.clear()

    def _effect(self, client: BaseClient, call: Call) -> Any:  # noqa: ANN401 (as botocore's)
        match call.operation:
            case "SendMessage":
                assert call.parameters["QueueUrl"] == DEAD
                if NO_TEXT.search(call.parameters["MessageBody"]):
                    raise RefusalError(code="InvalidMessageContents")
                attributes = call.parameters["MessageAttributes"].items()
                said = {name: one["StringValue"] for name, one in attributes}
                self.lab.dead.append((call.parameters["MessageBody"], said))
                return {}
            case "SendMessageBatch":
                entries = call.parameters["Entries"]
                assert len({entry["Id"] for entry in entries}) == len(entries) <= 10
                assert not any(NO_TEXT.search(entry["MessageBody"]) for entry in entries)
                for entry in entries:
                    self.lab.send(call.parameters["QueueUrl"], entry["MessageBody"])
                return {}
            case "PutEvents":
                for entry in call.parameters["Entries"]:
                    assert entry["Source"] == "mlstack.vision"
                    self.lab.told.append((entry["DetailType"], json.loads(entry["Detail"])))
                return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in call.parameters["Entries"]]}
        if call.service == "rekognition":
            return self._look(call)
        return super()._effect(client, call)

    def _look(self, call: Call) -> Mapping[str, Any]:
        if call.operation.startswith("Get"):
            self.lab.sleep(self.lab.seconds_a_get)
        try:
            return self.lab.rekognition(call.operation, call.parameters)
        except RefusedCallError as refusal:
            raise RefusalError(refusal.code) from refusal


__all__ = ["Answer", "CrashError", "Fault", "raising", "refusing"]
