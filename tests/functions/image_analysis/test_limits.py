"""Rekognition's limits, to the byte and to the pixel."""

import pytest

from image_labels.image_header import Header
from image_labels.limits import refusal_of_header, refusal_of_size

FIFTEEN_MB = 15 * 1024 * 1024


@pytest.mark.parametrize("size", [1, FIFTEEN_MB - 1, FIFTEEN_MB])
def test_object_of_a_size_that_rekognition_takes_is_not_refused(size: int) -> None:
    assert refusal_of_size(size) is None


def test_empty_object_is_refused_as_empty() -> None:
    assert refusal_of_size(0) == "the file is empty"


def test_object_one_byte_too_large_is_refused_with_numbers_that_differ() -> None:
    assert (
        refusal_of_size(FIFTEEN_MB + 1) == "the file has 15,728,641 bytes; Rekognition takes at most 15,728,640 (15 MB)"
    )


@pytest.mark.parametrize(("width", "height"), [(80, 80), (80, 10_000), (10_000, 80), (10_000, 10_000)])
def test_image_on_the_edge_of_what_rekognition_takes_is_not_refused(width: int, height: int) -> None:
    assert refusal_of_header(Header("PNG", width, height)) is None


@pytest.mark.parametrize(("width", "height"), [(79, 80), (80, 79), (0, 500), (79, 10_001), (0, 0)])
def test_image_too_small_on_one_side_is_refused_with_its_shape(width: int, height: int) -> None:
    refusal = refusal_of_header(Header("JPEG", width, height))

    assert refusal == f"the image is {width} x {height} pixels; Rekognition needs at least 80 on each side"


@pytest.mark.parametrize(("width", "height"), [(10_001, 80), (80, 10_001), (4_294_967_295, 4_294_967_295)])
def test_image_too_large_on_one_side_is_refused_with_its_shape(width: int, height: int) -> None:
    refusal = refusal_of_header(Header("JPEG", width, height))

    assert refusal == f"the image is {width} x {height} pixels; Rekognition takes at most 10,000 on each side"
