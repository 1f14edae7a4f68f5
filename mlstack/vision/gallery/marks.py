"""What a Rekognition response says of a picture: names, with boxes where it gives boxes. Pure.

A document may have been written by anything that may write to the bucket: what is not as Rekognition's API reference
has it is left out, whatever it is.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SIDES = ("Left", "Top", "Width", "Height")
Part = Mapping[str, Any]  # a piece of a response


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the upright picture's width and height, within it."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that an analysis found in a picture or a video."""

    analysis: str
    name: str
    confidence: float
    """In percent."""
    box: Box | None = None
    span: tuple[float, float] | None = None
    """From and to which second of a video."""


def box_of(given: object) -> Box | None:
    """A BoundingBox cut to the picture, since Rekognition's may reach beyond it; None where nothing is left of it."""
    if not isinstance(given, Mapping):
        return None
    left, top, width, height = (_number(given.get(side)) for side in SIDES)
    right, bottom = min(left + width, 1.0), min(top + height, 1.0)
    left, top = max(left, 0.0), max(top, 0.0)
    # A NaN among them makes both comparisons false.
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def marks(analysis: str, response: object) -> list[Mark]:
    """Everything that a response names, the most certain first; nothing for an analysis that nobody knows."""
    read = READERS.get(analysis)
    found = read(analysis, response) if read and isinstance(response, Mapping) else iter(())
    certain = (one for one in found if one.name and math.isfinite(one.confidence))
    return sorted(certain, key=lambda one: (-one.confidence, one.name))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _parts(part: object, name: str) -> Iterator[Part]:
    listed = part.get(name) if isinstance(part, Mapping) else None
    return (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, Mapping))


def _within(part: object, *path: str) -> object:
    for name in path:
        part = part.get(name) if isinstance(part, Mapping) else None
    return part


def _mark(analysis: str, name: object, confidence: object, box: object = None) -> Mark:
    return Mark(analysis, name if isinstance(name, str) else "", _number(confidence), box_of(box))


def _labels(analysis: str, response: Part) -> Iterator[Mark]:
    for label in _parts(response, "Labels"):
        instances = [one for one in _parts(label, "Instances") if box_of(one.get("BoundingBox"))]
        for one in instances:
            certain = one.get("Confidence", label.get("Confidence"))
            yield _mark(analysis, label.get("Name"), certain, one.get("BoundingBox"))
        if not instances:
            yield _mark(analysis, label.get("Name"), label.get("Confidence"))


def _faces(analysis: str, response: Part) -> Iterator[Mark]:
    for face in _parts(response, "FaceDetails"):
        yield _mark(analysis, "Face", face.get("Confidence"), face.get("BoundingBox"))
        emotions = list(_parts(face, "Emotions"))
        for emotion in emotions[:1]:  # Rekognition gives the likeliest first
            yield _mark(analysis, str(emotion.get("Type", "")).capitalize(), emotion.get("Confidence"))


def _moderation(analysis: str, response: Part) -> Iterator[Mark]:
    for label in _parts(response, "ModerationLabels"):
        yield _mark(analysis, label.get("Name"), label.get("Confidence"))


def _text(analysis: str, response: Part) -> Iterator[Mark]:
    for line in _parts(response, "TextDetections"):
        if line.get("Type") == "LINE":
            place = _within(line, "Geometry", "BoundingBox")
            yield _mark(analysis, line.get("DetectedText"), line.get("Confidence"), place)


def _celebrities(analysis: str, response: Part) -> Iterator[Mark]:
    for one in _parts(response, "CelebrityFaces"):
        yield _mark(analysis, one.get("Name"), one.get("MatchConfidence"), _within(one, "Face", "BoundingBox"))


def _equipment(analysis: str, response: Part) -> Iterator[Mark]:
    for person in _parts(response, "Persons"):
        for part in _parts(person, "BodyParts"):
            for one in _parts(part, "EquipmentDetections"):
                yield _mark(analysis, one.get("Type"), one.get("Confidence"), one.get("BoundingBox"))


def _custom_labels(analysis: str, response: Part) -> Iterator[Mark]:
    for label in _parts(response, "CustomLabels"):
        place = _within(label, "Geometry", "BoundingBox")
        yield _mark(analysis, label.get("Name"), label.get("Confidence"), place)


def _people(analysis: str, response: Part) -> Iterator[Mark]:
    known = (one for one in _parts(response, "FaceMatches") if _within(one, "Face", "ExternalImageId"))
    for best in list(known)[:1]:  # the most similar comes first; the others are other pictures, or other people
        name = _within(best, "Face", "ExternalImageId")
        yield _mark(analysis, name, best.get("Similarity"), response.get("SearchedFaceBoundingBox"))


def _enrolment(analysis: str, response: Part) -> Iterator[Mark]:
    for one in _parts(response, "FaceRecords"):
        face = one.get("Face")
        name, certain = _within(face, "ExternalImageId"), _within(face, "Confidence")
        yield _mark(analysis, name, certain, _within(face, "BoundingBox"))


READERS: Mapping[str, Callable[[str, Part], Iterator[Mark]]] = {
    "labels": _labels,
    "faces": _faces,
    "moderation": _moderation,
    "text": _text,
    "celebrities": _celebrities,
    "protective_equipment": _equipment,
    "custom_labels": _custom_labels,
    "people": _people,
    "enrolment": _enrolment,
}
