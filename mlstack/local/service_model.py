"""A request checked against botocore's own model of a service: names, types, lengths, patterns, ranges, as AWS does."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

SIZED = {"string": "length", "list": "length", "map": "length"}
NUMBERS = {"integer", "long", "float", "double"}
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "double": (int, float),
    "float": (int, float),
    "integer": (int,),
    "list": (list,),
    "long": (int,),
    "map": (dict,),
    "string": (str,),
    "structure": (dict,),
}


@cache
def model(service: str) -> ServiceModel:
    """A service as botocore knows it."""
    return botocore.session.Session().get_service_model(service)


def complaint(service: str, operation: str, asked: dict[str, Any]) -> str:
    """What is wrong with a request, in AWS's words; empty where nothing is."""
    shape = model(service).operation_model(operation).input_shape
    broken = list(_broken(shape, asked, "")) if shape else []
    if not broken:
        return ""
    word = "error" if len(broken) == 1 else "errors"
    return f"{len(broken)} validation {word} detected: {'; '.join(broken)}"


def unknown_field(service: str, operation: str, asked: dict[str, Any]) -> str:
    """The first field of a request that the service does not have; empty where it has all of them."""
    shape = model(service).operation_model(operation).input_shape
    return next(_unknown(shape, asked), "") if shape else ""


def _unknown(shape: Shape, value: object) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                yield from _unknown(shape.members[name], item)
            else:
                yield str(name)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from _unknown(shape.member, item)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for item in value.values():
            yield from _unknown(shape.value, item)


def _broken(shape: Shape, value: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if not _fits(shape, value):
        yield f"Value '{_short(value)}' at '{where}' failed to satisfy constraint: Member must be a {shape.type_name}"
        return
    if isinstance(shape, StructureShape):
        yield from _broken_members(shape, value, where)
        return
    for rule in _rules(shape, value):
        yield f"Value '{_short(value)}' at '{where}' failed to satisfy constraint: Member must {rule}"
    if isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from _broken(shape.member, item, f"{where}.{number + 1}.member")
    if isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _broken(shape.key, key, f"{where}.key")
            yield from _broken(shape.value, item, f"{where}.{key}.member")


def _fits(shape: Shape, value: object) -> bool:
    expected = JSON_TYPES.get(shape.type_name)
    return expected is None or (isinstance(value, expected) and isinstance(value, bool) == (bool in expected))


def _broken_members(shape: StructureShape, value: dict[str, Any], where: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            at = _path(where, name)
            yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _broken(member, value[name], _path(where, name))


def _rules(shape: Shape, value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    sized = shape.type_name in SIZED
    what = "have length" if sized else "have value"
    if sized or shape.type_name in NUMBERS:
        number = len(value) if sized else value
        if least is not None and number < least:
            yield f"{what} greater than or equal to {least}"
        if most is not None and number > most:
            yield f"{what} less than or equal to {most}"
    pattern = shape.metadata.get("pattern")
    known = _compiled(pattern) if pattern else None
    if known is not None and known.fullmatch(str(value)) is None:
        yield f"satisfy regular expression pattern: {pattern}"
    if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        yield f"satisfy enum value set: [{', '.join(shape.metadata['enum'])}]"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of AWS; nothing for the few that only Java understands."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _path(where: str, name: str) -> str:
    lower = name[0].lower() + name[1:]
    return f"{where}.{lower}" if where else lower


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 200 else f"{text[:200]}…"  # noqa: PLR2004 - a line's worth
