"""Writes an evaluation: its report as JSON, its confusion matrix as a picture too."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from training import chart

REPORT, CHART = "evaluation.json", "confusion_matrix.png"


def write(report: Mapping[str, object], folder: Path) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    matrix = cast("Mapping[str, Sequence[object]]", report["confusion_matrix"])
    drawn = chart.draw(cast("Sequence[str]", matrix["labels"]), np.asarray(matrix["rows"], np.int64))
    drawn.save(folder / CHART, optimize=True)
    whole(folder / REPORT, (json.dumps(report, indent=2, allow_nan=False) + "\n").encode())


def whole(path: Path, content: bytes) -> None:
    """Write a file in one piece: who reads it sees all of it or what was there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.part")
    fresh.write_bytes(content)
    os.replace(fresh, path)  # noqa: PTH105  # the word for it
