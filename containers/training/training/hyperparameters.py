"""The hyperparameters: SageMaker hands them over as texts."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from training.architectures import ARCHITECTURES, PRETRAINED
from training.problem import ProblemError

Precision = Literal["auto", "fp32", "bf16", "fp16"]
OTHERS_PREFIXES = ("_", "sagemaker_")
"""Tuning adds ``_tuning_objective_metric``, SageMaker's own libraries ``sagemaker_...``: they are not for this code."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int

    def read(self, text: str) -> int | None:
        """The number, or None where it is not one of these."""
        number = float(text) if _is_number(text) else math.nan  # tuning may write 8.0
        return int(number) if number.is_integer() and self.least <= number <= self.most else None

    def __str__(self) -> str:
        """What is needed, in words."""
        return f"a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    least: float
    most: float

    def read(self, text: str) -> float | None:
        """The number, or None where it is not one of these."""
        number = float(text) if _is_number(text) else math.nan
        return number if self.least <= number <= self.most else None

    def __str__(self) -> str:
        """What is needed, in words."""
        return f"a number from {self.least:g} to {self.most:g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words."""

    words: Sequence[str]

    def read(self, text: str) -> str | None:
        """The word, or None where it is not one of these."""
        return text if text in self.words else None

    def __str__(self) -> str:
        """What is needed, in words."""
        return f"one of {', '.join(self.words)}"


KNOWN: Mapping[str, Whole | Number | Choice] = {
    "model": Choice((*ARCHITECTURES, PRETRAINED)),
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Hyperparameters:
    """What a training is told."""

    model: str
    """One of ARCHITECTURES, or "pretrained"."""
    epochs: int = 10
    batch_size: int = 32
    """Pictures in a step of one process."""
    learning_rate: float | None = None
    """None: what suits the model."""
    weight_decay: float = 0.01
    warmup: float = 0.1
    """The part of the steps in which the learning rate grows."""
    schedule: str = "cosine"
    image_size: int | None = None
    """None: the model's own."""
    augmentation: str = "light"
    validation_part: float = 0.2
    """Of the channel train, where there is no channel validation."""
    seed: int = 42
    precision: str = "auto"
    processes: int | None = None
    """On each host; None: one for each GPU, or one."""
    checkpoint_steps: int = 0
    """A checkpoint after so many steps, besides the one after each epoch."""
    checkpoint_limit: int = 2
    unreadable_part: float = 0.05
    """So much of a channel may be pictures that cannot be read; they are left out."""

    @classmethod
    def read(cls, texts: Mapping[str, str], *, pretrained: bool) -> Self:
        """Read and check them; raise ProblemError. ``pretrained`` says whether there is a channel of that name."""
        own = {name: _bare(text) for name, text in texts.items() if not name.startswith(OTHERS_PREFIXES)}
        if unknown := sorted(set(own) - set(KNOWN)):
            message = f"hyperparameter {unknown[0]!r:.60}: there is none of this name; there are {', '.join(KNOWN)}"
            raise ProblemError(message)
        values = {name: _value(name, text) for name, text in own.items()}
        model = values.setdefault("model", PRETRAINED if pretrained else "tiny-resnet")
        if pretrained and model != PRETRAINED:
            message = f"hyperparameter model: {model!r} and the channel pretrained cannot both be had; leave one out"
            raise ProblemError(message)
        if model == PRETRAINED and not pretrained:
            message = "hyperparameter model: 'pretrained' needs a channel pretrained with a Hugging Face model folder"
            raise ProblemError(message)
        if pretrained and "image_size" in values:
            message = "hyperparameter image_size: the model in the channel pretrained has its own; leave it out"
            raise ProblemError(message)
        return cls(**values)  # type: ignore[arg-type]  # KNOWN has for each field what it may be


def _value(name: str, text: str) -> str | float:
    value = KNOWN[name].read(text)
    if value is None:
        message = f"hyperparameter {name}: {KNOWN[name]} is needed, not {text!r:.60}"
        raise ProblemError(message)
    return value


def _bare(text: str) -> str:
    """Without the quotes that some libraries put around every text."""
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return len(text) <= 40 and text.isascii() and "_" not in text  # noqa: PLR2004  # far longer than any real one
