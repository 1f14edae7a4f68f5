"""Reads ``preprocessor_config.json``, Hugging Face's description of how pictures become numbers."""

import math
from collections.abc import Mapping
from typing import NoReturn

from PIL import Image

from inference.model_folder import ModelError
from inference.preprocessing import Preprocessing, Size

NAME = "preprocessor_config.json"
MOST_SIDE = 4096
WARPS_FROM = 384  # ConvNext's processor: from here on pictures are squeezed into the square
READ = {
    "size", "crop_size", "crop_pct", "resample", "rescale_factor", "image_mean", "image_std",
    "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb",
}  # fmt: skip
# Names of classes and the like; the numbers do not depend on them.
HARMLESS = {
    "_valid_processor_keys", "default_to_square", "device", "disable_grouping", "do_reduce_labels",
    "feature_extractor_type", "image_processor_type", "processor_class", "return_tensors", "transformers_version",
}  # fmt: skip
Config = Mapping[str, object]


def read(config: Config) -> Preprocessing:
    """The steps that the document asks for; raise ModelError for any that this server does not do."""
    _check_names(config)
    size, crop = _size_and_crop(config)
    normalizes = _flag(config, "do_normalize", default=True)
    return Preprocessing(
        size=size,
        crop=crop,
        resample=_resample(config),
        scale=_number("rescale_factor", config.get("rescale_factor", 1 / 255))
        if _flag(config, "do_rescale", default=True)
        else 1.0,
        mean=_colours(config, "image_mean") if normalizes else (0.0, 0.0, 0.0),
        std=_divisors(config, "image_std") if normalizes else (1.0, 1.0, 1.0),
    )


def _check_names(config: Config) -> None:
    for name, value in config.items():
        channels_first = name in {"data_format", "input_data_format"} and value == "channels_first"
        if value and name not in READ | HARMLESS and not channels_first:
            _refuse(f"this server does not know {name}, so that its numbers would not be those of the training")
    if not _flag(config, "do_resize", default=True):
        _refuse("do_resize must be true, as pictures of every size are sent")


def _size_and_crop(config: Config) -> tuple[Size | int, Size | None]:
    size = _size(config)
    if config.get("crop_pct"):
        return _convnext(size, _number("crop_pct", config["crop_pct"]))
    if not _flag(config, "do_center_crop", default=False):
        return size, None
    crop = _height_and_width("crop_size", config.get("crop_size"))
    height, width = (size, size) if isinstance(size, int) else size
    if crop[0] > height or crop[1] > width:
        _refuse("crop_size is larger than size")
    return size, crop


def _convnext(size: Size | int, kept: float) -> tuple[Size | int, Size | None]:
    """ConvNext's ``crop_pct``: the part of the shorter side that is kept of a small picture."""
    if not isinstance(size, int):
        _refuse("crop_pct goes with a size that has a shortest_edge")
    if size >= WARPS_FROM:
        return (size, size), None
    if not 0.1 <= kept <= 1:  # noqa: PLR2004  # a tenth is far below any model's
        _refuse("crop_pct must lie between 0.1 and 1")
    return int(size / kept), (size, size)


def _size(config: Config) -> Size | int:
    size = config.get("size")
    if isinstance(size, dict) and set(size) == {"shortest_edge"}:
        return _side("size", size["shortest_edge"])
    if not isinstance(size, dict):  # a bare number meant a square to some processors and the shorter side to others
        _refuse('size must be {"height": ..., "width": ...} or {"shortest_edge": ...}')
    return _height_and_width("size", size)


def _height_and_width(name: str, value: object) -> Size:
    sides = {"height": value, "width": value} if isinstance(value, int) else value
    if not isinstance(sides, dict) or set(sides) != {"height", "width"}:
        _refuse(f"{name} must have a height and a width")
    return _side(name, sides["height"]), _side(name, sides["width"])


def _side(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_SIDE:
        _refuse(f"{name}: a side must be a whole number from 1 to {MOST_SIDE}")
    return value


def _resample(config: Config) -> Image.Resampling:
    value = config.get("resample")
    if isinstance(value, bool) or not isinstance(value, int) or value not in set(Image.Resampling):
        _refuse("resample must be Pillow's number of a filter, such as 2 (bilinear) or 3 (bicubic)")
    return Image.Resampling(value)


def _flag(config: Config, name: str, *, default: bool) -> bool:
    value = config.get(name, default)
    if not isinstance(value, bool):
        _refuse(f"{name} must be true or false")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(f"{name} must be a number")
    return float(value)


def _colours(config: Config, name: str) -> tuple[float, float, float]:
    value = config.get(name)
    if not isinstance(value, list) or len(value) != 3:  # noqa: PLR2004  # red, green, blue
        _refuse(f"{name} must be three numbers: red, green, blue")
    red, green, blue = (_number(name, number) for number in value)
    return red, green, blue


def _divisors(config: Config, name: str) -> tuple[float, float, float]:
    numbers = _colours(config, name)
    if min(numbers) < 1e-6:  # noqa: PLR2004  # no model's pixels differ by so little
        _refuse(f"{name} must be above zero")
    return numbers


def _refuse(reason: str) -> NoReturn:
    message = f"{NAME}: {reason}"
    raise ModelError(message)
