"""Rekognition's video jobs as its documentation tells of them, checked against botocore's model."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape
from botocore.validate import validate_parameters

LISTS = {
    "LabelDetection": "Labels",
    "ContentModeration": "ModerationLabels",
    "FaceDetection": "Faces",
    "TextDetection": "TextDetections",
    "SegmentDetection": "Segments",
}
METADATA = {
    "Codec": "h264",
    "DurationMillis": 60_000,
    "Format": "QuickTime / MOV",
    "FrameRate": 25.0,
    "FrameHeight": 720,
    "FrameWidth": 1280,
}


class RefusedCallError(Exception):
    """What AWS answers instead."""

    def __init__(self, *, code: str, message: str = "said AWS") -> None:
        super().__init__(message)
        self.code = code


@cache
def model() -> ServiceModel:
    """Rekognition's API."""
    return botocore.session.get_session().get_service_model("rekognition")


def label(name: str, confidence: float, at_ms: int) -> dict[str, Any]:
    return {"Timestamp": at_ms, "Label": {"Name": name, "Confidence": confidence, "Instances": [], "Parents": []}}


def flag(name: str, confidence: float, at_ms: int) -> dict[str, Any]:
    label = {"Name": name, "Confidence": confidence, "ParentName": "Violence", "TaxonomyLevel": 2}
    return {"Timestamp": at_ms, "ModerationLabel": label}


def face(at_ms: int, emotion: str = "CALM") -> dict[str, Any]:
    emotions = [{"Type": emotion, "Confidence": 91.0}, {"Type": "SAD", "Confidence": 3.0}]
    return {"Timestamp": at_ms, "Face": {"Confidence": 99.5, "Emotions": emotions}}


def text(line: str, at_ms: int, kind: str = "LINE") -> dict[str, Any]:
    return {"Timestamp": at_ms, "TextDetection": {"DetectedText": line, "Type": kind, "Id": 0, "Confidence": 95.0}}


def shot(index: int, start_ms: int, end_ms: int) -> dict[str, Any]:
    times = {"StartTimestampMillis": start_ms, "EndTimestampMillis": end_ms, "DurationMillis": end_ms - start_ms}
    return {"Type": "SHOT", "ShotSegment": {"Index": index, "Confidence": 97.0}} | times


def cue(kind: str, start_ms: int, end_ms: int) -> dict[str, Any]:
    times = {"StartTimestampMillis": start_ms, "EndTimestampMillis": end_ms, "DurationMillis": end_ms - start_ms}
    return {"Type": "TECHNICAL_CUE", "TechnicalCueSegment": {"Type": kind, "Confidence": 88.0}} | times


FOUND: Mapping[str, list[dict[str, Any]]] = {
    "LabelDetection": [label("Cat", 80.0, 500), label("Cat", 95.5, 100), label("Dog", 70.0, 900)],
    "ContentModeration": [flag("Weapons", 91.0, 4000), flag("Smoking", 60.0, 100)],
    "FaceDetection": [face(0), face(40)],
    "TextDetection": [text("EXIT", 7), text("EXIT", 8, "WORD")],
    "SegmentDetection": [cue("BlackFrames", 0, 40), shot(0, 40, 1000), shot(1, 1000, 2000)],
}


@dataclass
class FakeJob:
    """One job."""

    job_id: str
    kind: str
    request: Mapping[str, Any]
    status: str = "IN_PROGRESS"
    message: str = ""
    found: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeRekognition:
    """Jobs by their id; the same token gives the same job, and no more run than the account may have."""

    most: int = 20
    found: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: dict(FOUND))
    page_size: int = 1000
    jobs: dict[str, FakeJob] = field(default_factory=dict)
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    forgotten_tokens: set[str] = field(default_factory=set)
    """Page tokens that have run out."""
    most_seen: int = 0
    _numbers: "count[int]" = field(default_factory=count)

    def __call__(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one call as botocore would parse it."""
        check_request(operation, request)
        verb, kind = ("Start", operation[5:]) if operation.startswith("Start") else ("Get", operation[3:])
        answer = self._start(kind, request) if verb == "Start" else self._get(kind, request)
        check_answer(operation, answer)
        return answer

    def running(self) -> list[FakeJob]:
        """The jobs that the account's limit counts."""
        return [job for job in self.jobs.values() if job.status == "IN_PROGRESS"]

    def end(self, job: FakeJob, status: str = "SUCCEEDED", message: str = "") -> str:
        """End a job; what SNS delivers to the queue."""
        job.status, job.message = status, message
        place = job.request["Video"]["S3Object"]
        return json.dumps(
            {
                "JobId": job.job_id,
                "Status": status,
                "API": f"Start{job.kind}",
                "JobTag": job.request["JobTag"],
                "Timestamp": 1,
                "Video": {"S3ObjectName": place["Name"], "S3Bucket": place["Bucket"]},
            }
        )

    def _start(self, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
        known = self.tokens.get((kind, request["ClientRequestToken"]))
        if known:
            if self.jobs[known].request != request:
                raise RefusedCallError(code="IdempotentParameterMismatchException")
            return {"JobId": known}
        if len(self.running()) >= self.most:
            raise RefusedCallError(code="LimitExceededException")
        job = FakeJob(f"{next(self._numbers):064x}", kind, dict(request), found=self.found[kind])
        self.jobs[job.job_id] = job
        self.tokens[kind, request["ClientRequestToken"]] = job.job_id
        self.most_seen = max(self.most_seen, len(self.running()))
        return {"JobId": job.job_id}

    def _get(self, kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
        job = self.jobs.get(request["JobId"])
        if job is None or job.kind != kind:
            raise RefusedCallError(code="ResourceNotFoundException")
        answer = {"JobStatus": job.status, "JobId": job.job_id, "JobTag": job.request["JobTag"]}
        if job.status != "SUCCEEDED":
            return answer | ({"StatusMessage": job.message} if job.message else {})
        size = min(request["MaxResults"], self.page_size)
        start = self._place(job, request.get("NextToken"))
        metadata = [METADATA] if kind == "SegmentDetection" else METADATA
        more = {"NextToken": f"{job.job_id}/{start + size}"} if start + size < len(job.found) else {}
        return answer | {LISTS[kind]: job.found[start : start + size], "VideoMetadata": metadata} | more

    def _place(self, job: FakeJob, token: str | None) -> int:
        if token is None:
            return 0
        owner, _, place = token.partition("/")
        if owner != job.job_id or token in self.forgotten_tokens:
            raise RefusedCallError(code="InvalidPaginationTokenException")
        return int(place)


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse a request that AWS would refuse."""
    shape = model().operation_model(operation).input_shape
    assert shape is not None
    validate_parameters(request, shape)
    check(request, shape)


def check_answer(operation: str, answer: Mapping[str, Any]) -> None:
    """Refuse an answer that AWS would never give."""
    shape = model().operation_model(operation).output_shape
    assert shape is not None
    validate_parameters(answer, shape)


def check(value: Any, shape: Shape) -> None:  # noqa: ANN401 (any request)
    """Refuse what AWS would: botocore itself looks at no pattern, no length and no choice."""
    if shape.type_name == "structure":
        for name, part in value.items():
            check(part, shape.members[name])  # type: ignore[attr-defined]
    elif shape.type_name == "list":
        for part in value:
            check(part, shape.member)  # type: ignore[attr-defined]
    elif shape.type_name == "string":
        pattern, longest = shape.metadata.get("pattern", ".*"), shape.metadata.get("max", 2000)
        choices = shape.metadata.get("enum", [value])
        if not re.fullmatch(pattern, value, re.DOTALL) or len(value) > longest or value not in choices:
            raise RefusedCallError(code="ValidationException", message=f"{shape.name}: {value}")
