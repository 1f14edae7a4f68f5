"""As much of a Hugging Face image processor as is used, without Hugging Face."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.preprocessing import Preprocessing


@dataclass
class Squeeze:
    """Squeezes pictures into a square of so many pixels; or keeps their proportions."""

    side: int = 4
    keeps: bool = False
    settings: dict[str, object] = field(
        default_factory=lambda: {
            "image_processor_type": "Squeeze",
            "rescale_factor": 1 / 255,
            "do_rescale": True,
            "do_normalize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.25, 0.125],
            "_name": "not a step",
            "crop_size": None,
        }
    )

    def __call__(self, image: Image.Image, **options: object) -> Mapping[str, list[NDArray[np.uint8]]]:
        """The pixels, unscaled."""
        if options != {"do_rescale": False, "do_normalize": False}:
            raise AssertionError(options)
        width = self.side * image.width // image.height if self.keeps else self.side
        return {"pixel_values": [np.asarray(image.resize((width, self.side))).transpose(2, 0, 1)]}

    def to_json_string(self) -> str:
        """The settings."""
        return json.dumps(self.settings)


def squeeze(side: int = 4) -> Preprocessing:
    """The steps of that processor."""
    return Preprocessing.of(Squeeze(side))
