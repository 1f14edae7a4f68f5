"""Tiles made by hand."""

import io
from functools import cache

from PIL import Image

from mlstack.vision.gallery.marks import Box, Mark
from mlstack.vision.gallery.thumbnails import Thumbnail, thumbnail
from mlstack.vision.gallery.tiles import Tile
from mlstack.vision.results import Record

DOG = Mark("labels", "Dog", 98.5, Box(0.25, 0.5, 0.5, 0.25))
CAT = Mark("labels", "Cat", 71.0, Box(0.0, 0.0, 0.5, 0.5))
SIGN = Mark("text", "EXIT", 88.0, Box(0.6, 0.1, 0.2, 0.1))
NUDITY = Mark("moderation", "Explicit Nudity", 93.0)


@cache
def picture(width: int = 300, height: int = 200) -> Thumbnail:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "#7799bb").save(written, "JPEG")
    return thumbnail(written.getvalue())


def record(key: str, status: str = "analysed", *, reason: str = "", media: str = "image") -> Record:
    return Record(
        object=f"s3://media/{key}",
        version="1",
        media=media,
        bucket="media",
        key=key,
        status=status,
        reason=reason,
        updated_at="2026-11-20T10:00:00.000+00:00",
    )


def shown(key: str, *marks: Mark, small: Thumbnail | None = None) -> Tile:
    """A picture with marks."""
    return Tile(record=record(key), picture=small or picture(), marks=marks)
