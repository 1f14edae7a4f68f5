"""A classifier of pictures: an ONNX graph, what its outputs are called, and how its input is made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, Self, cast

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types; the protocols below are what is used of it
from numpy.typing import NDArray
from PIL import Image

from inference import model_folder, preprocessor_config
from inference.model_folder import ModelError
from inference.preprocessing import Preprocessing

GRAPH = "model.onnx"
ERRORS_ONLY = 3
# The first that the installed runtime offers: the same code serves on a GPU where the image brings such a runtime.
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


class Argument(Protocol):
    """An input or output of a graph."""

    name: str
    type: str
    shape: Sequence[int | str | None]


class Session(Protocol):
    """What is used of ONNX Runtime's session; it may run in several threads at a time."""

    def get_inputs(self) -> Sequence[Argument]:
        """What it takes."""

    def get_outputs(self) -> Sequence[Argument]:
        """What it gives."""

    def run(self, names: Sequence[str], feed: Mapping[str, NDArray[np.float32]]) -> Sequence[NDArray[np.float32]]:
        """The outputs of these names."""


class WrongAnswerError(Exception):
    """The graph answered with something else than one finite number for each label."""


class Model:
    """Gives each label's probability for a picture."""

    def __init__(self, session: Session, labels: Sequence[str], preprocessing: Preprocessing) -> None:
        """Check that graph, labels and preprocessing fit together; raise ModelError."""
        self.labels = labels
        self.preprocessing = preprocessing
        self._session = session
        self._input = _checked_input(session.get_inputs(), preprocessing)
        self._output = _checked_output(session.get_outputs(), len(labels))

    @classmethod
    def load(cls, folder: Path, *, cores: int) -> Self:
        """Read a model folder and make one inference; raise ModelError where either is not possible."""
        labels = model_folder.labels(folder)
        preprocessing = preprocessor_config.read(model_folder.document(folder, preprocessor_config.NAME))
        model = cls(_session(model_folder.file(folder, GRAPH), cores), labels, preprocessing)
        try:
            model.prove()
        except Exception as error:  # the runtime raises its own, without a common class
            message = f"{GRAPH}: the first inference failed: {_line(error)}"
            raise ModelError(message) from error
        return model

    def probabilities(self, tensor: NDArray[np.float32]) -> NDArray[np.float64]:
        """Softmax of the outputs for [1, 3, height, width]; raise WrongAnswerError."""
        (logits,) = self._session.run([self._output], {self._input: tensor})
        if logits.shape != (1, len(self.labels)) or not np.isfinite(logits).all():
            message = f"the answer has the shape {list(logits.shape)} for {len(self.labels)} labels, or is not finite"
            raise WrongAnswerError(message)
        powers = np.exp(logits[0].astype(np.float64) - float(logits.max()))
        return cast("NDArray[np.float64]", powers / powers.sum())

    def prove(self) -> None:
        """Make an inference with a grey picture; raise whatever goes wrong."""
        self.probabilities(self.preprocessing.tensor(Image.new("RGB", (64, 64), "gray")))


def _session(graph: Path, cores: int) -> Session:
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = cores, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle costs no processor
    offered = onnxruntime.get_available_providers()
    providers = [provider for provider in PROVIDERS if provider in offered]
    try:
        return cast("Session", onnxruntime.InferenceSession(graph, options, providers=providers))
    except Exception as error:  # the runtime raises its own, without a common class
        message = f"{GRAPH}: cannot be loaded: {_line(error)}"
        raise ModelError(message) from error


def _checked_input(inputs: Sequence[Argument], preprocessing: Preprocessing) -> str:
    wanted = (1, 3, *(preprocessing.output or ("any height", "any width")))
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or not _fits(inputs[0].shape, wanted):
        found = ", ".join(f"{one.name}: {one.type} {list(one.shape)}" for one in inputs)
        message = f"{GRAPH}: one input, tensor(float) {list(wanted)}, is needed; there is {found or 'none'}"
        raise ModelError(message)
    return inputs[0].name


def _checked_output(outputs: Sequence[Argument], labels: int) -> str:
    found = [one for one in outputs if one.name == "logits"] or outputs
    if len(found) != 1 or found[0].type != "tensor(float)":
        message = f"{GRAPH}: one output, or one that is called logits, is needed: tensor(float)"
        raise ModelError(message)
    if not _fits(found[0].shape, (1, labels)):
        message = f"{GRAPH}: its output is {list(found[0].shape)}, but {model_folder.CONFIG} has {labels} labels"
        raise ModelError(message)
    return found[0].name


def _fits(shape: Sequence[int | str | None], wanted: Sequence[int | str]) -> bool:
    """Whether every dimension is open or the one that is wanted."""
    return len(shape) == len(wanted) and all(
        not isinstance(found, int) or found == needed for found, needed in zip(shape, wanted, strict=True)
    )


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
