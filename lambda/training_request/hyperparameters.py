"""What the project's own training image takes, and what it tells of itself.

The truth is containers/training/training/hyperparameters.py, which no function can import: a test compares both.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from catalogue.spelling import meant
from training_request.problems import listed, quoted
from training_request.request import Range


@dataclass(frozen=True, kw_only=True, slots=True)
class Hyperparameter:
    """What one of them may be."""

    kind: Literal["whole", "number", "flag", "choice"]
    least: float = -math.inf
    most: float = math.inf
    above: bool = False
    """Whether ``least`` itself is too little."""
    choices: tuple[str, ...] = ()

    def fault(self, text: str) -> str | None:
        """Why a text is none of its values; None where it is one."""
        match self.kind:
            case "choice":
                return None if text in self.choices else f"{quoted(text)} is none of {listed(self.choices)}"
            case "flag":
                return None if text in _FLAGS else f"must be true or false, not {quoted(text)}"
            case _:
                return self._number_fault(text)

    def _number_fault(self, text: str) -> str | None:
        number = numeric(text, whole=self.kind == "whole")
        what = "a whole number" if self.kind == "whole" else "a number"
        bounds = self._bounds()
        if number is None or not self.least <= number <= self.most or (self.above and number == self.least):
            return f"must be {what}{bounds}, not {quoted(text)}"
        return None

    def _bounds(self) -> str:
        least = f"more than {self.least:g}" if self.above else f"{self.least:g}"
        if math.isinf(self.most):
            return "" if math.isinf(self.least) else f" of {self.least:g} or more"
        return f" {least} and at most {self.most:g}" if self.above else f" from {least} to {self.most:g}"


_FLAGS = ("true", "false")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_MODELS = ("tiny-resnet", "resnet-18", "resnet-50", "tiny-mobilenet", "mobilenet", "tiny-vit", "vit")

OWN: Mapping[str, Hyperparameter] = {
    "model": Hyperparameter(kind="choice", choices=_MODELS),
    "epochs": Hyperparameter(kind="whole", least=1, most=1000),
    "batch_size": Hyperparameter(kind="whole", least=1, most=4096),
    "learning_rate": Hyperparameter(kind="number", least=0, most=10, above=True),
    "weight_decay": Hyperparameter(kind="number", least=0, most=1),
    "image_size": Hyperparameter(kind="whole", least=32, most=1024),
    "seed": Hyperparameter(kind="whole", least=0, most=2**31 - 1),
}
IMAGE_SIZE = "64"
"""What image_size is where nobody says."""
METRICS: Mapping[str, str] = {
    name: f"{name}=([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)"
    for name in ("train:loss", "validation:loss", "validation:accuracy", "train:images_per_second")
}
"""The expression by which SageMaker finds each metric in the log."""
REPORT_METRICS = ("accuracy", "macro_f1", "loss")
"""What the report of an evaluation holds."""


def unknown(name: str) -> str | None:
    """Why a name is no hyperparameter of the project's image; None where it is one."""
    if name in OWN:
        return None
    return f"the training image has no such hyperparameter; {meant(name, OWN, f'it has {listed(list(OWN))}')}"


def fault(name: str, text: str) -> str | None:
    """Why a hyperparameter cannot be that; None where it can."""
    return unknown(name) or OWN[name].fault(text)


def range_fault(tried: Range) -> str | None:
    """Why a range holds values that the image refuses, or draws numbers where it takes none; None where not."""
    if reason := unknown(tried.name):
        return reason
    found = OWN[tried.name]
    if tried.kind != "categorical" and found.kind in {"choice", "flag"}:
        return f'is no number; make it {{"kind": "categorical", "values": [...]}} with {listed(found.choices or _FLAGS)}'
    if tried.kind == "continuous" and found.kind == "whole":
        return 'is a whole number; make its kind "integer"'
    ends = tried.values if tried.kind == "categorical" else (tried.least, tried.most)
    return next((reason for one in ends if (reason := found.fault(one))), None)


def numeric(text: str, *, whole: bool = False) -> float | None:
    """The number that a text is; None where it is none."""
    pattern = _WHOLE if whole else _NUMBER
    if not pattern.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
