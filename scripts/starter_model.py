"""Write the starter model, and pictures to try it with.

The model tells compost, landfill and recycling apart on drawings (see waste_drawings.py) and shows that everything
around it works. It knows nothing of photographs: a trained model takes its place with the same three files.

`python scripts/starter_model.py` writes containers/inference/starter/model.tar.gz and examples/waste/. The same
versions of numpy, Pillow and onnx write the same bytes; other versions the same files with the same decisions, which
is what tests/containers/inference/test_starter_model.py compares.
"""

import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "containers" / "inference")]

from inference import preprocessor_config  # noqa: E402  # the project's folders are on the path only now
from scripts import waste_drawings  # noqa: E402

MODEL = ROOT / "containers" / "inference" / "starter" / "model.tar.gz"
EXAMPLES = ROOT / "examples" / "waste"
LABELS = tuple(waste_drawings.THINGS)
TRAINING_SEED, TEST_SEED, EXAMPLE_SEED, FILTER_SEED = 1, 2, 3, 4
TRAINING, TEST = 240, 80  # drawings of each class
FILTERS, WINDOW, STRIDE, GRID = 24, 5, 2, 4
ROUNDS, RATE, DECAY = 400, 0.5, 1e-3
DECIMALS = 3  # of the weights: far coarser than what another processor computes differently
LEAST_ACCURACY = 0.9
QUALITY = 85

Numbers = NDArray[np.float64]

CONFIG = {
    "model_type": "mlstack-starter",
    "id2label": {str(number): label for number, label in enumerate(LABELS)},
    "label2id": {label: number for number, label in enumerate(LABELS)},
}
PREPROCESSING = {
    "do_resize": True,
    "size": {"height": 32, "width": 32},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.25, 0.25, 0.25],
}


@dataclass(frozen=True, slots=True)
class Weights:
    """All that is in the graph."""

    filters: Numbers
    """Fixed, drawn by chance: [FILTERS, 3, WINDOW, WINDOW]."""
    slopes: Numbers
    """Fitted: [features, labels]."""
    offsets: Numbers
    """Fitted: [labels]."""


def main() -> None:
    """Fit, check, write."""
    weights = fit(*drawn(TRAINING_SEED, TRAINING))
    accuracy = measured(weights, *drawn(TEST_SEED, TEST))
    if accuracy < LEAST_ACCURACY:
        sys.exit(f"only {accuracy:.3f} of the drawings that it has not seen are told right")
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    MODEL.write_bytes(packed(files(weights)))
    EXAMPLES.mkdir(parents=True, exist_ok=True)
    for name, content in examples():
        (EXAMPLES / name).write_bytes(content)
    sys.stdout.write(f"{accuracy:.3f} right on {len(LABELS) * TEST} new drawings; {MODEL.stat().st_size:,} bytes\n")


def drawn(seed: int, each: int) -> tuple[Numbers, NDArray[np.intp]]:
    """Drawings as the server's own preprocessing makes them, [pictures, 3, 32, 32], and their labels' numbers."""
    random, preprocessing = waste_drawings.seeded(seed), preprocessor_config.read(PREPROCESSING)
    pictures = [preprocessing.tensor(waste_drawings.picture(label, random)) for _ in range(each) for label in LABELS]
    return np.concatenate(pictures).astype(np.float64), np.tile(np.arange(len(LABELS)), each)


def features(pictures: Numbers, filters: Numbers) -> Numbers:
    """What the graph computes before its last step: where which colours are, and how much of each pattern there is."""
    count, channels, side, _ = pictures.shape
    cell = side // GRID
    colours = pictures.reshape(count, channels, GRID, cell, GRID, cell).mean(axis=(3, 5))
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (WINDOW, WINDOW), axis=(2, 3))[
        :, :, ::STRIDE, ::STRIDE
    ]
    patterns = np.maximum(0, np.einsum("nchwij,fcij->nfhw", windows, filters, optimize=True))
    return np.concatenate([colours.reshape(count, -1), patterns.mean(axis=(2, 3)), patterns.max(axis=(2, 3))], axis=1)


def fit(pictures: Numbers, labels: NDArray[np.intp]) -> Weights:
    """Softmax regression on the features, by gradient descent."""
    random = waste_drawings.seeded(FILTER_SEED)
    chance = [random.uniform(-1, 1) for _ in range(FILTERS * 3 * WINDOW * WINDOW)]
    filters = (np.array(chance) / WINDOW).round(DECIMALS).reshape(FILTERS, 3, WINDOW, WINDOW)
    seen = features(pictures, filters)
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    normal, wanted = (seen - mean) / spread, np.eye(len(LABELS))[labels]
    slopes, offsets = np.zeros((seen.shape[1], len(LABELS))), np.zeros(len(LABELS))
    for _ in range(ROUNDS):
        error = softmax(normal @ slopes + offsets) - wanted
        slopes -= RATE * (normal.T @ error / len(seen) + DECAY * slopes)
        offsets -= RATE * error.mean(axis=0)
    plain = slopes / spread[:, None]
    return Weights(filters, plain.round(DECIMALS), (offsets - mean @ plain).round(DECIMALS))


def measured(weights: Weights, pictures: Numbers, labels: NDArray[np.intp]) -> float:
    """The part that is told right."""
    logits = features(pictures, weights.filters) @ weights.slopes + weights.offsets
    return float((logits.argmax(axis=1) == labels).mean())


def softmax(logits: Numbers) -> Numbers:
    """Probabilities, row by row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def graph(weights: Weights) -> onnx.ModelProto:
    """The same as an ONNX graph, for any number of pictures at a time."""
    cell = 32 // GRID
    nodes = [
        helper.make_node("AveragePool", ["pixel_values"], ["cells"], kernel_shape=[cell, cell], strides=[cell, cell]),
        helper.make_node("Flatten", ["cells"], ["colours"]),
        helper.make_node("Conv", ["pixel_values", "filters"], ["responses"], strides=[STRIDE, STRIDE]),
        helper.make_node("Relu", ["responses"], ["patterns"]),
        helper.make_node("GlobalAveragePool", ["patterns"], ["mean_patterns"]),
        helper.make_node("GlobalMaxPool", ["patterns"], ["most_patterns"]),
        helper.make_node("Flatten", ["mean_patterns"], ["means"]),
        helper.make_node("Flatten", ["most_patterns"], ["mosts"]),
        helper.make_node("Concat", ["colours", "means", "mosts"], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "slopes", "offsets"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(getattr(weights, name).astype(np.float32), name)
        for name in ("filters", "slopes", "offsets")
    ]
    taken = helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["batch", 3, 32, 32])
    given = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(LABELS)])
    made = helper.make_model(
        helper.make_graph(nodes, "starter", [taken], [given], constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
        producer_name="mlstack",
    )
    onnx.checker.check_model(made, full_check=True)
    return made


def files(weights: Weights) -> Mapping[str, bytes]:
    """The model folder."""
    return {
        "config.json": (json.dumps(CONFIG, indent=2) + "\n").encode(),
        "model.onnx": graph(weights).SerializeToString(deterministic=True),
        preprocessor_config.NAME: (json.dumps(PREPROCESSING, indent=2) + "\n").encode(),
    }


def packed(contents: Mapping[str, bytes]) -> bytes:
    """A model.tar.gz as SageMaker takes it, without a time or an owner, readable for everybody."""
    target = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in sorted(contents.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


def examples() -> Iterator[tuple[str, bytes]]:
    """Two drawings of each class that the model has not seen."""
    random = waste_drawings.seeded(EXAMPLE_SEED)
    for label in LABELS:
        for number in (1, 2):
            target = io.BytesIO()
            waste_drawings.picture(label, random).save(target, "JPEG", quality=QUALITY)
            yield f"{label}-{number}.jpg", target.getvalue()


if __name__ == "__main__":
    main()
