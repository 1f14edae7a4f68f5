"""Pictures made small enough for a page, and safe: nothing of a file but its pixels is left."""

import base64
import io
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageOps

SIDE = 640
QUALITY = 76
FORMATS = ("JPEG", "PNG")  # what Rekognition takes
MOST_PIXELS = 100_000_000  # Rekognition's own limit of 10,000 by 10,000
LARGE_PIXELS = 20_000_000
PAPER = "#ffffff"
_one_large = Lock()


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small upright picture."""

    uri: str
    """A data URI."""
    width: int
    height: int


class UnreadableError(Exception):
    """Why a picture cannot be shown, in words for a person."""


def thumbnail(content: bytes) -> Thumbnail:
    """The upright picture, at most SIDE pixels on its longer side; raise UnreadableError where there is none."""
    try:
        picture = _small(content)
    except UnreadableError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        message = "the picture is too large to be drawn"
        raise UnreadableError(message) from error
    except Exception as error:  # a decoder may raise anything for a stranger's bytes
        message = "the picture cannot be read: it is damaged, or neither JPEG nor PNG"
        raise UnreadableError(message) from error
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    uri = f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode('ascii')}"
    return Thumbnail(uri, picture.width, picture.height)


def _small(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        pixels = opened.width * opened.height
        if pixels > MOST_PIXELS:
            message = f"the picture is too large to be drawn: {opened.width:,} by {opened.height:,} pixels"
            raise UnreadableError(message)
        if pixels <= LARGE_PIXELS:
            return _upright(opened)
        with _one_large:  # a large PNG takes hundreds of megabytes; eight at once would be too much
            return _upright(opened)


def _upright(opened: Image.Image) -> Image.Image:
    rotates = opened.format != "PNG"  # Rekognition corrects a JPEG by its EXIF, and nothing else
    exif = opened.info.get("exif", b"")
    opened.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at about the size that is needed
    whole = _opaque(opened)
    whole.thumbnail((SIDE, SIDE))
    whole.info = {"exif": exif} if rotates else {}  # the comment and the colour profile stay behind; saving drops this
    try:
        return ImageOps.exif_transpose(whole)
    except Exception:  # noqa: BLE001 - a damaged EXIF block may raise anything, and the picture is good without it
        return whole


def _opaque(opened: Image.Image) -> Image.Image:
    if not opened.has_transparency_data:
        return opened.convert("RGB")
    seen = opened.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, PAPER), seen).convert("RGB")
