"""Files to upright RGB pictures, or the reason why not."""

from pathlib import Path

from PIL import Image, ImageOps

MOST_PIXELS = 200_000_000
SPARE = 3
"""A JPEG may be decoded smaller while it stays this many times as large as what is needed; serving does the same."""
WIDE_GREYS = {"I", "I;16", "I;16B", "I;16L"}
PAPER = "#ffffff"


class UnreadableError(Exception):
    """The file holds no picture that can be read."""


def read(path: Path, *, side: int) -> Image.Image:
    """The picture as people see it, at least ``SPARE * side`` large if the file is; raise UnreadableError."""
    try:
        # A stranger's file: only the two decoders that serving has too.
        with Image.open(path, formats=("JPEG", "PNG")) as opened:
            _check_size(opened)
            opened.draft(None, (SPARE * side, SPARE * side))
            return _in_colours(ImageOps.exif_transpose(opened))
    except UnreadableError:
        raise
    except Exception as error:  # a decoder may raise anything for a stranger's bytes
        message = "it is no JPEG or PNG, damaged or cut short"
        raise UnreadableError(message) from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        message = f"it has {picture.width:,} x {picture.height:,} pixels"
        raise UnreadableError(message)


def _in_colours(picture: Image.Image) -> Image.Image:
    if picture.mode in WIDE_GREYS:
        return picture.point(lambda value: value / 256).convert("L").convert("RGB")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, PAPER), clear).convert("RGB")
    return picture.convert("RGB")
