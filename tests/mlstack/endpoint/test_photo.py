"""What is no photo, or too large a one, is refused before anything is sent."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.endpoint import photo as photos
from mlstack.endpoint.endpoint import MIB, Endpoint, Kind
from mlstack.endpoint.photo import Photo
from mlstack.errors import UserError
from tests.mlstack.endpoint.conftest import JPEG, PNG


@pytest.mark.parametrize(("content", "content_type"), [(JPEG, "image/jpeg"), (PNG, "image/png")])
def test_the_content_decides_and_not_the_name(tmp_path: Path, content: bytes, content_type: str) -> None:
    (tmp_path / "a.gif").write_bytes(content)

    assert Photo.look(tmp_path / "a.gif").content_type == content_type


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"GIF89a and so on", "is a GIF; convert it to JPEG or PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "is a WebP"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "is neither JPEG nor PNG"),
        (b"\x00\x00\x00\x18ftypheic", "is a HEIC"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\xff\xd8", "is neither JPEG nor PNG"),
        (b"hello", "is neither JPEG nor PNG"),
    ],
)
def test_what_is_no_photo_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.jpg").write_bytes(content)

    with pytest.raises(UserError, match=said):
        Photo.look(tmp_path / "a.jpg")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")

    for path in (tmp_path / "pipe.jpg", tmp_path, tmp_path / "absent.jpg"):
        with pytest.raises(UserError, match="is no ordinary file"):
            Photo.look(path)


@pytest.mark.parametrize(
    ("kind", "largest"),
    [(Kind.SERVERLESS, 4), (Kind.REALTIME, 25), (Kind.CLASSIC, 25), (Kind.ASYNCHRONOUS, 1024)],
)
def test_each_kind_has_its_limit(kind: Kind, largest: int) -> None:
    endpoint = Endpoint(name="e", endpoint_name="e", kind=kind)

    photo(largest * MIB).check(endpoint)
    with pytest.raises(UserError, match=f"AWS takes at most {largest:,} MB for e, which is {kind}"):
        photo(largest * MIB + 1).check(endpoint)


def photo(size: int) -> Photo:
    return Photo(path=Path("a.jpg"), content_type="image/jpeg", size=size)


@given(st.binary(max_size=16))
def test_every_beginning_of_a_file_has_a_name(head: bytes) -> None:
    assert photos.kind(head) in {None, "image/jpeg", "image/png"}
    assert photos.what(head)
