"""Lines for SageMaker's metric definitions, such as ``validation:accuracy=([0-9.]+)``."""

import math
import sys

NAMES = ("train:loss", "validation:loss", "validation:accuracy", "train:images_per_second")
"""All that are written; no exponent is, so that the expression above finds the whole number."""


def write(name: str, value: float) -> None:
    """Write one line; nothing for what is not finite, which a metric cannot hold."""
    if name not in NAMES:
        raise ValueError(name)
    if math.isfinite(value):
        sys.stdout.write(f"{name}={value:.6f}\n")
        sys.stdout.flush()
