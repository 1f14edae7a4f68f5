"""A model folder as containers/inference serves it: its graph is run by ONNX Runtime."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from training.problem import ProblemError

GRAPH, CONFIG = "model.onnx", "config.json"
ERRORS_ONLY = 3


@dataclass(frozen=True, slots=True)
class Served:
    """A graph and what its outputs are called."""

    labels: Sequence[str]
    _session: Any

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Self:
        """Read a model folder; raise ProblemError."""
        try:
            named = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["id2label"]
            labels = [str(named[str(number)]) for number in range(len(named))]
            graph = (folder / GRAPH).read_bytes()
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"the model has no {GRAPH}, or no {CONFIG} with id2label: {type(error).__name__}: {error}"
            raise ProblemError(message) from error
        return cls(labels, session(graph, threads))

    def logits(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """The answers to [pictures, 3, height, width]."""
        return run(self._session, numbers)


def session(graph: bytes, threads: int) -> Any:  # noqa: ANN401  # ONNX Runtime ships no types
    """A graph that can be run; raise ProblemError."""
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises its own, without a common class
        message = f"{GRAPH}: cannot be loaded: {' '.join(str(error).split())[:300]}"
        raise ProblemError(message) from error


def run(opened: Any, numbers: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ANN401  # ONNX Runtime ships no types
    """The output that is called logits, or the only one."""
    names = [one.name for one in opened.get_outputs()]
    name = "logits" if "logits" in names else names[0]
    return cast("NDArray[np.float32]", opened.run([name], {opened.get_inputs()[0].name: numbers})[0])
