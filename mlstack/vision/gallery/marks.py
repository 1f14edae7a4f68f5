"""What a Rekognition response says of a picture: names, with boxes where it gives boxes. Pure.

A document may have been written by anything that may write to the bucket: what is not as Rekognition's API reference
has it is left out, whatever it is.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from shared.analyses import ANALYSES
from shared.answers import Response

SIDES = ("Left", "Top", "Width", "Height")


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
    known = ANALYSES.get(analysis)
    if known is None or not isinstance(response, Mapping):
        return []
    read = [Mark(analysis, *found) for found in _sound(known.places, response)] if known.places else []
    placed = [one for one in read if one.box]
    drawn = {one.name for one in placed}
    named = [Mark(analysis, *found) for found in _sound(known.names, response) if found[0] not in drawn]
    return sorted((one for one in [*placed, *named] if one.name), key=lambda one: (-one.confidence, one.name))


def _sound(
    read: Callable[[Response], Iterator[tuple[Any, ...]]], response: Response
) -> Iterator[tuple[str, float, Box | None]]:
    """What can be read of a response, up to where it is no longer as Rekognition's API reference has it."""
    with suppress(AttributeError, KeyError, TypeError):
        for name, confidence, *box in read(response):
            if isinstance(name, str) and isinstance(confidence, int | float) and math.isfinite(confidence):
                yield name, float(confidence), box_of(box[0]) if box else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
