"""Writes a trained network as the model folder that containers/inference serves."""

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training import outcome, preprocessing, served
from training.networks import Network
from training.preprocessing import Preprocessing

OPSET = 18
logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision, which nothing here needs
BATCH, LEAST_ALIKE = "batch", 1e-3


class DifferentModelError(Exception):
    """The exported model does not answer as the trained one."""


def export(network: Network, steps: Preprocessing, sample: NDArray[np.uint8], folder: Path) -> None:
    """Write the model folder once ONNX Runtime answers to ``sample`` as the network does; raise DifferentModelError."""
    network = network.eval().float().cpu()
    numbers = steps.numbers(sample)
    graph = _graph(network, numbers)
    with torch.no_grad():
        wanted = network(pixel_values=torch.from_numpy(numbers)).logits.numpy()
    opened = served.session(graph, threads=1)
    # All at once and one by one: both ways are served.
    for found in (served.run(opened, numbers), np.concatenate([served.run(opened, one[None]) for one in numbers])):
        gap = float(np.abs(found - wanted).max())
        if not gap <= LEAST_ALIKE * max(1.0, float(np.abs(wanted).max())):
            message = f"ONNX Runtime's answers differ from the network's by {gap:g}"
            raise DifferentModelError(message)
    outcome.whole(folder / preprocessing.NAME, _text(steps.document))
    outcome.whole(folder / served.CONFIG, _text(json.loads(network.config.to_json_string())))
    outcome.whole(folder / served.GRAPH, graph)


def _graph(network: Network, numbers: NDArray[np.float32]) -> bytes:
    # Two pictures: torch takes a dimension that is 1 for one that is always 1.
    example = torch.from_numpy(np.concatenate([numbers[:1]] * 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own insides
        program = torch.onnx.export(
            network,
            (),
            kwargs={"pixel_values": example},
            input_names=["pixel_values"],
            output_names=["logits"],
            dynamic_shapes={"pixel_values": {0: torch.export.Dim(BATCH)}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    return _bare(program.model_proto)


def _bare(graph: Any) -> bytes:  # noqa: ANN401  # onnx's
    """Without what the exporter remembers of the code that it came from, paths on this machine among it."""
    inside = graph.graph
    inside.ClearField("value_info")
    for part in (*inside.node, *inside.input, *inside.output, inside, graph):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for one in (*inside.input, *inside.output):
        one.type.tensor_type.shape.dim[0].dim_param = BATCH  # the exporter numbers it as it likes
    content: bytes = graph.SerializeToString(deterministic=True)
    return content


def _text(document: object) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
