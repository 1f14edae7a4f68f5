"""What Rekognition finds in a video: the examples of images, at twelve moments of it."""

from collections.abc import Callable
from typing import Any

from mlstack.local.rekognition import detection, example

Json = dict[str, Any]

MOMENTS_MS = tuple(range(0, 6000, 500))
LABEL_MODEL = "3.0"
LEAST = 50.0


def labels(started: Json, said: Json) -> Json:
    """GetLabelDetection: three labels at each moment, by time or by name."""
    found = [
        {"Timestamp": moment, "Label": label, **_span(moment, said)}
        for moment in MOMENTS_MS
        for label in detection.sure(detection.all_labels(), started.get("MinConfidence", LEAST))
    ]
    if said.get("SortBy") == "NAME":
        found.sort(key=lambda one: (one["Label"]["Name"], one["Timestamp"]))
    return {"Labels": found, "LabelModelVersion": LABEL_MODEL, "GetRequestMetadata": _metadata(said)}


def moderation(started: Json, said: Json) -> Json:
    """GetContentModeration: nothing, unless the video's key says that it shows something."""
    answer: Json = example.of_guide("DetectModerationLabels")
    shown = detection.sure(answer["ModerationLabels"], started.get("MinConfidence", LEAST)) if _unsafe(started) else []
    found = [
        {
            "Timestamp": moment,
            "ModerationLabel": label,
            "ContentTypes": answer["ContentTypes"],
            **_span(moment, said),
        }
        for moment in MOMENTS_MS
        for label in shown
    ]
    if said.get("SortBy") == "NAME":
        found.sort(key=lambda one: (one["ModerationLabel"]["Name"], one["Timestamp"]))
    version = answer["ModerationModelVersion"]
    return {"ModerationLabels": found, "ModerationModelVersion": version, "GetRequestMetadata": _metadata(said)}


def faces(started: Json, _said: Json) -> Json:
    """GetFaceDetection: one face at each moment."""
    attributes = [started.get("FaceAttributes", "DEFAULT")]
    return {"Faces": [{"Timestamp": moment, "Face": detection.face(0, attributes)} for moment in MOMENTS_MS]}


def text(_started: Json, _said: Json) -> Json:
    """GetTextDetection: a line and its two words at each moment."""
    words = example.of_guide("VideoText")
    found = [{"Timestamp": moment, "TextDetection": word} for moment in MOMENTS_MS for word in words]
    return {"TextDetections": found, "TextModelVersion": "3.1"}


def segments(started: Json, _said: Json) -> Json:
    """GetSegmentDetection: a shot from each moment to the next, and black frames at both ends."""
    kinds = started["SegmentTypes"]
    length = MOMENTS_MS[1] - MOMENTS_MS[0]
    shots = [
        _segment("SHOT", moment, moment + length, {"ShotSegment": {"Index": number, "Confidence": 99.0}})
        for number, moment in enumerate(MOMENTS_MS)
    ]
    black = {"TechnicalCueSegment": {"Type": "BlackFrames", "Confidence": 95.0}}
    cues = [_segment("TECHNICAL_CUE", moment, moment + 100, black) for moment in (MOMENTS_MS[0], MOMENTS_MS[-1])]
    found = (shots if "SHOT" in kinds else []) + (cues if "TECHNICAL_CUE" in kinds else [])
    return {
        "Segments": sorted(found, key=lambda one: one["StartTimestampMillis"]),
        "SelectedSegmentTypes": [{"Type": kind, "ModelVersion": "2.0"} for kind in kinds],
        "AudioMetadata": [example.of_guide("AudioMetadata")],
    }


def _unsafe(started: Json) -> bool:
    return "moderation-example" in started["Video"]["S3Object"]["Name"]


def _segment(kind: str, start: int, end: int, more: Json) -> Json:
    rate = example.of_guide("VideoMetadata")["FrameRate"]
    frames = [int(moment * rate / 1000) for moment in (start, end)]
    return {
        "Type": kind,
        "StartTimestampMillis": start,
        "EndTimestampMillis": end,
        "DurationMillis": end - start,
        "StartTimecodeSMPTE": _timecode(frames[0], int(rate)),
        "EndTimecodeSMPTE": _timecode(frames[1], int(rate)),
        "DurationSMPTE": _timecode(frames[1] - frames[0], int(rate)),
        "StartFrameNumber": frames[0],
        "EndFrameNumber": frames[1],
        "DurationFrames": frames[1] - frames[0],
        **more,
    }


def _timecode(frames: int, rate: int) -> str:
    seconds, rest = divmod(frames, rate)
    return f"00:00:{seconds:02}:{rest:02}"


def _span(moment: int, said: Json) -> Json:
    """What is told where the answer is asked for by segments and not by moments."""
    if said.get("AggregateBy") != "SEGMENTS":
        return {}
    end = moment + MOMENTS_MS[1] - MOMENTS_MS[0]
    return {"StartTimestampMillis": moment, "EndTimestampMillis": end, "DurationMillis": end - moment}


def _metadata(said: Json) -> Json:
    return {"SortBy": said.get("SortBy", "TIMESTAMP"), "AggregateBy": said.get("AggregateBy", "TIMESTAMPS")}


Find = Callable[[Json, Json], Json]
FINDINGS: dict[str, tuple[Find, str]] = {
    "ContentModeration": (moderation, "ModerationLabels"),
    "FaceDetection": (faces, "Faces"),
    "LabelDetection": (labels, "Labels"),
    "SegmentDetection": (segments, "Segments"),
    "TextDetection": (text, "TextDetections"),
}
"""What answers each analysis of a video, and the list in the answer that comes in pages."""
