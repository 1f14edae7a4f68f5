"""Draws photos with the boxes of what Rekognition found in them, side by side on one sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

SIDE, CAPTION, GAP, COLUMNS = 480, 44, 12, 2
COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")
PAPER, INK = "#ffffff", "#202020"


@dataclass(frozen=True, slots=True)
class Box:
    """One instance of a label, in fractions of the photo's width and height as Rekognition gives them."""

    label: str
    confidence: float
    left: float
    top: float
    width: float
    height: float


def boxes(response: Mapping[str, Any]) -> list[Box]:
    """Every instance with a box in a DetectLabels response."""
    return [
        Box(
            label["Name"],
            instance.get("Confidence", label["Confidence"]),
            *(instance["BoundingBox"][side] for side in ("Left", "Top", "Width", "Height")),
        )
        for label in response["Labels"]
        for instance in label.get("Instances", ())
        if "BoundingBox" in instance
    ]


def panel(photo: Path, found: Sequence[Box], caption: str) -> Image.Image:
    """One photo with its boxes and a caption under it."""
    with Image.open(photo) as opened:
        # Rekognition's boxes are relative to the photo as people see it, after its EXIF rotation.
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    sheet = Image.new("RGB", (SIDE, SIDE + CAPTION), PAPER)
    origin = ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2)
    sheet.paste(picture, origin)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for number, box in enumerate(found):
        colour = COLOURS[number % len(COLOURS)]
        left, top = origin[0] + box.left * picture.width, origin[1] + box.top * picture.height
        pen.rectangle((left, top, left + box.width * picture.width, top + box.height * picture.height), None, colour, 3)
        text = f"{box.label} {box.confidence:.0f}"
        pen.rectangle(pen.textbbox((left, top), text, font=font), fill=colour)
        pen.text((left, top), text, fill=PAPER, font=font)
    for row, line in enumerate((photo.name, caption)):
        pen.text((4, SIDE + 4 + row * 18), line, fill=INK, font=font)
    return sheet


def sheet(panels: Sequence[Image.Image]) -> Image.Image:
    """All panels in two columns on one sheet."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    step = (SIDE + GAP, SIDE + CAPTION + GAP)
    whole = Image.new("RGB", (columns * step[0] + GAP, rows * step[1] + GAP), PAPER)
    for number, one in enumerate(panels):
        whole.paste(one, (GAP + number % columns * step[0], GAP + number // columns * step[1]))
    return whole
