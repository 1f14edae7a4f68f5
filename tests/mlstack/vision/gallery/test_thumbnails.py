"""Small copies of pictures: upright, bare of everything but pixels, and never an error."""

import base64
import io
import struct
import warnings
import zlib

import pytest
from PIL import Image

from mlstack.vision.gallery.thumbnails import SIDE, Thumbnail, UnreadableError, thumbnail

RED, WHITE = (255, 0, 0), (255, 255, 255)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def decoded(small: Thumbnail) -> Image.Image:
    kind, _, content = small.uri.partition(",")
    assert kind == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def marked(width: int = 160, height: int = 80) -> Image.Image:
    """A white picture with a red upper left quarter."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    return picture


def red_corner(picture: Image.Image) -> str:
    """Which quarter is red."""
    corners = {
        "upper left": (0.25, 0.25),
        "upper right": (0.75, 0.25),
        "lower left": (0.25, 0.75),
        "lower right": (0.75, 0.75),
    }
    [found] = [
        name
        for name, (x, y) in corners.items()
        if picture.convert("HSV").getpixel((int(x * picture.width), int(y * picture.height)))[1] > 128  # type: ignore[index] # three bands
    ]
    return found


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [
        (1, (160, 80), "upper left"),
        (2, (160, 80), "upper right"),
        (3, (160, 80), "lower right"),
        (4, (160, 80), "lower left"),
        (5, (80, 160), "upper left"),
        (6, (80, 160), "upper right"),
        (7, (80, 160), "lower right"),
        (8, (80, 160), "lower left"),
        (9, (160, 80), "upper left"),
    ],
)
def test_a_jpeg_is_turned_as_rekognition_turns_it(orientation: int, size: tuple[int, int], corner: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation

    small = thumbnail(encoded(marked(), exif=exif, quality=95))

    assert (small.width, small.height) == size
    assert red_corner(decoded(small)) == corner


def test_a_png_is_not_turned_since_rekognition_leaves_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    small = thumbnail(encoded(marked(), "PNG", exif=exif))

    assert (small.width, small.height) == (160, 80)


@pytest.mark.parametrize(
    ("size", "expected"), [((3000, 1500), (SIDE, SIDE // 2)), ((500, 2000), (160, SIDE)), ((100, 80), (100, 80))]
)
def test_a_large_picture_is_made_small_and_a_small_one_left(size: tuple[int, int], expected: tuple[int, int]) -> None:
    small = thumbnail(encoded(marked(*size)))

    assert (small.width, small.height) == expected
    assert decoded(small).size == expected


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_a_picture(mode: str) -> None:
    picture = marked().convert("L").convert(mode) if mode == "I;16" else marked().convert(mode)

    small = thumbnail(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"))

    assert decoded(small).mode == "RGB"


def test_what_can_be_seen_through_lies_on_white() -> None:
    small = thumbnail(encoded(Image.new("RGBA", (80, 80), (0, 0, 0, 0)), "PNG"))

    assert decoded(small).getpixel((40, 40)) == WHITE


def test_nothing_but_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    content = encoded(marked(), exif=exif, comment=b"SECRET WORD", icc_profile=b"SECRET PROFILE")

    small = thumbnail(content)

    assert content.count(b"SECRET") == 3
    assert b"SECRET" not in base64.b64decode(small.uri.partition(",")[2])


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_exif_block_harms_nothing(exif: bytes) -> None:
    assert thumbnail(encoded(marked(), exif=exif)).width == 160


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_that_breaks_off_is_unreadable_or_shown_and_never_an_error(kind: str) -> None:
    whole = encoded(marked(), kind)

    reasons = [unreadable(whole[:length]) for length in range(0, len(whole), 7)]

    assert reasons[0]
    assert all(reason is None or "cannot be read" in reason for reason in reasons)
    assert unreadable(whole) is None


def unreadable(content: bytes) -> str | None:
    """Why it cannot be shown, if it cannot."""
    try:
        thumbnail(content)
    except UnreadableError as error:
        return str(error)
    return None


@pytest.mark.parametrize("content", [b"", b"no picture", b"%PDF-1.7", b"GIF89a" + b"\0" * 100, b"<svg/>"])
def test_what_is_no_jpeg_or_png_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableError, match="neither JPEG nor PNG"):
        thumbnail(content)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("side", [10_001, 50_000, 2**31 - 1])
def test_a_decompression_bomb_is_told_before_it_is_unpacked(side: int) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10_000)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as it is where pages are made
        with pytest.raises(UnreadableError, match="too large"):
            thumbnail(bomb)


def test_a_telephones_jpeg_of_several_pictures_shows_the_first() -> None:
    several = encoded(marked(), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 160))])

    assert thumbnail(several).width == 160
