"""Properties of ECS's types as its API spells and types them: with a small letter first, and keys of maps untouched."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from mlstack.local import service_model
from mlstack.local.cloudformation.called import Properties, tags
from mlstack.local.cloudformation.typed import typed


def spelled(operation: str, properties: Properties) -> dict[str, Any]:
    """The properties as an operation of ECS takes them; those that it does not know stay, to be refused."""
    shape = service_model.model("ecs").operation_model(operation).input_shape
    said = {name: value for name, value in properties.items() if name != "Tags"}
    return typed("ecs", operation, _spelled(shape, said) if shape else said)


def labels(properties: Properties) -> list[dict[str, str]]:
    """A template's tags as ECS takes them."""
    return [{"key": key, "value": value} for key, value in tags(properties).items()]


def relabelled(ecs: Any, arn: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    """Give a resource its new tags; those that somebody else gave it stay."""
    lost = [key for key in tags(old) if key not in tags(new)]
    if lost:
        ecs.untag_resource(resourceArn=arn, tagKeys=lost)
    if tags(new) and tags(new) != tags(old):
        ecs.tag_resource(resourceArn=arn, tags=labels(new))


def _spelled(shape: Shape, said: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(shape, StructureShape) and isinstance(said, dict):
        known = {name.lower(): name for name in shape.members}
        return {
            known.get(name.lower(), name): _spelled(shape.members[known[name.lower()]], value)
            if name.lower() in known
            else value
            for name, value in said.items()
        }
    if isinstance(shape, ListShape) and isinstance(said, list):
        return [_spelled(shape.member, one) for one in said]
    if isinstance(shape, MapShape) and isinstance(said, dict):
        return {name: _spelled(shape.value, value) for name, value in said.items()}
    return said
