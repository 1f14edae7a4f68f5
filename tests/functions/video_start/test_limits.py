"""What is no video is named before it costs anything."""

import pytest

from video_start.limits import MAX_BYTES, refusal_of_content, refusal_of_size

MKV = b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska"
VIDEOS = [
    b"\x00\x00\x00\x20ftypisom",
    b"\x00\x00\x00\x14ftypqt  ",
    b"\x00\x00\x00\x18ftypmp42",
    *(b"\x00\x00\x10\x00" + box for box in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")),
]


@pytest.mark.parametrize("start", VIDEOS)
def test_an_mp4_or_mov_passes_however_it_begins(start: bytes) -> None:
    assert refusal_of_content(start + bytes(100)) is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (MKV, "a Matroska (MKV)"),
        (MKV.replace(b"matroska", b"webm"), "a WebM"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "an AVI"),
        (b"GIF89a", "a GIF"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG"),
        (b"\x89PNG\r\n\x1a\n", "a PNG"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC"),
        (b"\x00\x00\x00\x18ftypavif", "an AVIF"),
        (b"\x00\x00\x00\x18ftypM4A ", "an M4A sound"),
        (b"<html>", "an HTML or XML"),
    ],
)
def test_a_file_of_another_kind_is_named(start: bytes, kind: str) -> None:
    refusal = refusal_of_content(start + bytes(100)) or ""

    assert f"the content is {kind} file" in refusal
    assert "convert it to H.264 in MP4" in refusal


@pytest.mark.parametrize("start", [b"", b"ftyp", b"\x00\x00\x00\x20fty", b"\x00" * 64, b"ftypisom" + bytes(64)])
def test_a_file_that_ends_early_or_says_nothing_is_unknown(start: bytes) -> None:
    assert "the content is unknown" in (refusal_of_content(start) or "")


def test_the_largest_video_passes_and_one_byte_more_does_not() -> None:
    assert refusal_of_size(MAX_BYTES) is None
    assert "at most 10,737,418,240 (10 GB)" in (refusal_of_size(MAX_BYTES + 1) or "")
    assert refusal_of_size(0) == "the file is empty"
