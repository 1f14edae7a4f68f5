"""Hugging Face's documents are followed to the letter, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inference import preprocessor_config
from inference.model_folder import ModelError
from inference.preprocessing import Preprocessing, Size

NORMAL = {"do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
          "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}  # fmt: skip
VIT = {**NORMAL, "do_resize": True, "size": {"height": 224, "width": 224}, "resample": 2,
       "image_processor_type": "ViTImageProcessor"}  # fmt: skip
CONVNEXT = {**NORMAL, "do_resize": True, "size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3,
            "image_processor_type": "ConvNextImageProcessor", "data_format": "channels_first",
            "do_pad": None}  # fmt: skip
BLIT = {**NORMAL, "size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": 224, "resample": 3}


def read(config: Any) -> Preprocessing:  # noqa: ANN401  # people's JSON
    return preprocessor_config.read(config)


@pytest.mark.parametrize(
    ("config", "size", "crop"),
    [
        (VIT, (224, 224), None),
        (CONVNEXT, 256, (224, 224)),
        ({**CONVNEXT, "size": {"shortest_edge": 384}}, (384, 384), None),
        (BLIT, 256, (224, 224)),
        ({**BLIT, "crop_size": {"height": 200, "width": 100}}, 256, (200, 100)),
        ({**BLIT, "do_center_crop": False}, 256, None),
    ],
)
def test_config_of_known_processors_is_followed(config: object, size: Size | int, crop: Size | None) -> None:
    made = read(config)

    assert (made.size, made.crop) == (size, crop)
    assert (made.scale, made.mean) == (1 / 255, (0.485, 0.456, 0.406))


def test_config_may_leave_numbers_as_they_are() -> None:
    made = read({**VIT, "do_rescale": False, "do_normalize": False})

    assert (made.scale, made.mean, made.std) == (1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert made.resample == Image.Resampling.BILINEAR


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"do_flip_channel_order": True}, "do_flip_channel_order"),
        ({"do_pad": True}, "do_pad"),
        ({"rescale_offset": True}, "rescale_offset"),
        ({"data_format": "channels_last"}, "data_format"),
        ({"do_resize": False}, "do_resize"),
        ({"do_resize": "yes"}, "do_resize"),
        ({"size": 224}, "size"),
        ({"size": None}, "size"),
        ({"size": {"height": 224}}, "size"),
        ({"size": {"height": 0, "width": 224}}, "size"),
        ({"size": {"height": 1e3, "width": 224}}, "size"),
        ({"size": {"height": True, "width": 224}}, "size"),
        ({"size": {"shortest_edge": 100_000}}, "size"),
        ({"size": {"shortest_edge": 224, "longest_edge": 300}}, "size"),
        ({"do_center_crop": True}, "crop_size"),
        ({"do_center_crop": True, "crop_size": 225}, "crop_size"),
        ({"crop_pct": 0.9}, "crop_pct"),
        ({"crop_pct": 0.001, "size": {"shortest_edge": 224}}, "crop_pct"),
        ({"crop_pct": "all", "size": {"shortest_edge": 224}}, "crop_pct"),
        ({"resample": None}, "resample"),
        ({"resample": 17}, "resample"),
        ({"resample": True}, "resample"),
        ({"rescale_factor": None}, "rescale_factor"),
        ({"rescale_factor": float("inf")}, "rescale_factor"),
        ({"image_mean": 0.5}, "image_mean"),
        ({"image_mean": [0.5, 0.5, "0.5"]}, "image_mean"),
        ({"image_mean": [0.5, 0.5, float("nan")]}, "image_mean"),
        ({"image_std": [0.5, 0.5]}, "image_std"),
        ({"image_std": [0.5, 0.5, 0]}, "image_std"),
    ],
)
def test_config_that_asks_for_something_else_is_refused_by_name(change: dict[str, object], named: str) -> None:
    with pytest.raises(ModelError, match=rf"^preprocessor_config\.json: .*{named}"):
        read({**VIT, **change})


def test_config_without_a_filter_is_refused_as_processors_differ_in_it() -> None:
    with pytest.raises(ModelError, match="resample"):
        read({name: value for name, value in VIT.items() if name != "resample"})


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 5000), st.floats(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["height", "width", "shortest_edge"]), inner)
    ),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(preprocessor_config.READ | {"do_pad"})), VALUES))
def test_config_of_any_content_is_read_or_refused(change: dict[str, object]) -> None:
    try:
        made = read({**VIT, **change})
    except ModelError as refused:
        message = str(refused)
    else:
        message = ""
        assert made.tensor(Image.new("RGB", (10, 10))).shape[:2] == (1, 3)

    assert "\n" not in message
