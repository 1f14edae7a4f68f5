"""What people and machines upload: hostile contents, names and messages, each with how it must end."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from tests.functions.image_analysis.pictures import jpeg, png, segment

MIB = 1024 * 1024
JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
BROKEN = "a JPEG that ends or breaks before its size"
UNKNOWN = "not a JPEG or PNG: the content is unknown"


@dataclass(frozen=True)
class Analysed:
    """It is analysed, as an image of this format and shape."""

    format: str
    width: int = 96
    height: int = 80


Ending = Analysed | str
"""Analysed, or the reason why it is refused."""


def saved(file_format: str, mode: str = "RGB", size: tuple[int, int] = (96, 80), **options: object) -> bytes:
    """An image as Pillow writes it."""
    target = BytesIO()
    Image.new(mode, size).save(target, file_format, **options)
    return target.getvalue()


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """One chunk of a PNG."""
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    """A PNG's header."""
    return chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + bytes((depth, colour, 0, 0, interlace)))


def frame(marker: int = 0xC0, width: int = 96, height: int = 80, precision: int = 8) -> bytes:
    """A JPEG's header."""
    return segment(marker, bytes((precision,)) + height.to_bytes(2) + width.to_bytes(2) + bytes((1, 1, 0x11, 0)))


def not_an_image(kind: str) -> str:
    """The reason for a known other kind of file."""
    return f"not a JPEG or PNG: the content is {kind} file"


def too(analysis: str, shape: str) -> str:
    """The reason for a shape."""
    return f"labels: the image is {shape} pixels; DetectLabels {analysis}"


def _rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    return jpeg(120, 80, exif=exif.tobytes())


def _with_thumbnail() -> bytes:
    """An EXIF segment with a whole JPEG of another size inside."""
    thumbnail = jpeg(16, 8)
    plain = jpeg()
    return JPEG + segment(0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00" + thumbnail) + plain[2:]


WHOLE = jpeg(120, 90, exif=b"Exif\x00\x00" + bytes(400))
BOMB = PNG + header(10_000, 10_000, depth=1, colour=0) + chunk(b"IDAT", zlib.compress(bytes(1251 * 10_000), 9))

CONTENTS: Mapping[str, tuple[bytes, Ending]] = {
    # Cut short, empty, broken
    "no byte": (b"", "the file is empty"),
    "one byte": (b"\xff", UNKNOWN),
    "zero bytes": (bytes(1000), UNKNOWN),
    "text": (b"hello, world\n", UNKNOWN),
    "JPEG of two bytes": (JPEG, BROKEN),
    "JPEG cut in its EXIF": (WHOLE[:100], BROKEN),
    "JPEG cut in its frame": (WHOLE[: WHOLE.index(b"\xff\xc0") + 5], BROKEN),
    "JPEG cut after its frame": (WHOLE[: WHOLE.index(b"\xff\xc0") + 9], Analysed("JPEG", 120, 90)),
    "JPEG cut in its last byte": (WHOLE[:-1], Analysed("JPEG", 120, 90)),
    "JPEG with its first byte lost": (WHOLE[1:], UNKNOWN),
    "JPEG that ends at once": (JPEG + b"\xff\xd9" + bytes(20), BROKEN),
    "JPEG that begins with its scan": (JPEG + segment(0xDA, bytes(10)) + frame(), BROKEN),
    "JPEG with a line break before it": (b"\n" + WHOLE, UNKNOWN),
    "PNG cut in its signature": (PNG[:6], UNKNOWN),
    "PNG of its signature": (PNG, "a PNG without its header"),
    "PNG cut in its size": ((PNG + header(96, 80))[:22], "a PNG without its header"),
    "PNG as a text transfer leaves it": (png().replace(b"\r\n", b"\n", 1), UNKNOWN),
    "PNG without a header": (PNG + chunk(b"IDAT", b"x") + chunk(b"IEND"), "a PNG without its header"),
    "PNG with a chunk before its header": (PNG + chunk(b"tEXt", b"a") + png()[8:], "a PNG without its header"),
    "PNG as iPhones pack it": (PNG + chunk(b"CgBI", bytes(4)) + png()[8:], "a PNG without its header"),
    "PNG with a broken checksum": (png()[:29] + b"\0\0\0\0" + png()[33:], Analysed("PNG")),
    # Other formats under .jpg
    "GIF": (saved("GIF"), not_an_image("a GIF")),
    "WebP": (saved("WEBP"), not_an_image("a WebP")),
    "TIFF": (saved("TIFF"), not_an_image("a TIFF")),
    "TIFF of the other end": (b"MM\x00*" + bytes(40), not_an_image("a TIFF")),
    "BMP": (saved("BMP"), not_an_image("a BMP")),
    "HEIC": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", not_an_image("a HEIC")),
    "HEIF": (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", not_an_image("a HEIF")),
    "AVIF": (saved("AVIF"), not_an_image("an AVIF")),
    "JPEG 2000": (saved("JPEG2000"), not_an_image("a JPEG 2000")),
    "JPEG 2000 without its box": (b"\xff\x4f\xff\x51" + bytes(40), not_an_image("a JPEG 2000")),
    "JPEG XL": (b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a" + bytes(40), not_an_image("a JPEG XL")),
    "JPEG XL without its box": (b"\xff\x0a" + bytes(40), not_an_image("a JPEG XL")),
    "PDF": (saved("PDF"), not_an_image("a PDF")),
    "ZIP": (b"PK\x03\x04" + bytes(40), not_an_image("a ZIP")),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', not_an_image("an SVG")),
    "HTML": (b"<!DOCTYPE html><html><body>404 Not Found", not_an_image("an HTML")),
    "error of S3 saved as an image": (b'<?xml version="1.0"?><Error><Code>AccessDenied', not_an_image("an XML")),
    "MP4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", not_an_image("an MP4")),
    "film of an iPhone": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", not_an_image("a QuickTime")),
    # Kinds of JPEG
    "JPEG in grey": (jpeg(mode="L"), Analysed("JPEG")),
    "JPEG for print": (jpeg(mode="CMYK"), Analysed("JPEG")),
    "JPEG that grows": (jpeg(progressive=True), Analysed("JPEG")),
    "JPEG of 12 bits": (JPEG + frame(0xC1, precision=12), Analysed("JPEG")),
    "JPEG with arithmetic coding": (JPEG + segment(0xCC, bytes(2)) + frame(0xC9), Analysed("JPEG")),
    "JPEG without loss": (JPEG + frame(0xC3), Analysed("JPEG")),
    "JPEG held upright": (_rotated(), Analysed("JPEG", 120, 80)),
    "JPEG with a thumbnail": (_with_thumbnail(), Analysed("JPEG")),
    "JPEG of two pictures": (saved("MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))]), Analysed("JPEG")),
    "JPEG with a colour profile of 3 MB": (jpeg(icc_profile=bytes(3 * MIB)), Analysed("JPEG")),
    "JPEG with 6 MB of application data": (JPEG + segment(0xE5, bytes(65_533)) * 96 + jpeg()[2:], Analysed("JPEG")),
    "JPEG with comments and no end": (JPEG + segment(0xFE, b"x") * 100_000, BROKEN),
    "JPEG of fill bytes": (JPEG + b"\xff" * 100_000, BROKEN),
    "JPEG with some fill bytes": (JPEG + b"\xff" * 9 + jpeg()[2:], Analysed("JPEG")),
    "JPEG with a segment of no length": (JPEG + segment(0xE0, length=0) + frame(), BROKEN),
    "JPEG that points beyond its end": (JPEG + segment(0xE0, length=65_535) + frame(), BROKEN),
    "JPEG with a PNG behind it": (jpeg() + png(), Analysed("JPEG")),
    "JPEG with a ZIP behind it": (jpeg() + b"PK\x03\x04" + bytes(40), Analysed("JPEG")),
    "JPEG whose height comes later": (JPEG + frame(height=0), too("needs at least 80 on each side", "96 x 0")),
    # Kinds of PNG
    "PNG under .jpg": (png(), Analysed("PNG")),
    "PNG of 1 bit": (png(mode="1"), Analysed("PNG")),
    "PNG of 16 bits": (png(mode="I;16"), Analysed("PNG")),
    "PNG with a palette": (png(mode="P"), Analysed("PNG")),
    "PNG with transparency": (png(mode="RGBA"), Analysed("PNG")),
    "PNG with lines in turn": (PNG + header(96, 80, interlace=1) + chunk(b"IDAT"), Analysed("PNG")),
    "PNG that moves": (
        png(mode="RGB", save_all=True, append_images=[Image.new("RGB", (96, 80), "red")]),
        Analysed("PNG"),
    ),
    "PNG of no size": (PNG + header(0, 0), too("needs at least 80 on each side", "0 x 0")),
    # Shapes
    "79 pixels wide": (png(79, 80), too("needs at least 80 on each side", "79 x 80")),
    "79 pixels high": (jpeg(80, 79), too("needs at least 80 on each side", "80 x 79")),
    "80 pixels": (jpeg(80, 80), Analysed("JPEG", 80, 80)),
    "64 pixels": (jpeg(64, 64), too("needs at least 80 on each side", "64 x 64")),
    "10,000 pixels": (png(10_000, 80), Analysed("PNG", 10_000, 80)),
    "10,001 pixels": (png(10_001, 80), too("takes at most 10,000 on each side", "10001 x 80")),
    "65,535 pixels": (JPEG + frame(width=65_535), too("takes at most 10,000 on each side", "65535 x 80")),
    "four billion pixels": (PNG + header(2**32 - 1, 80), too("takes at most 10,000 on each side", "4294967295 x 80")),
    "a hundred million pixels in a few kilobytes": (BOMB, Analysed("PNG", 10_000, 10_000)),
    # Sizes
    "15 MB": (jpeg() + bytes(15 * MIB - len(jpeg())), Analysed("JPEG")),
    "15 MB and a byte": (
        jpeg() + bytes(15 * MIB + 1 - len(jpeg())),
        "the file has 15,728,641 bytes; Rekognition takes at most 15,728,640 (15 MB)",
    ),
}

KEYS: tuple[str, ...] = (
    "two words.jpg",
    "a+b.jpg",
    "100%.jpg",
    "a%2Fb%20c%00.jpg",
    "käse.jpg",
    "ka\u0308se.jpg",
    "🦊 写真 👩‍👩‍👧.jpg",
    "مرحبا \u202etxt.gpj.jpg",
    "line\nbreak\r.jpg",
    "tab\tand\x7fdelete.jpg",
    "controls \x01\x1b\x1f.jpg",
    "nul \x00.jpg",
    "../../etc/passwd",
    "/leading.jpg",
    "//",
    ".hidden",
    "trailing  ",
    "a//b/./c/",
    "a?b=c#d&e;f,g:h@i!$'()*[]{}|\\^~`<>",
    "\"double\" and 'single'.jpg",
    "<script>alert(1)</script>",
    "${jndi:ldap://x} $(rm -rf) `id`",
    "{0} %s %(name)s {name!r}",
    "#n0 :v0 labels.analyses",
    "no-extension",
    "a.JPG.exe",
    "\u00a0\u200b\ufeff",
    "é" * 508 + "x",
)
"""Under photos/; the last one is 1,024 bytes long with it."""

NO_EVENTS: Mapping[str, str] = {
    "nothing": "",
    "a space": " ",
    "no JSON": "garbage",
    "half JSON": '{"detail": {"object"',
    "null": "null",
    "a list": "[]",
    "a number": "-1.5e400",
    "a number of 100,000 digits": "9" * 100_000,
    "deep lists": "[" * 100_000,
    "deep objects": '{"detail":' * 50_000,
    "no detail": "{}",
    "detail of the wrong type": '{"detail": "object"}',
    "object of the wrong type": '{"detail": {"bucket": {"name": "media"}, "object": []}}',
    "bucket of the wrong type": '{"detail": {"bucket": "media", "object": {"key": "a", "size": 1, "etag": "e"}}}',
    "test event of S3": '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "media"}',
    "notification of S3": '{"Records": [{"s3": {"bucket": {"name": "m"}, "object": {"key": "a", "size": 1}}}]}',
    "byte order mark": "\ufeff{}",
} | {
    f"{member} that is {value!r:.20}": json.dumps(
        {
            "detail": {
                "bucket": {"name": "media"},
                "object": {"key": "photos/a.jpg", "size": 1, "etag": "e"} | {member: value},
            }
        }
    )
    for member, value in (
        ("key", None),
        ("key", ""),
        ("key", 7),
        ("key", "\ud800"),
        ("key", "x" * 1025),
        ("size", "1"),
        ("size", -1),
        ("size", True),
        ("size", 1.5),
        ("size", 10**40),
        ("size", float("nan")),
        ("etag", None),
        ("etag", "a\r\nb"),
        ("etag", "e" * 901),
        ("version-id", 7),
        ("version-id", []),
        ("version-id", "v" * 901),
    )
}
