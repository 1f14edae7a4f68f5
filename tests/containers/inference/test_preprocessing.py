"""The numbers that a model sees are those of its training."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inference import picture
from inference.preprocessing import Preprocessing, Size
from inference.refusal import RefusalError
from tests.containers.inference import pictures

SIDES = st.integers(1, 60)
COLOURS = st.tuples(*[st.floats(0, 1)] * 3)
DIVISORS = st.tuples(*[st.floats(0.01, 2)] * 3)


def steps(**changes: Any) -> Preprocessing:  # noqa: ANN401  # any of the fields
    """Resizing to 8 by 8 and nothing else."""
    return Preprocessing(
        **{
            "size": (8, 8),
            "crop": None,
            "resample": Image.Resampling.BILINEAR,
            "scale": 1.0,
            "mean": (0.0, 0.0, 0.0),
            "std": (1.0, 1.0, 1.0),
            **changes,
        }
    )


@st.composite
def any_steps(draw: st.DrawFn) -> Preprocessing:
    """Any steps that a configuration can ask for."""
    size = draw(st.one_of(SIDES, st.tuples(SIDES, SIDES)))
    return steps(
        size=size,
        crop=((size + 1) // 2, size) if isinstance(size, int) and draw(st.booleans()) else None,
        resample=draw(st.sampled_from([*Image.Resampling])),
        scale=1 / 255,
        mean=draw(COLOURS),
        std=draw(DIVISORS),
    )


@given(st.tuples(SIDES, SIDES), any_steps())
def test_tensor_has_one_shape_and_type_whatever_the_picture(shown: tuple[int, int], made: Preprocessing) -> None:
    tensor = made.tensor(Image.effect_noise(shown, 90).convert("RGB"))

    assert tensor.dtype == np.float32
    assert tensor.flags.c_contiguous
    assert np.isfinite(tensor).all()
    assert tensor.shape[:2] == (1, 3)
    assert tensor.shape[2:] == made.output if made.output else min(tensor.shape[2:]) == made.size


@given(st.tuples(*[st.integers(0, 255)] * 3), COLOURS, DIVISORS)
def test_tensor_of_one_colour_is_scaled_and_then_normalised(
    colour: tuple[int, int, int], mean: tuple[float, float, float], std: tuple[float, float, float]
) -> None:
    tensor = steps(scale=1 / 255, mean=mean, std=std).tensor(Image.new("RGB", (20, 30), colour))

    for channel in range(3):
        expected = (colour[channel] / 255 - mean[channel]) / std[channel]
        assert np.allclose(tensor[0, channel], expected, rtol=1e-5, atol=1e-5)


def test_tensor_has_red_green_blue_by_rows_and_columns() -> None:
    made = steps(size=(2, 2), resample=Image.Resampling.NEAREST)

    tensor = made.tensor(pictures.quartered(2, 2))

    assert tensor.tolist() == [[[[255, 0], [0, 255]], [[0, 255], [0, 255]], [[0, 0], [255, 255]]]]


@pytest.mark.parametrize(
    ("shown", "size", "resized"),
    [((640, 480), 224, (224, 298)), ((480, 640), 224, (298, 224)), ((50, 50), 224, (224, 224)), ((3, 2), 7, (7, 10))],
)
def test_tensor_keeps_the_proportions_for_a_shorter_side(shown: Size, size: int, resized: Size) -> None:
    tensor = steps(size=size).tensor(Image.new("RGB", shown))

    assert tensor.shape == (1, 3, *resized)


@pytest.mark.parametrize(("shown", "middle"), [((30, 10), (10, 0, 20, 10)), ((10, 30), (0, 10, 10, 20))])
def test_tensor_shows_the_middle_of_what_is_cropped(shown: tuple[int, int], middle: tuple[int, int, int, int]) -> None:
    picture = Image.new("RGB", shown)
    picture.paste((255, 0, 0), middle)

    tensor = steps(size=10, crop=(10, 10), resample=Image.Resampling.NEAREST).tensor(picture)

    assert tensor[0, 0].min() == 255


def test_tensor_of_a_thread_of_pixels_is_refused_before_it_becomes_huge() -> None:
    with pytest.raises(RefusalError) as refused:
        steps(size=224, crop=(224, 224)).tensor(Image.new("RGB", (60_000, 1)))

    assert (refused.value.status, refused.value.code) == (422, "too_thin")


def test_tensor_of_a_jpeg_that_was_decoded_smaller_hardly_differs() -> None:
    made = steps(size=(32, 32), scale=1 / 255)
    content = pictures.encoded(pictures.quartered(1200, 900), "JPEG")

    whole = made.tensor(picture.read(content, max_pixels=10**7))
    small = made.tensor(picture.read(content, max_pixels=10**7, enough=made.enough))

    assert np.abs(whole - small).mean() < 0.01
