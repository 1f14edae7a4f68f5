"""The networks: built from a name, or loaded from a Hugging Face model folder."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from training.architectures import ARCHITECTURES, PRETRAINED, PRETRAINED_RATE
from training.hyperparameters import Hyperparameters
from training.preprocessing import Preprocessing
from training.problem import ProblemError

Network = Any  # torch and transformers ship no types; nothing outside of the modules that import them sees one
Tensor = Any

transformers.logging.disable_progress_bar()

CLASSES: Mapping[str, tuple[str, str]] = {
    "resnet": ("ResNetConfig", "ResNetForImageClassification"),
    "mobilenet_v2": ("MobileNetV2Config", "MobileNetV2ForImageClassification"),
    "vit": ("ViTConfig", "ViTForImageClassification"),
}
TURN, SHIFT, GROWTH, LIGHT = 0.2, 0.1, 0.15, 0.2
"""How far a picture is turned (radians), shifted, made larger or smaller and lighter or darker (parts), at most."""


def build(chosen: Hyperparameters, labels: Sequence[str], pretrained: Path | None) -> Network:
    """A network that answers with a number for each label; the same for the same seed. Raise ProblemError."""
    named = {"id2label": dict(enumerate(labels)), "label2id": {label: number for number, label in enumerate(labels)}}
    transformers.set_seed(chosen.seed)
    if chosen.model == PRETRAINED and pretrained:
        return _load(pretrained, named)
    architecture = ARCHITECTURES[chosen.model]
    side = chosen.image_size or architecture.image_size
    config_class, network_class = (getattr(transformers, name) for name in CLASSES[architecture.family])
    sized = {} if architecture.family == "resnet" else {"image_size": side}
    config = config_class(**architecture.config, **sized, **named, num_labels=len(labels))
    if architecture.family == "vit" and side % config.patch_size:
        message = f"hyperparameter image_size: {chosen.model} needs a multiple of {config.patch_size}, not {side}"
        raise ProblemError(message)
    return network_class(config)


def learning_rate(chosen: Hyperparameters) -> float:
    """The one asked for, or what suits the model."""
    if chosen.learning_rate is not None:
        return chosen.learning_rate
    return PRETRAINED_RATE if chosen.model == PRETRAINED else ARCHITECTURES[chosen.model].learning_rate


def entrance(preprocessing: Preprocessing, *, augmented: bool) -> Callable[..., tuple[Any, Mapping[str, Any]]]:
    """A hook before the network: bytes become numbers where the network is, and in training no two times the same.

    It draws from torch's own chance, whose state is in every checkpoint, so that a continued training sees what an
    uninterrupted one would have seen.
    """
    # (pixels * scale - mean) / std in two steps
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preprocessing.mean, preprocessing.std))
    factor, offset = preprocessing.scale / std, -mean / std

    def enter(network: Network, places: Any, named: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:  # noqa: ANN401  # torch's
        pixels = named["pixel_values"].float()
        if augmented and network.training:
            pixels = _varied(pixels)
        normal = pixels.mul_(factor.to(pixels.device)).add_(offset.to(pixels.device))
        return places, {**named, "pixel_values": normal}

    return enter


def _varied(pixels: Tensor) -> Tensor:
    """Mirrored, turned, shifted, grown and lit by chance, each picture for itself."""
    count, device = len(pixels), pixels.device
    angle, right, down, growth, light, side = torch.rand(6, count, device=device).mul(2).sub(1)
    size = 1 + GROWTH * growth
    cosine, sine = torch.cos(TURN * angle) * size, torch.sin(TURN * angle) * size
    mirror = torch.where(side < 0, -1.0, 1.0)
    rows = [
        torch.stack([cosine * mirror, -sine, SHIFT * right], 1),
        torch.stack([sine * mirror, cosine, SHIFT * down], 1),
    ]
    grid = torch.nn.functional.affine_grid(torch.stack(rows, 1), list(pixels.shape), align_corners=False)
    moved = torch.nn.functional.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)
    return moved.mul_((1 + LIGHT * light).view(-1, 1, 1, 1))


def _load(folder: Path, named: Mapping[str, object]) -> Network:
    try:
        # Only safetensors: a pickle would run what its author likes.
        return transformers.AutoModelForImageClassification.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            num_labels=len(named["id2label"]),  # type: ignore[arg-type]  # a dict
            **named,
        )
    except (OSError, ValueError) as error:
        message = f"channel pretrained: it cannot be loaded: {' '.join(str(error).split())[:300]}"
        raise ProblemError(message) from error
