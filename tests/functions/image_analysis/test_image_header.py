"""The header reader against Pillow, and against files made to hurt it."""

import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image_analysis.image_header import JPEG, MAX_SEGMENTS, PNG, Header, UnreadableImageError, measure
from tests.functions.image_analysis.pictures import jpeg, png, segment

SIZES = st.integers(min_value=1, max_value=400)
LARGEST = 15 * 1024 * 1024
FRAME = segment(0xC0, bytes((8, 0, 90, 0, 100, 1)))


class CountedFile:
    """A file in memory that counts how often it is read and how far."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads = 0
        self.longest = 0

    def __call__(self, offset: int, length: int) -> bytes:
        self.reads += 1
        self.longest = max(self.longest, length)
        return self.data[offset : offset + length]


def measured(data: bytes) -> Header:
    return measure(CountedFile(data))


def by_pillow(data: bytes) -> Header:
    with Image.open(BytesIO(data)) as image:
        return Header(image.format or "", *image.size)


@given(
    width=SIZES,
    height=SIZES,
    mode=st.sampled_from(("L", "RGB", "CMYK")),
    progressive=st.booleans(),
    restarts=st.sampled_from((0, 1, 7)),
    exif=st.integers(min_value=0, max_value=65_533),
    comment=st.integers(min_value=0, max_value=65_533),
    profile=st.integers(min_value=0, max_value=300_000),
)
def test_any_jpeg_of_pillow_has_the_size_pillow_gives(  # noqa: PLR0913 (what a JPEG can carry)
    *, width: int, height: int, mode: str, progressive: bool, restarts: int, exif: int, comment: int, profile: int
) -> None:
    data = jpeg(
        width,
        height,
        mode,
        progressive=progressive,
        restart_marker_blocks=0 if progressive else restarts,  # Pillow's buffer is too small for both
        exif=b"\xff" * exif,
        comment=b"\xff\xc0" * (comment // 2),
        icc_profile=b"\xff\xc2" * (profile // 2),
    )

    header = measured(data)

    assert header == by_pillow(data) == Header("JPEG", width, height)


@given(width=SIZES, height=SIZES, mode=st.sampled_from(("1", "L", "LA", "P", "RGB", "RGBA", "I;16")))
def test_any_png_of_pillow_has_the_size_pillow_gives(width: int, height: int, mode: str) -> None:
    data = png(width, height, mode)

    header = measured(data)

    assert header == by_pillow(data) == Header("PNG", width, height)


def test_animated_png_has_the_size_of_its_canvas() -> None:
    data = png(90, 100, "RGB", save_all=True, append_images=[Image.new("RGB", (90, 100), "red")])

    header = measured(data)

    assert b"acTL" in data
    assert header == by_pillow(data) == Header("PNG", 90, 100)


def test_interlaced_png_has_the_size_pillow_gives() -> None:
    description = (120).to_bytes(4) + (70).to_bytes(4) + bytes((8, 2, 0, 0, 1))
    data = PNG + (13).to_bytes(4) + b"IHDR" + description + zlib.crc32(b"IHDR" + description).to_bytes(4)
    data += bytes(4) + b"IDAT" + zlib.crc32(b"IDAT").to_bytes(4)

    header = measured(data)

    assert header == by_pillow(data) == Header("PNG", 120, 70)


@given(fills=st.lists(st.integers(min_value=0, max_value=50), min_size=4, max_size=4))
def test_fill_bytes_before_a_marker_change_nothing(fills: list[int]) -> None:
    plain = jpeg(300, 200)
    tables = plain.index(b"\xff\xdb")
    pieces = [plain[:tables], segment(0xFE, b"one"), b"\xff\x01", segment(0xE5, b"two"), plain[tables:]]

    data = pieces[0] + b"".join(b"\xff" * fill + piece for fill, piece in zip(fills, pieces[1:], strict=True))

    assert measured(data) == Header("JPEG", 300, 200)


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCF])
def test_every_kind_of_frame_tells_the_size(marker: int) -> None:
    data = JPEG + segment(marker, bytes((8, 0x12, 0x34, 0x05, 0x06, 3)))

    assert measured(data) == Header("JPEG", 0x0506, 0x1234)


@pytest.mark.parametrize("marker", [0xC4, 0xC8, 0xCC])
def test_tables_that_look_like_frames_are_passed_over(marker: int) -> None:
    data = JPEG + segment(marker, bytes(15)) + FRAME

    assert measured(data) == Header("JPEG", 100, 90)


@pytest.mark.parametrize(
    "data", [jpeg(130, 110, exif=b"Exif" * 9, comment=b"hello"), jpeg(130, 110, progressive=True), png(130, 110)]
)
def test_truncated_image_is_unreadable_or_still_measured_rightly(data: bytes) -> None:
    whole = by_pillow(data)
    outcomes: list[Header | None] = []

    for length in range(len(data)):
        try:
            outcomes.append(measured(data[:length]))
        except UnreadableImageError:
            outcomes.append(None)

    first = outcomes.index(whole)
    assert outcomes[:first] == [None] * first
    assert outcomes[first:] == [whole] * (len(data) - first)


@given(start=st.sampled_from((b"", JPEG, JPEG + b"\xff", PNG, PNG + bytes(4) + b"IHDR")), rest=st.binary(max_size=300))
def test_arbitrary_bytes_give_a_header_or_one_kind_of_error(start: bytes, rest: bytes) -> None:
    file = CountedFile(start + rest)

    try:
        header = measure(file)
    except UnreadableImageError as error:
        assert "JPEG" in str(error) or "PNG" in str(error)  # noqa: PT017 (the error is one of two right outcomes)
    else:
        assert (start + rest).startswith(JPEG if header.format == "JPEG" else PNG)

    assert file.longest <= 32


@given(data=st.data())
def test_damaged_jpeg_gives_a_header_or_one_kind_of_error(data: st.DataObject) -> None:
    damaged = bytearray(jpeg(100, 100, exif=b"Exif" * 20))
    places = st.dictionaries(st.integers(0, len(damaged) - 1), st.integers(0, 255), min_size=1, max_size=20)
    for place, value in data.draw(places).items():
        damaged[place] = value

    try:
        header = measured(bytes(damaged))
    except UnreadableImageError:
        return

    assert header.width < 65_536 > header.height


@pytest.mark.parametrize("length", [0, 1])
def test_segment_shorter_than_its_own_length_breaks_the_jpeg(length: int) -> None:
    data = JPEG + segment(0xE0, length=length) + FRAME

    with pytest.raises(UnreadableImageError, match="ends or breaks before its size"):
        measured(data)


@pytest.mark.parametrize(
    "ending", [b"", segment(0xDA, bytes(10)) + FRAME, b"\xff\xd9\x00\x02" + FRAME, b"\x00" + FRAME]
)
def test_jpeg_without_a_frame_where_it_belongs_is_unreadable(ending: bytes) -> None:
    data = JPEG + segment(0xE0, bytes(40)) + ending

    with pytest.raises(UnreadableImageError, match="ends or breaks before its size"):
        measured(data)


@pytest.mark.parametrize(
    "pattern",
    [b"\xff", b"\xff\x01", b"\xff\xd0", segment(0xE0), segment(0xFE, length=65_535), b"\xff\x00"],
    ids=["fill", "standalone", "restart", "empty segments", "nested longest segments", "stuffed zero"],
)
def test_crafted_jpeg_of_the_largest_size_takes_a_bounded_number_of_reads(pattern: bytes) -> None:
    file = CountedFile((JPEG + pattern * (LARGEST // len(pattern)))[:LARGEST])

    with pytest.raises(UnreadableImageError):
        measure(file)

    assert file.reads <= MAX_SEGMENTS + 1
    assert file.longest <= 32


@pytest.mark.parametrize("file_format", ["WEBP", "GIF", "BMP", "TIFF", "PDF"])
def test_other_format_of_pillow_is_named(file_format: str) -> None:
    target = BytesIO()
    Image.new("RGB", (90, 90)).save(target, file_format)

    with pytest.raises(UnreadableImageError) as refusal:
        measured(target.getvalue())

    assert f" {file_format} file" in str(refusal.value).replace("WebP", "WEBP")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"GIF87a", "a GIF"),
        (b"MM\x00*\x00\x00\x00\x08", "a TIFF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "a HEIC"),
        (b"\x00\x00\x00\x18ftypheix", "a HEIC"),
        (b"\x00\x00\x00\x18ftypmif1", "a HEIF"),
        (b"\x00\x00\x00\x1cftypavif", "an AVIF"),
        (b"PK\x03\x04", "a ZIP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "an SVG"),
        (b'<?xml version="1.0"?><svg>', "an XML"),
        (b"<!DOCTYPE html>", "an HTML"),
        (b"<!doctype html>", "an HTML"),
        (b"<html>", "an HTML"),
    ],
)
def test_other_format_is_named(start: bytes, name: str) -> None:
    with pytest.raises(UnreadableImageError) as refusal:
        measured(start + bytes(100))

    assert str(refusal.value) == f"not a JPEG or PNG: the content is {name} file"


@pytest.mark.parametrize("content", [b"", b"\xff", b"x", b"hello, world", b"\x89PNG\n", b"\x00" * 64, b"\xd8\xff"])
def test_unknown_content_is_called_unknown(content: bytes) -> None:
    with pytest.raises(UnreadableImageError) as refusal:
        measured(content)

    assert str(refusal.value) == "not a JPEG or PNG: the content is unknown"


@pytest.mark.parametrize("content", [PNG, PNG + bytes(24), PNG + b"\x00\x00\x00\rIHDR\x00\x00\x00\x60\x00\x00\x00"])
def test_png_without_its_header_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="a PNG without its header"):
        measured(content)
