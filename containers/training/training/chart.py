"""The confusion matrix as a picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CELL, GAP, SIZE = 64, 12, 15
LONGEST, MOST = 24, 40
"""Longer labels are cut; of more labels only the colours are drawn."""
INK, PAPER, FULL = (34, 40, 49), (255, 255, 255), (23, 92, 140)


def draw(labels: Sequence[str], rows: NDArray[np.int64]) -> Image.Image:
    """Rows are the truth, columns what the model said; the darker, the larger the part of its row."""
    font = ImageFont.load_default(SIZE)
    told = len(labels) <= MOST
    cell = CELL if told else max(4, 1600 // len(labels))
    names = [label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…" for label in labels]
    margin = GAP * 3 + (round(max(font.getlength(name) for name in names)) if told else 0) + SIZE
    side = margin + cell * len(labels) + GAP
    picture = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.text((margin, GAP), "said", INK, font)
    _sideways(picture, "truth", (GAP, margin), font)
    for row, name in enumerate(names):
        start = margin + row * cell
        if told:
            pen.text((margin - GAP, start + cell // 2), name, INK, font, anchor="rm")
            _sideways(picture, name, (start + cell // 2 - SIZE // 2, GAP * 2 + SIZE), font)
        for column in range(len(labels)):
            _cell(pen, rows, (row, column), (margin + column * cell, start, cell), font if told else None)
    return picture


def _cell(
    pen: ImageDraw.ImageDraw,
    rows: NDArray[np.int64],
    place: tuple[int, int],
    box: tuple[int, int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont | None,
) -> None:
    left, top, side = box
    count, total = int(rows[place]), int(rows[place[0]].sum())
    part = count / total if total else 0.0
    colour = tuple(round(low + (high - low) * part) for low, high in zip(PAPER, FULL, strict=True))
    pen.rectangle((left, top, left + side - 1, top + side - 1), colour, (214, 219, 224))
    if font:
        pen.text((left + side // 2, top + side // 2), str(count), PAPER if part > 0.5 else INK, font, anchor="mm")  # noqa: PLR2004  # half


def _sideways(
    picture: Image.Image, text: str, corner: tuple[int, int], font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> None:
    strip = Image.new("L", (round(font.getlength(text)) + 2, SIZE + 6))
    ImageDraw.Draw(strip).text((1, 1), text, 255, font)
    turned = strip.transpose(Image.Transpose.ROTATE_90)
    picture.paste(Image.new("RGB", turned.size, INK), corner, turned)
