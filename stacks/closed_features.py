"""What AWS has closed or ended: asked for in a profile, each is refused with the name of what took its place."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closed:
    """One feature that new customers no longer get."""

    name: str
    since: str
    """The day it ended or closed to new customers."""
    successor: str
    source: str


_PATHING = Closed(
    "Rekognition People Pathing",
    "2025-10-31",
    'use "labels" in [vision.videos], which gives every person\'s place and time',
    "https://docs.aws.amazon.com/rekognition/latest/dg/persons.html",
)
_STREAMING = Closed(
    "Rekognition streaming video",
    "2026-04-30",
    "put frames or clips into the media bucket, and name analyses in [vision.images] or [vision.videos]",
    "https://docs.aws.amazon.com/rekognition/latest/dg/rekognition-availability-changes.html",
)
_BULK = Closed(
    "Rekognition bulk media analysis",
    "2026-04-30",
    "use `mlstack vision backfill s3://BUCKET/PREFIX`",
    "https://docs.aws.amazon.com/rekognition/latest/dg/rekognition-availability-changes.html",
)
_HUMAN_LOOP = Closed(
    "Augmented AI (A2I)",
    "2026-07-30",
    "use vision.moderation.review = true and `mlstack vision review`",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/a2i-use-augmented-ai-a2i-human-review-loops.html",
)
CLOSED: Mapping[str, Closed] = {
    "people_pathing": _PATHING,
    "person_tracking": _PATHING,
    "persons": _PATHING,
    "streaming": _STREAMING,
    "stream_processor": _STREAMING,
    "connected_home": _STREAMING,
    "bulk": _BULK,
    "bulk_analysis": _BULK,
    "media_analysis": _BULK,
    "a2i": _HUMAN_LOOP,
    "human_loop": _HUMAN_LOOP,
}
"""By the names that a profile would use for them."""
