"""Where in S3 something lies, and where it may lie here."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.place import Found, Place
from training.problem import ProblemError

PLACE = Place("datasets", "waste/train/")


def found(key: str, size: int = 1) -> Found:
    return Found(key, size, '"etag"')


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("s3://datasets/waste/train/", "s3://datasets/waste/train/"),
        ("s3://datasets/waste/train", "s3://datasets/waste/train/"),
        ("s3://datasets/", "s3://datasets/"),
    ],
)
def test_prefix_ends_in_a_slash_so_that_another_folder_s_name_may_begin_alike(text: str, uri: str) -> None:
    assert str(Place.read("TASK_OUTPUT", text)) == uri


@pytest.mark.parametrize(
    "text", ["", "s3://", "s3://a/", "datasets/train/", "s3://Datasets/train/", "https://a/b", 5, None]
)
def test_what_is_no_place_in_s3_is_refused_by_its_name(text: object) -> None:
    with pytest.raises(ProblemError, match="TASK_OUTPUT: an S3 prefix is needed"):
        Place.read("TASK_OUTPUT", text)


def test_objects_lie_below_a_folder_as_their_keys_say() -> None:
    listed = [found("waste/train/cat/1.jpg"), found("waste/train/cat/", 0), found("waste/train/", 0)]

    assert PLACE.files(listed) == {PurePosixPath("cat/1.jpg"): listed[0]}


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "a//b", "/a", "./a", "a/.", "..", "a\\..\\b", "a\0b", "a/", "//", "a/../b"]
)
def test_key_that_would_lie_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ProblemError, match="is no path below a folder; rename the object"):
        PLACE.files([found(f"waste/train/{name}")])


def test_key_of_another_prefix_is_refused() -> None:
    with pytest.raises(ProblemError, match="is no path below a folder"):
        PLACE.files([found("waste/validation/a")])


@given(name=st.text(alphabet="ab./\\\0ü", max_size=12), size=st.integers(0, 1))
def test_no_key_leads_out_of_a_folder_and_no_two_to_one_file(name: str, size: int) -> None:
    try:
        files = PLACE.files([found(f"waste/train/{name}", size)])
    except ProblemError:
        return
    for path in files:
        assert str(path) == name
        assert not path.is_absolute()
        assert not {"..", "."} & set(name.split("/"))
