"""Whatever the bytes: an upright RGB picture, or a reason."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from inference import picture
from inference.refusal import RefusalError
from tests.containers.inference import pictures
from tests.functions.image_analysis.corpus import CONTENTS
from tests.functions.image_analysis.pictures import segment

PLENTY = 2_000_000
WHOLE_JPEG = pictures.encoded(pictures.quartered(), "JPEG")
WHOLE_PNG = pictures.encoded(pictures.quartered())


def read(content: bytes, enough: int | None = None) -> Image.Image:
    return picture.read(content, max_pixels=PLENTY, enough=enough)


def read_or_refused(content: bytes) -> Image.Image | RefusalError:
    try:
        return read(content)
    except RefusalError as refused:
        return refused


def refusal(content: bytes) -> RefusalError:
    with pytest.raises(RefusalError) as refused:
        read(content)
    return refused.value


@pytest.mark.parametrize("name", CONTENTS)
def test_picture_reads_or_refuses_everything_that_people_upload(name: str) -> None:
    content, _ = CONTENTS[name]

    found = read_or_refused(content)

    if isinstance(found, RefusalError):
        assert 400 <= found.status < 500
        assert found.reason.isprintable()
    else:
        assert found.mode == "RGB"
        assert min(found.size) > 0


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("no byte", 400, "empty"),
        ("text", 415, "not_a_picture"),
        ("WebP", 415, "not_a_picture"),
        ("GIF", 415, "not_a_picture"),
        ("JPEG cut after its frame", 422, "damaged"),
        ("PNG with a broken checksum", 422, "damaged"),
        ("a hundred million pixels in a few kilobytes", 413, "too_many_pixels"),
    ],
)
def test_picture_says_why_it_refuses(name: str, status: int, code: str) -> None:
    found = refusal(CONTENTS[name][0])

    assert (found.status, found.code) == (status, code)


def test_picture_names_the_format_that_it_does_not_take() -> None:
    assert "a WebP file" in refusal(CONTENTS["WebP"][0]).reason


def test_picture_is_judged_by_its_header_before_anything_is_decoded() -> None:
    at_the_limit, beyond = refusal(pictures.bomb(1000)), refusal(pictures.bomb(30_000))

    assert at_the_limit.code == "damaged"
    assert beyond.code == "too_many_pixels"
    assert "30,000 x 30,000" in beyond.reason


def test_picture_with_endless_passes_is_refused_before_the_first() -> None:
    allowed, refused = pictures.many_scans(50), pictures.many_scans(200)

    assert read(allowed).size == (640, 640)
    assert refusal(refused).code == "too_many_scans"


@pytest.mark.parametrize("whole", [WHOLE_JPEG, WHOLE_PNG], ids=["JPEG", "PNG"])
def test_picture_that_is_cut_short_is_refused(whole: bytes) -> None:
    for length in range(1, len(whole) - 20, max(1, len(whole) // 40)):
        assert refusal(whole[:length]).status in {415, 422}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@given(
    st.sampled_from([WHOLE_JPEG, WHOLE_PNG]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8),
    st.binary(max_size=20),
)
def test_picture_that_is_damaged_anywhere_is_read_or_refused(
    whole: bytes, changes: list[tuple[int, int]], more: bytes
) -> None:
    content = bytearray(whole)
    for place, value in changes:
        content[place % len(content)] = value

    found = read_or_refused(bytes(content) + more)

    assert found.status in {413, 415, 422} if isinstance(found, RefusalError) else found.mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_picture_is_turned_as_the_camera_says(orientation: int, file_format: str) -> None:
    turns: dict[int, Callable[[Image.Image], Image.Image]] = {
        1: lambda stored: stored,
        2: lambda stored: stored.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda stored: stored.rotate(180),
        4: lambda stored: stored.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda stored: stored.rotate(90, expand=True).transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        6: lambda stored: stored.rotate(-90, expand=True),
        7: lambda stored: stored.rotate(-90, expand=True).transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        8: lambda stored: stored.rotate(90, expand=True),
    }
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    found = read(pictures.encoded(pictures.quartered(), file_format, exif=exif))

    assert pictures.corners(found) == pictures.corners(turns[orientation](pictures.quartered()))
    assert found.size == ((32, 64) if orientation > 4 else (64, 32))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize(
    "exif", [b"", b"Exif\x00\x00", b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00" + bytes(90)]
)
def test_picture_with_damaged_exif_is_read_as_it_is_stored(exif: bytes) -> None:
    content = WHOLE_JPEG[:2] + segment(0xE1, exif) + WHOLE_JPEG[2:]

    assert read(content).size == (64, 32)


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_picture_for_print_and_in_grey_comes_as_colours(mode: str) -> None:
    stored = pictures.quartered().convert(mode)

    found = read(pictures.encoded(stored, "JPEG"))

    assert pictures.corners(found) == pictures.corners(stored.convert("RGB"))


@pytest.mark.parametrize(
    ("made", "colour"),
    [
        (Image.new("RGBA", (9, 9), (255, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 255)), (255, 0, 0)),
        (Image.new("LA", (9, 9), (0, 0)), (255, 255, 255)),
        (Image.new("L", (9, 9), 60), (60, 60, 60)),
        (Image.new("1", (9, 9), 1), (255, 255, 255)),
        (Image.new("I;16", (9, 9), 0x8040), (128, 128, 128)),
        (Image.new("I;16", (9, 9), 0xFFFF), (255, 255, 255)),
        (Image.new("RGB", (9, 9), (0, 128, 0)).convert("P", palette=Image.Palette.ADAPTIVE), (0, 128, 0)),
    ],
    ids=["clear", "opaque", "clear grey", "grey", "1 bit", "16 bits", "white of 16 bits", "palette"],
)
def test_picture_of_any_kind_looks_as_on_white_paper(made: Image.Image, colour: tuple[int, ...]) -> None:
    assert read(pictures.encoded(made)).getpixel((4, 4)) == colour


def test_picture_with_a_transparent_palette_colour_looks_as_on_white_paper() -> None:
    made = Image.new("P", (9, 9), 1)
    made.putpalette([0, 0, 0, 255, 0, 0])

    assert read(pictures.encoded(made, transparency=1)).getpixel((4, 4)) == (255, 255, 255)


def test_picture_that_moves_counts_with_its_first_frame() -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("blue", "red")]

    content = pictures.encoded(frames[0], save_all=True, append_images=frames[1:])

    assert read(content).getpixel((4, 4)) == (0, 0, 255)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_picture_may_come_smaller_but_never_too_small_and_still_upright(file_format: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = pictures.encoded(pictures.quartered(1000, 600), file_format, exif=exif)

    full, small = read(content), read(content, enough=100)

    assert full.size == (600, 1000)
    assert 100 <= min(small.size) < 600
    assert pictures.corners(small) == pictures.corners(full)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_picture_that_is_not_much_too_large_is_whole(file_format: str) -> None:
    content = pictures.encoded(pictures.quartered(300, 200), file_format)

    assert read(content, enough=101).tobytes() == read(content).tobytes()


@given(st.tuples(st.integers(1, 40), st.integers(1, 1100)), st.integers(1, 12))
def test_picture_is_the_same_as_if_it_was_not_taken_strip_by_strip(size: tuple[int, int], enough: int) -> None:
    clear = Image.merge("RGBA", [Image.effect_noise(size, 60 + 9 * channel) for channel in range(4)])
    whole = Image.alpha_composite(Image.new("RGBA", size, "white"), clear).convert("RGB")

    found = read(pictures.encoded(clear, compress_level=1), enough=enough)

    assert found.tobytes() == whole.reduce(max(1, min(size) // enough)).tobytes()
    assert min(found.size) >= min(enough, *size)


def test_picture_does_not_hide_that_memory_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "convert", exhausted)

    with pytest.raises(MemoryError):
        read(WHOLE_PNG)


def test_picture_may_carry_much_else() -> None:
    assert read(pictures.padded(WHOLE_JPEG, 300_000)).size == (64, 32)
