"""Bytes of a stranger to an upright RGB picture, or the reason why not."""

import warnings
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin

from inference.refusal import RefusalError

JPEG = b"\xff\xd8"
PNG = b"\x89PNG\r\n\x1a\n"
# What people send by mistake, so that a refusal can name it.
OTHERS = (
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP"),
    (0, b"BM", "a BMP"),
    (0, b"II*\x00", "a TIFF"),
    (0, b"MM\x00*", "a TIFF"),
    (4, b"ftyphei", "a HEIC"),
    (4, b"ftypmif1", "a HEIF"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftyp", "a video"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "an XML"),
    (0, b"<!DOCTYPE", "an HTML"),
    (0, b"<!doctype", "an HTML"),
    (0, b"<html", "an HTML"),
)
# A scan of a few bytes makes the decoder pass over the whole picture; cameras write up to about 12.
START_OF_SCAN, MOST_SCANS = b"\xff\xda", 100
WIDE_GREYS = {"I", "I;16", "I;16B", "I;16L"}
PAPER = "#ffffff"
STRIP_ROWS = 256
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read(content: bytes, *, max_pixels: int, enough: int | None = None) -> Image.Image:
    """The picture as people see it: turned as its EXIF says, transparency on white, 16 bits as 8; raise RefusalError.

    The first of several pictures counts (animations). One whose sides are at least twice ``enough`` pixels comes
    smaller, by a whole factor, and needs little memory beside its decoded self; no side falls below ``enough``.
    """
    try:
        picture = _opened(content)
        _check_size(picture, max_pixels)
        if enough:
            picture.draft(None, (enough, enough))  # a JPEG's decoder leaves out what is not needed
        picture.load()
        turn = TURNS.get(_orientation(picture))
        small = _plain(picture, min(picture.size) // enough if enough else 1)
        return small if turn is None else small.transpose(turn)
    except (RefusalError, MemoryError):
        raise
    except Exception as error:  # a decoder may raise anything for a stranger's bytes
        raise RefusalError(422, "damaged", "the picture cannot be decoded: it is damaged or cut short") from error


def warn_of_nothing() -> None:
    """Keep what Pillow warns of in strangers' files (damaged EXIF and the like) out of the log."""
    warnings.filterwarnings("ignore", module="PIL")


def _opened(content: bytes) -> JpegImagePlugin.JpegImageFile | PngImagePlugin.PngImageFile:
    if not content:
        raise RefusalError(400, "empty", "there is not a single byte")
    # Not Image.open: it would judge the size by a limit of the whole process, with warnings.
    if content.startswith(PNG):
        return PngImagePlugin.PngImageFile(BytesIO(content))
    if content.startswith(JPEG):
        if content.count(START_OF_SCAN) > MOST_SCANS:
            raise RefusalError(422, "too_many_scans", f"the JPEG is stored in more than {MOST_SCANS} passes")
        return JpegImagePlugin.JpegImageFile(BytesIO(content))
    kind = next((name for offset, magic, name in OTHERS if content[offset:].startswith(magic)), None)
    found = f"{kind} file" if kind else "unknown"
    raise RefusalError(415, "not_a_picture", f"the picture must be a JPEG or PNG: the content is {found}")


def _check_size(picture: Image.Image, max_pixels: int) -> None:
    pixels = picture.width * picture.height
    if pixels > max_pixels:
        reason = f"the picture has {picture.width:,} x {picture.height:,} pixels; at most {max_pixels:,} are read"
        raise RefusalError(413, "too_many_pixels", reason)


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  # damaged EXIF: other programs show the picture as it is stored
        return 1


def _plain(picture: Image.Image, factor: int) -> Image.Image:
    """In red, green and blue, and so many times smaller; strip by strip, as a copy of the whole could be large."""
    factor = max(1, factor)
    rows = max(factor, STRIP_ROWS // factor * factor)
    canvas = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    for top in range(0, picture.height, rows):
        strip = _in_colours(picture.crop((0, top, picture.width, min(top + rows, picture.height))))
        canvas.paste(strip.reduce(factor), (0, top // factor))
    return canvas


def _in_colours(picture: Image.Image) -> Image.Image:
    if picture.mode in WIDE_GREYS:
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", clear.size, PAPER), clear).convert("RGB")
    return picture.convert("RGB")
