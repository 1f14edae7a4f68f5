"""The classifiers that the hyperparameter ``model`` names: their sizes, and what suits them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Family = Literal["resnet", "mobilenet_v2", "vit"]
PRETRAINED_RATE = 5e-4
"""Learning rate for a network that has learned before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """A network of one of Hugging Face's families, before it has learned anything."""

    family: Family
    config: Mapping[str, object] = field(default_factory=dict)
    """What differs from the family's own configuration."""
    image_size: int = 224
    """Height and width of the pictures that it is made for."""
    learning_rate: float = 1e-3


def _resnet(depths: tuple[int, ...], *, layer_type: str) -> Architecture:
    widths = (64, 128, 256, 512) if layer_type == "basic" else (256, 512, 1024, 2048)
    config = {"depths": [*depths], "hidden_sizes": [*widths], "layer_type": layer_type}
    return Architecture(family="resnet", config=config)


def _vit(width: int, heads: int, *, layers: int = 12) -> Architecture:
    config = {
        "hidden_size": width,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": 4 * width,
    }
    return Architecture(family="vit", config=config, learning_rate=3e-4)


ARCHITECTURES: Mapping[str, Architecture] = {
    "tiny-resnet": Architecture(
        family="resnet",
        config={"depths": [1, 1, 1, 1], "embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "layer_type": "basic"},
        image_size=64,
        learning_rate=5e-3,
    ),
    "tiny-mobilenet": Architecture(
        family="mobilenet_v2", config={"depth_multiplier": 0.25}, image_size=64, learning_rate=3e-3
    ),
    "tiny-vit": Architecture(
        family="vit",
        config={
            "hidden_size": 48,
            "num_attention_heads": 3,
            "num_hidden_layers": 3,
            "intermediate_size": 96,
            "patch_size": 8,
        },
        image_size=64,
        learning_rate=2e-3,
    ),
    "resnet-18": _resnet((2, 2, 2, 2), layer_type="basic"),
    "resnet-34": _resnet((3, 4, 6, 3), layer_type="basic"),
    "resnet-50": _resnet((3, 4, 6, 3), layer_type="bottleneck"),
    "resnet-101": _resnet((3, 4, 23, 3), layer_type="bottleneck"),
    "mobilenet-v2": Architecture(family="mobilenet_v2"),
    "mobilenet-v2-0.35": Architecture(family="mobilenet_v2", config={"depth_multiplier": 0.35}),
    "vit-tiny": _vit(192, 3),
    "vit-small": _vit(384, 6),
    "vit-base": _vit(768, 12),
}
"""The three tiny ones are for trying out: small enough for a processor and pictures of 64 pixels."""

PRETRAINED = "pretrained"
"""In the place of a name: the network in the channel of that name."""
