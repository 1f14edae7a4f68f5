"""Rekognition's limits, to the byte and to the pixel."""

import pytest

from image_analysis.image_header import Header
from image_analysis.limits import refusal_of_shape, refusal_of_size
from shared.analyses import ANALYSES

FIFTEEN_MB = 15 * 1024 * 1024
EDGES = [(name, side) for name, one in ANALYSES.items() for side in (one.least_pixels, one.most_pixels or 65_535)]


@pytest.mark.parametrize("size", [1, FIFTEEN_MB - 1, FIFTEEN_MB])
def test_object_of_a_size_that_rekognition_takes_is_not_refused(size: int) -> None:
    assert refusal_of_size(size) is None


def test_empty_object_is_refused_as_empty() -> None:
    assert refusal_of_size(0) == "the file is empty"


def test_object_one_byte_too_large_is_refused_with_numbers_that_differ() -> None:
    assert (
        refusal_of_size(FIFTEEN_MB + 1) == "the file has 15,728,641 bytes; Rekognition takes at most 15,728,640 (15 MB)"
    )


@pytest.mark.parametrize(("analysis", "side"), EDGES)
def test_image_on_the_edge_of_what_an_analysis_takes_is_not_refused(analysis: str, side: int) -> None:
    assert refusal_of_shape(Header("PNG", side, side), ANALYSES[analysis]) is None


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("other", [0, 500])
def test_image_too_small_on_one_side_is_refused_with_its_shape(analysis: str, other: int) -> None:
    least, operation = ANALYSES[analysis].least_pixels, ANALYSES[analysis].operation
    side = least - 1

    refusals = [
        refusal_of_shape(Header("JPEG", *sides), ANALYSES[analysis]) for sides in ((side, other), (other, side))
    ]

    assert refusals == [
        f"the image is {side} x {other} pixels; {operation} needs at least {least} on each side",
        f"the image is {other} x {side} pixels; {operation} needs at least {least} on each side",
    ]


@pytest.mark.parametrize(
    ("analysis", "most"), [("labels", 10_000), ("moderation", 10_000), ("protective_equipment", 4096)]
)
def test_image_too_large_on_one_side_is_refused_with_its_shape(analysis: str, most: int) -> None:
    operation = ANALYSES[analysis].operation

    refusals = [
        refusal_of_shape(Header("JPEG", *sides), ANALYSES[analysis])
        for sides in ((most + 1, 100), (100, most + 1), (2**32 - 1, 2**32 - 1))
    ]

    assert all(refusal and f"{operation} takes at most {most:,} on each side" in refusal for refusal in refusals)


@pytest.mark.parametrize("analysis", ["faces", "text", "celebrities", "custom_labels", "people", "enrolment"])
def test_analysis_without_a_documented_limit_takes_the_largest_image(analysis: str) -> None:
    assert refusal_of_shape(Header("JPEG", 65_535, 65_535), ANALYSES[analysis]) is None
