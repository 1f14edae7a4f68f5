"""How pictures become numbers, in two steps."""

import numpy as np
import pytest
from PIL import Image

from inference import preprocessor_config
from tests.containers.training.processor_lab import Squeeze, squeeze
from training.preprocessing import Preprocessing
from training.problem import ProblemError


def test_pixels_become_numbers_as_the_processor_says() -> None:
    steps = squeeze(2)

    pixels = steps.pixels(Image.new("RGB", (7, 5), (255, 0, 51)))
    numbers = steps.numbers(pixels[None])

    assert (pixels.shape, pixels.dtype) == ((3, 2, 2), np.dtype(np.uint8))
    assert (numbers.shape, numbers.dtype) == ((1, 3, 2, 2), np.dtype(np.float32))
    assert numbers[0, :, 0, 0] == pytest.approx([1.0, -2.0, (0.2 - 0.5) / 0.125], abs=1e-6)


def test_document_holds_only_what_serving_reads() -> None:
    steps = squeeze()

    assert set(steps.document) == {
        "image_processor_type",
        "rescale_factor",
        "do_rescale",
        "do_normalize",
        "image_mean",
        "image_std",
    }
    preprocessor_config.read({**steps.document, "size": {"height": 4, "width": 4}, "resample": 2})


def test_processor_may_leave_steps_out() -> None:
    settings = {**Squeeze().settings, "do_rescale": False, "do_normalize": False}

    steps = Preprocessing.of(Squeeze(settings=settings))

    assert steps.numbers(np.full((1, 3, 1, 1), 7, np.uint8)).ravel().tolist() == [7.0, 7.0, 7.0]


def test_processor_whose_pictures_have_no_one_size_is_refused() -> None:
    with pytest.raises(ProblemError, match="it needs a height and a width"):
        Preprocessing.of(Squeeze(keeps=True))


def test_processor_with_a_step_that_serving_does_not_do_is_refused() -> None:
    settings = {**Squeeze().settings, "do_flip_channel_order": True, "do_pad": False}

    with pytest.raises(ProblemError, match="do_flip_channel_order is a step that containers/inference does not do"):
        Preprocessing.of(Squeeze(settings=settings))
