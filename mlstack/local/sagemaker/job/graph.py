"""An ONNX model's own inputs, held against those that a request names."""

from mlstack.local.sagemaker.job.record import JobError

WRONG = "ClientError: InputConfiguration: {why}"
NOT_ONNX = "TVM cannot convert ONNX model. Please make sure the framework you selected is correct. {why}"
"""AWS's own words: https://github.com/neo-ai/neo-ai-dlr/issues/243"""
NAMES = "DataInputConfig names {said}, the model's inputs are {own}"
SHAPE = "Input {name} has wrong shape in Input Shape dictionary: {said}, the model has {own}"
NO_LIBRARY = "the local AWS needs the package onnx to check a model; run `make setup`"


def check_inputs(data: bytes, said: dict[str, list[int]]) -> None:
    """Raise JobError where a model is none, or has other inputs than ``said``; names and shapes must both fit."""
    own = _inputs(data)
    if not said:
        return
    if said.keys() != own.keys():
        raise JobError(WRONG.format(why=NAMES.format(said=", ".join(sorted(said)), own=", ".join(sorted(own)))))
    for name, shape in said.items():
        fits = len(shape) == len(own[name]) and all(
            size > 0 and known in {size, None} for size, known in zip(shape, own[name], strict=True)
        )
        if not fits:
            raise JobError(WRONG.format(why=SHAPE.format(name=name, said=shape, own=own[name])))


def _inputs(data: bytes) -> dict[str, list[int | None]]:
    """The shape of each input by its name; nothing for a size that may vary."""
    try:
        import onnx  # noqa: PLC0415 - heavy, and only few jobs need it
    except ImportError as error:
        raise JobError(NO_LIBRARY) from error
    try:
        graph = onnx.load_model_from_string(data).graph
    except Exception as error:  # protobuf's own, which has no types
        raise JobError(WRONG.format(why=NOT_ONNX.format(why=error))) from error
    weights = {one.name for one in graph.initializer}
    found = {
        one.name: [size.dim_value or None for size in one.type.tensor_type.shape.dim]
        for one in graph.input
        if one.name not in weights
    }
    if not found:
        raise JobError(WRONG.format(why=NOT_ONNX.format(why="it has no inputs")))
    return found
