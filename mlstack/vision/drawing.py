"""Draws photos with the boxes of what Rekognition found in them, side by side on one sheet."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from mlstack.text import printable
from mlstack.vision.gallery.marks import Mark, marks
from mlstack.vision.results import Outcome, Results

SIDE, CAPTION, GAP, COLUMNS, LETTERS = 480, 44, 12, 2, 14
FONTS = ("DejaVuSans.ttf", "Arial Unicode.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#008080", "#9a6324", "#808000")
PAPER, INK = "#ffffff", "#202020"


def boxed(results: Results, analyses: Mapping[str, Outcome]) -> list[Mark]:
    """Everything with a box in the full answers about one photo."""
    answers = ((name, results.document(one.document)) for name, one in analyses.items() if one.document)
    return [mark for name, answer in answers for mark in marks(name, answer.get("response")) if mark.box]


@cache
def font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font that has accents and other scripts, where the machine has one; else Pillow's own."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, LETTERS)
        except OSError:
            continue
    return ImageFont.load_default(size=LETTERS)


def panel(photo: Path, found: Sequence[Mark], caption: str) -> Image.Image:
    """One photo with its boxes and a caption under it."""
    try:
        with Image.open(photo) as opened:
            # Rekognition's boxes are relative to the photo as people see it, after its EXIF rotation.
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        picture, found, caption = Image.new("RGB", (SIDE, CAPTION), PAPER), (), f"cannot be drawn: {error}"
    picture.thumbnail((SIDE, SIDE))
    whole = Image.new("RGB", (SIDE, picture.height + CAPTION), PAPER)
    indent = (SIDE - picture.width) // 2
    whole.paste(picture, (indent, 0))
    pen = ImageDraw.Draw(whole)
    for number, mark in enumerate(found):
        if mark.box is None:
            continue
        colour = COLOURS[number % len(COLOURS)]
        left, top = indent + mark.box.left * picture.width, mark.box.top * picture.height
        right, bottom = left + mark.box.width * picture.width, top + mark.box.height * picture.height
        pen.rectangle((left, top, right, bottom), None, colour, 3)
        text = printable(f"{mark.name} {mark.confidence:.1f}")
        pen.rectangle(pen.textbbox((left, top), text, font=font()), fill=colour)
        pen.text((left, top), text, fill=PAPER, font=font())
    for row, line in enumerate((printable(photo.name), printable(caption))):
        pen.text((4, picture.height + 4 + row * (LETTERS + 4)), line, fill=INK, font=font())
    return whole


def sheet(panels: Sequence[Image.Image]) -> Image.Image:
    """All panels in two columns on one sheet."""
    rows = [panels[first : first + COLUMNS] for first in range(0, len(panels), COLUMNS)]
    heights = [max(one.height for one in row) for row in rows]
    width = len(rows[0]) * (SIDE + GAP) + GAP
    whole = Image.new("RGB", (width, sum(heights) + GAP * (len(rows) + 1)), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, one in enumerate(row):
            whole.paste(one, (GAP + column * (SIDE + GAP), top))
        top += height + GAP
    return whole
