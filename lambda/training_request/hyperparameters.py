"""What the project's own training image takes, and what it tells of itself.

The truth is containers/training/training/hyperparameters.py, which no function can import: a test compares both.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalogue.spelling import meant
from training_request.problems import listed, quoted
from training_request.request import Range


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int

    def fault(self, text: str) -> str | None:
        """Why a text is none of these; None where it is one."""
        number = numeric(text)
        right = number is not None and number.is_integer() and self.least <= number <= self.most
        return None if right else f"must be a whole number from {self.least} to {self.most}, not {quoted(text)}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    least: float
    most: float

    def fault(self, text: str) -> str | None:
        """Why a text is none of these; None where it is one."""
        number = numeric(text)
        right = number is not None and self.least <= number <= self.most
        return None if right else f"must be a number from {self.least:g} to {self.most:g}, not {quoted(text)}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]

    def fault(self, text: str) -> str | None:
        """Why a text is none of these; None where it is one."""
        return None if text in self.words else f"must be one of {listed(self.words)}, not {quoted(text)}"


PRETRAINED = "pretrained"
"""In the place of a network's name, and the channel that holds it."""
IMAGE_SIZES: Mapping[str, int] = {
    **dict.fromkeys(("tiny-resnet", "tiny-mobilenet", "tiny-vit"), 64),
    **dict.fromkeys(("resnet-18", "resnet-34", "resnet-50", "resnet-101", "mobilenet-v2", "mobilenet-v2-0.35"), 224),
    **dict.fromkeys(("vit-tiny", "vit-small", "vit-base"), 224),
}
"""The networks that can be named, and for pictures of how many pixels each is where nobody says."""
PATCHES: Mapping[str, int] = {"tiny-vit": 8, **dict.fromkeys(("vit-tiny", "vit-small", "vit-base"), 16)}
"""The networks that cut a picture into squares, and of how many pixels; a picture holds whole squares."""
MODEL = "tiny-resnet"
"""The network where nobody names one."""
KNOWN: Mapping[str, Whole | Number | Choice] = {
    "model": Choice((*IMAGE_SIZES, PRETRAINED)),
    "epochs": Whole(1, 10_000),
    "batch_size": Whole(1, 65_536),
    "learning_rate": Number(1e-8, 10),
    "weight_decay": Number(0, 1),
    "warmup": Number(0, 0.9),
    "schedule": Choice(("cosine", "linear", "constant_with_warmup")),
    "image_size": Whole(16, 1024),
    "augmentation": Choice(("light", "none")),
    "validation_part": Number(0.01, 0.9),
    "seed": Whole(0, 2**31 - 1),
    "precision": Choice(("auto", "fp32", "bf16", "fp16")),
    "processes": Whole(1, 64),
    "checkpoint_steps": Whole(0, 1_000_000),
    "checkpoint_limit": Whole(1, 100),
    "unreadable_part": Number(0, 1),
}
METRICS = ("train:loss", "validation:loss", "validation:accuracy", "train:images_per_second")
"""What the image writes into its log, as `validation:accuracy=0.912345`."""
ONNX_OPSET = 18
"""In which version of ONNX's operators the image writes its models (OPSET in exporting.py)."""
REPORT_METRICS = ("accuracy", "macro_f1", "loss")
"""What the report of an evaluation holds."""
_LONGEST = 40
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", re.ASCII)


def metric_definitions() -> list[dict[str, str]]:
    """By which expression SageMaker finds each metric in the log."""
    return [{"Name": name, "Regex": f"{name}=([0-9.]+)"} for name in METRICS]


def image_size(hyperparameters: Mapping[str, str], channels: Collection[str] = ()) -> int | None:
    """The side of the pictures that a model takes; None where only its own folder says it."""
    if "image_size" in hyperparameters:
        side = numeric(hyperparameters["image_size"])
        return int(side) if side else None
    return IMAGE_SIZES.get(hyperparameters.get("model", PRETRAINED if PRETRAINED in channels else MODEL))


def unknown(name: str) -> str | None:
    """Why a name is no hyperparameter of the project's image; None where it is one."""
    if name in KNOWN:
        return None
    return f"the training image has no such hyperparameter; {meant(name, KNOWN, f'it has {listed(KNOWN)}')}"


def fault(name: str, text: str) -> str | None:
    """Why a hyperparameter cannot be that; None where it can."""
    return unknown(name) or KNOWN[name].fault(text)


def range_fault(tried: Range, channels: Collection[str] = ()) -> str | None:
    """Why a range holds values that the image refuses, or draws numbers where it takes words; None where not."""
    if reason := unknown(tried.name):
        return reason
    found = KNOWN[tried.name]
    if tried.kind != "categorical" and isinstance(found, Choice):
        return f'is a word; make it {{"kind": "categorical", "values": [...]}} of {listed(found.words)}'
    if tried.kind == "continuous" and isinstance(found, Whole):
        return 'is a whole number; make its kind "integer"'
    ends = tried.values if tried.kind == "categorical" else (tried.least, tried.most)
    reasons = (found.fault(one) or network_fault(tried.name, one, channels) for one in ends)
    return next((reason for reason in reasons if reason), None)


def network_fault(name: str, text: str, channels: Collection[str]) -> str | None:
    """Why a hyperparameter and the channel that would hold a network, or does, do not fit; None where they do."""
    given = PRETRAINED in channels
    if name == "model" and text == PRETRAINED and not given:
        return f'"{PRETRAINED}" needs a channel of that name, with the folder of a Hugging Face model'
    if name == "model" and text != PRETRAINED and given:
        return f"{quoted(text)} and the channel {PRETRAINED} cannot both be had; leave one out"
    if name == "image_size" and given:
        return f"the model in the channel {PRETRAINED} has its own; leave it out"
    return None


def size_fault(hyperparameters: Mapping[str, str]) -> str | None:
    """Why the named network cannot take pictures of the size that is asked for; None where it can."""
    patch = PATCHES.get(hyperparameters.get("model", MODEL))
    side = numeric(hyperparameters.get("image_size", ""))
    if patch is None or side is None or not side % patch:
        return None
    return f"must be a multiple of {patch} for {hyperparameters['model']}, not {side:g}"


def numeric(text: str) -> float | None:
    """The number that a text is, in the plain notation that everybody reads alike; None where it is none."""
    return float(text) if len(text) <= _LONGEST and _NUMBER.fullmatch(text) else None
