"""Properties in the types that a service's call takes: templates write numbers and truths as text, too."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from mlstack.local import service_model
from mlstack.local.cloudformation.failure import FinalError

NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def typed(service: str, operation: str, properties: dict[str, Any]) -> dict[str, Any]:
    """The properties as an operation takes them; raise FinalError in CloudFormation's words for one that it lacks."""
    shape = service_model.model(service).operation_model(operation).input_shape
    if shape is None:
        return properties
    made: dict[str, Any] = _typed(shape, properties, "#")
    return made


def _typed(shape: Shape, value: Any, where: str) -> Any:  # noqa: ANN401 - JSON
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        unknown = next((name for name in value if name not in shape.members), None)
        if unknown is not None:
            message = f"Properties validation failed: {where}: extraneous key [{unknown}] is not permitted"
            raise FinalError(message)
        return {name: _typed(shape.members[name], item, f"{where}/{name}") for name, item in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_typed(shape.member, item, f"{where}/{number}") for number, item in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _typed(shape.value, item, f"{where}/{name}") for name, item in value.items()}
    return _scalar(shape.type_name, value, where)


def _scalar(kind: str, value: Any, where: str) -> Any:  # noqa: ANN401 - JSON
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    if kind == "string" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind in NUMBERS and isinstance(value, str):
        try:
            return NUMBERS[kind](value)
        except ValueError as error:
            message = f"Properties validation failed: {where}: expected type: {kind}, found: String"
            raise FinalError(message) from error
    return value
