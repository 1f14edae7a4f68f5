"""Small model folders: one that tells colours, one that bright pictures keep busy, and one that they break."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LABELS = ("red", "green", "blue")
SIDE = 8
PREPROCESSING: Mapping[str, object] = {
    "do_resize": True,
    "size": {"height": SIDE, "width": SIDE},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": False,
}


@dataclass(frozen=True, kw_only=True)
class Folder:
    """What lies in a model folder; every part can be another one."""

    graph: bytes
    config: Mapping[str, object] = field(default_factory=lambda: {"id2label": dict(enumerate(LABELS))})
    preprocessing: Mapping[str, object] = field(default_factory=lambda: PREPROCESSING)

    def write(self, target: Path) -> Path:
        """Write the three files."""
        target.mkdir(parents=True, exist_ok=True)
        (target / "model.onnx").write_bytes(self.graph)
        (target / "config.json").write_text(json.dumps(self.config), encoding="utf-8")
        (target / "preprocessor_config.json").write_text(json.dumps(self.preprocessing), encoding="utf-8")
        return target


def colours(
    *, shape: Sequence[int | str] = ("batch", 3, SIDE, SIDE), outputs: Sequence[str] = ("logits",), factor: float = 10.0
) -> bytes:
    """A graph whose logits are the mean red, green and blue."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        *(helper.make_node("Mul", ["flat", "factor"], [name]) for name in outputs),
    ]
    return model(nodes, [numpy_helper.from_array(np.array(factor, np.float32), "factor")], shape=shape, outputs=outputs)


def sleepy() -> bytes:
    """The same, after a loop that is as long as the picture is brighter than nine tenths of white."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["going_on"]),
            helper.make_node("Add", ["turns", "one"], ["turned"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("turns", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("going_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("turned", TensorProto.FLOAT, []),
        ],
    )
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("ReduceMean", ["flat"], ["brightness"], keepdims=0),
        helper.make_node("Sub", ["brightness", "bright"], ["excess"]),
        helper.make_node("Relu", ["excess"], ["above"]),
        helper.make_node("Mul", ["above", "many"], ["length"]),
        helper.make_node("Cast", ["length"], ["count"], to=TensorProto.INT64),
        helper.make_node("Loop", ["count", "", "zero"], ["ran"], body=body),
        helper.make_node("Mul", ["ran", "zero"], ["nothing"]),
        helper.make_node("Add", ["flat", "nothing"], ["logits"]),
    ]
    numbers = {"bright": 0.9, "many": 5e7, "zero": 0.0, "one": 1.0}
    return model(nodes, [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in numbers.items()])


def fragile() -> bytes:
    """A graph that answers nonsense for what is brighter than nine tenths of white."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("Sub", ["bright", "flat"], ["room"]),
        helper.make_node("Log", ["room"], ["logits"]),
    ]
    return model(nodes, [numpy_helper.from_array(np.array(0.9, np.float32), "bright")])


def model(
    nodes: Sequence[onnx.NodeProto],
    constants: Sequence[onnx.TensorProto] = (),
    *,
    shape: Sequence[int | str] = ("batch", 3, SIDE, SIDE),
    outputs: Sequence[str] = ("logits",),
    **kinds: Any,  # noqa: ANN401  # onnx's own numbers of types
) -> bytes:
    """A graph from ``pixel_values`` to outputs with one number for each label."""
    graph = helper.make_graph(
        [*nodes],
        "test",
        [helper.make_tensor_value_info("pixel_values", kinds.get("taken", TensorProto.FLOAT), [*shape])],
        [helper.make_tensor_value_info(name, kinds.get("given", TensorProto.FLOAT), ["batch", 3]) for name in outputs],
        [*constants],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = made.SerializeToString()
    return content
