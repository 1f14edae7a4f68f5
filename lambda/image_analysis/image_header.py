"""Format and size of an image, read from its first bytes; nothing is decoded."""

from collections.abc import Callable
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""Reads up to ``length`` bytes at ``offset``; fewer come back at the end of the file."""

JPEG = b"\xff\xd8"
PNG = b"\x89PNG\r\n\x1a\n"
# What people upload by mistake, so that a refusal can name it.
OTHERS = (
    (0, b"GIF8", "a GIF"),
    (8, b"WEBP", "a WebP"),
    (0, b"BM", "a BMP"),
    (0, b"II*\x00", "a TIFF"),
    (0, b"MM\x00*", "a TIFF"),
    (4, b"ftypheic", "a HEIC"),
    (4, b"ftypheix", "a HEIC"),
    (4, b"ftypmif1", "a HEIF"),
    (4, b"ftypavif", "an AVIF"),
    (4, b"ftypmp4", "an MP4"),
    (4, b"ftypisom", "an MP4"),
    (4, b"ftypqt", "a QuickTime"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (4, b"JXL \r\n\x87\n", "a JPEG XL"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP"),
    (0, b"<svg", "an SVG"),
    (0, b"<?xml", "an XML"),
    (0, b"<!DOCTYPE", "an HTML"),
    (0, b"<!doctype", "an HTML"),
    (0, b"<html", "an HTML"),
)
# https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
MAX_SEGMENTS = 2000  # far beyond any camera's; bounds the work that a crafted file can ask for


class UnreadableImageError(Exception):
    """The bytes are no JPEG or PNG, or end before they say how large the image is; the message says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image says of itself."""

    format: str
    width: int
    """In pixels, as stored: before any EXIF rotation."""
    height: int
    """In pixels, as stored."""


def measure(read: Read) -> Header:
    """Read the header of a JPEG or PNG; raise UnreadableImageError for anything else."""
    start = read(0, 32)
    if start.startswith(PNG):
        return _measure_png(start)
    if start.startswith(JPEG):
        return _measure_jpeg(read)
    kind = next((name for offset, magic, name in OTHERS if start[offset:].startswith(magic)), None)
    message = f"not a JPEG or PNG: the content is {kind} file" if kind else "not a JPEG or PNG: the content is unknown"
    raise UnreadableImageError(message)


def _measure_png(start: bytes) -> Header:
    if start[12:16] != b"IHDR" or len(start) < len(PNG) + 16:
        message = "a PNG without its header"
        raise UnreadableImageError(message)
    return Header("PNG", int.from_bytes(start[16:20]), int.from_bytes(start[20:24]))


def _measure_jpeg(read: Read) -> Header:
    offset = len(JPEG)
    for _ in range(MAX_SEGMENTS):
        segment = read(offset, 9)
        if len(segment) < 4 or segment[0] != 0xFF:  # noqa: PLR2004  # marker and length
            break
        marker = segment[1]
        if marker == 0xFF:  # noqa: PLR2004  # fill byte
            offset += 1
        elif marker in STANDALONE:
            offset += 2
        elif marker in FRAME_HEADERS and len(segment) == 9:  # noqa: PLR2004  # the whole of what was asked for
            return Header("JPEG", int.from_bytes(segment[7:9]), int.from_bytes(segment[5:7]))
        elif marker in {START_OF_SCAN, END_OF_IMAGE}:
            break
        else:
            offset += 2 + int.from_bytes(segment[2:4])
    message = "a JPEG that ends or breaks before its size"
    raise UnreadableImageError(message)
