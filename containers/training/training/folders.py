"""Where SageMaker puts what a training job reads, and takes what it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BASE = "/opt/ml"
"""SAGEMAKER_BASE_DIR moves it, as with AWS's own training toolkit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folders:
    """The folders of a job; an SM_ variable moves one of them."""

    config: Path
    data: Path
    model: Path
    output: Path
    output_data: Path
    checkpoints: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Find them."""
        base = Path(environment.get("SAGEMAKER_BASE_DIR") or BASE)
        output = Path(environment.get("SM_OUTPUT_DIR") or base / "output")
        return cls(
            config=Path(environment.get("SM_INPUT_CONFIG_DIR") or base / "input" / "config"),
            data=base / "input" / "data",
            model=Path(environment.get("SM_MODEL_DIR") or base / "model"),
            output=output,
            output_data=Path(environment.get("SM_OUTPUT_DATA_DIR") or output / "data"),
            checkpoints=base / "checkpoints",
        )
