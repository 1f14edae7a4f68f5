"""Names as Step Functions writes them, with a capital first, where a service's own model begins them small."""

from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


def asked(shape: Shape | None, said: Any) -> Any:  # noqa: ANN401 - JSON
    """A state's parameters as the service takes them; raise KeyError with the first field that it does not have."""
    if isinstance(shape, StructureShape) and isinstance(said, dict):
        return {_member(shape, name): asked(shape.members[_member(shape, name)], item) for name, item in said.items()}
    if isinstance(shape, ListShape) and isinstance(said, list):
        return [asked(shape.member, item) for item in said]
    if isinstance(shape, MapShape) and isinstance(said, dict):
        return {name: asked(shape.value, item) for name, item in said.items()}
    if shape is not None and shape.type_name == "string" and isinstance(said, bool | int | float):
        return str(said).lower() if isinstance(said, bool) else str(said)
    return said


def told(shape: Shape | None, said: Any) -> Any:  # noqa: ANN401 - JSON
    """A service's answer as a state tells it; the keys of a map are nobody's names and stay."""
    if isinstance(shape, StructureShape) and isinstance(said, dict):
        return {name[:1].upper() + name[1:]: told(shape.members.get(name), item) for name, item in said.items()}
    if isinstance(shape, ListShape) and isinstance(said, list):
        return [told(shape.member, item) for item in said]
    if isinstance(shape, MapShape) and isinstance(said, dict):
        return {name: told(shape.value, item) for name, item in said.items()}
    return said


def _member(shape: StructureShape, name: str) -> str:
    small = name[:1].lower() + name[1:]
    if name[:1] == small[:1] or small not in shape.members:
        raise KeyError(name)
    return small
