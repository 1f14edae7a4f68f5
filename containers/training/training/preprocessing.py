"""How pictures become numbers: Hugging Face's own image processors, the ones that need Pillow alone."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.problem import ProblemError

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before transformers is imported: nothing is ever fetched

NAME = "preprocessor_config.json"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, as most networks that have learned before have seen them."""
SERVED = {
    "size", "crop_size", "crop_pct", "resample", "rescale_factor", "image_mean", "image_std", "image_processor_type",
    "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb",
}  # fmt: skip
"""What containers/inference reads; the rest of a processor's settings are not steps of it."""


class Processor(Protocol):
    """What is used of a Hugging Face image processor."""

    def __call__(self, image: Image.Image, **options: object) -> Mapping[str, list[NDArray[np.uint8]]]:
        """The picture's numbers, under ``pixel_values``."""

    def to_json_string(self) -> str:
        """Its settings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preprocessing:
    """A processor in two steps: pixels are kept as bytes, and become numbers where the network is."""

    processor: Processor
    output: tuple[int, int]
    """Height and width."""
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    document: Mapping[str, object]
    """``preprocessor_config.json`` for serving."""

    @classmethod
    def square(cls, side: int) -> Self:
        """Pictures squeezed into a square."""
        from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil  # noqa: PLC0415

        size = {"height": side, "width": side}
        return cls.of(ViTImageProcessorPil(size=size, image_mean=[*MEAN], image_std=[*STD], do_convert_rgb=True))

    @classmethod
    def stored(cls, folder: Path) -> Self:
        """What a model folder says; raise ProblemError."""
        from transformers import AutoImageProcessor  # noqa: PLC0415
        from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil  # noqa: PLC0415

        try:
            document = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if "image_processor_type" in document or "feature_extractor_type" in document:
                processor = AutoImageProcessor.from_pretrained(folder, backend="pil", local_files_only=True)
            else:  # as the starter model's, which no library wrote
                processor = ViTImageProcessorPil(**document)
        except Exception as error:  # the library raises its own, without a common class
            message = f"{NAME}: cannot be used: {' '.join(str(error).split())[:200]}"
            raise ProblemError(message) from error
        return cls.of(processor)

    @classmethod
    def of(cls, processor: Processor) -> Self:
        """Look at what a processor does; raise ProblemError for what serving would do differently."""
        settings: dict[str, object] = json.loads(processor.to_json_string())
        if other := [
            name for name, value in settings.items() if name.startswith("do_") and value and name not in SERVED
        ]:
            message = f"{NAME}: {other[0]} is a step that containers/inference does not do; use another model"
            raise ProblemError(message)
        document = {name: value for name, value in settings.items() if name in SERVED and value is not None}
        tall, wide = (_pixels(processor, Image.new("RGB", size)).shape for size in ((64, 96), (96, 64)))
        if tall != wide:
            message = f"{NAME}: pictures of other proportions would get another size; it needs a height and a width"
            raise ProblemError(message)
        normal = bool(document.get("do_normalize", True))
        return cls(
            processor=processor,
            output=(tall[1], tall[2]),
            scale=float(cast("float", document.get("rescale_factor", 1 / 255)))
            if document.get("do_rescale", True)
            else 1.0,
            mean=tuple(cast("list[float]", document["image_mean"])) if normal else (0.0, 0.0, 0.0),
            std=tuple(cast("list[float]", document["image_std"])) if normal else (1.0, 1.0, 1.0),
            document=document,
        )

    def pixels(self, picture: Image.Image) -> NDArray[np.uint8]:
        """Resized and cut, as bytes: [3, height, width]."""
        return _pixels(self.processor, picture)

    def numbers(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What a network takes, of bytes [pictures, 3, height, width]."""
        shape = (1, 3, 1, 1)
        mean, std = (np.asarray(values, np.float32).reshape(shape) for values in (self.mean, self.std))
        normal: NDArray[np.float32] = (pixels.astype(np.float32) * np.float32(self.scale) - mean) / std
        return normal


def _pixels(processor: Processor, picture: Image.Image) -> NDArray[np.uint8]:
    found = processor(picture, do_rescale=False, do_normalize=False)["pixel_values"][0]
    return np.asarray(found, np.uint8)
