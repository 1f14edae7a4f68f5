"""The catalogue of video analyses: the one place that says what each asks of Rekognition and what its pages name.

The stacks read it for permissions and quotas, the functions for their calls, the command line for prices.

Sources: https://docs.aws.amazon.com/rekognition/latest/APIReference/, .../dg/limits.html and
https://docs.aws.amazon.com/general/latest/gr/rekognition.html (November 2026).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.analyses import FAST_REGIONS, Options, Routes
from shared.answers import Response

STARTS_PER_SECOND = 5.0
"""AWS's default of every Start operation, in every region."""
FAST_GETS = FAST_REGIONS | {"us-gov-west-1"}


def gets_per_second(region: str) -> float:
    """AWS's default of every Get operation in one region."""
    return 20.0 if region in FAST_GETS else 5.0


class Seen(NamedTuple):
    """One name at one place of a video."""

    name: str
    confidence: float
    """In percent."""
    first_ms: int
    last_ms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoAnalysis:
    """One way to look at a video."""

    purpose: str
    start: str
    """The API that begins a job, as IAM, CloudWatch and botocore write it."""
    get: str
    """The API that gives the job's result, page by page."""
    request: Callable[[Options], dict[str, Any]]
    """Every parameter of ``start`` but the video and what leads back to it."""
    seen: Callable[[Response], Iterator[Seen]]
    """What one page names."""
    usd_per_minute: float
    """In us-east-1. Not verified: AWS's price list knows the usage type but was not read for it."""


def _faces(page: Response) -> Iterator[Seen]:
    for found in page["Faces"]:
        face, at_ms = found["Face"], found["Timestamp"]
        yield Seen("Face", face["Confidence"], at_ms, at_ms)
        for emotion in face.get("Emotions", ())[:1]:
            yield Seen(emotion["Type"].capitalize(), emotion["Confidence"], at_ms, at_ms)


def _lines(page: Response) -> Iterator[Seen]:
    for found in page["TextDetections"]:
        text, at_ms = found["TextDetection"], found["Timestamp"]
        if text["Type"] == "LINE":
            yield Seen(text["DetectedText"], text["Confidence"], at_ms, at_ms)


def _segments(page: Response) -> Iterator[Seen]:
    for found in page["Segments"]:
        cue = found.get("TechnicalCueSegment")
        name, confidence = (
            (cue["Type"], cue["Confidence"]) if cue else ("Shot", found.get("ShotSegment", {}).get("Confidence", 0.0))
        )
        yield Seen(name, confidence, found["StartTimestampMillis"], found["EndTimestampMillis"])


def _listed(page: Response, listed: str, each: str) -> Iterator[Seen]:
    for found in page[listed]:
        yield Seen(found[each]["Name"], found[each]["Confidence"], found["Timestamp"], found["Timestamp"])


def _least(options: Options) -> dict[str, Any]:
    return {"MinConfidence": options["min_confidence"]}


VIDEO_ANALYSES: Mapping[str, VideoAnalysis] = {
    "labels": VideoAnalysis(
        purpose="objects, scenes and activities, with their times",
        start="StartLabelDetection",
        get="GetLabelDetection",
        request=_least,
        seen=lambda page: _listed(page, "Labels", "Label"),
        usd_per_minute=0.10,
    ),
    "moderation": VideoAnalysis(
        purpose="content that may offend, with its times",
        start="StartContentModeration",
        get="GetContentModeration",
        request=_least,
        seen=lambda page: _listed(page, "ModerationLabels", "ModerationLabel"),
        usd_per_minute=0.10,
    ),
    "faces": VideoAnalysis(
        purpose="faces with their attributes and times, nobody's name",
        start="StartFaceDetection",
        get="GetFaceDetection",
        request=lambda options: {"FaceAttributes": options["attributes"].upper()},
        seen=_faces,
        usd_per_minute=0.10,
    ),
    "text": VideoAnalysis(
        purpose="lines of text, with their times",
        start="StartTextDetection",
        get="GetTextDetection",
        request=lambda options: {"Filters": {"WordFilter": _least(options)}},
        seen=_lines,
        usd_per_minute=0.10,
    ),
    "segments": VideoAnalysis(
        purpose="shots, black frames, credits, slates and other technical cues",
        start="StartSegmentDetection",
        get="GetSegmentDetection",
        request=lambda _: {"SegmentTypes": ["TECHNICAL_CUE", "SHOT"]},
        seen=_segments,
        usd_per_minute=0.10,  # shots and technical cues are billed beside each other, 0.05 each
    ),
}


def wanted_of_video(routes: Routes, key: str) -> tuple[str, ...]:
    """The analyses of one video, in the catalogue's order."""
    names = {name for prefix, chosen in routes.items() if key.startswith(prefix) for name in chosen}
    return tuple(name for name in VIDEO_ANALYSES if name in names)
