"""A request checked against botocore's own model, as the service checks it: names, types, lengths, patterns, ranges."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from mlstack.local.rekognition.example import SERVICE
from mlstack.local.rekognition.failure import Code, RekognitionError, UnknownOperationError

SIZED = {"string": "length", "list": "length", "map": "length"}


@cache
def answer_shape(operation: str) -> StructureShape:
    """What botocore expects of an operation's answer."""
    shape = model().operation_model(operation).output_shape
    if shape is None:
        raise UnknownOperationError(operation)
    return shape


@cache
def model() -> ServiceModel:
    """Rekognition as botocore knows it."""
    return botocore.session.Session().get_service_model(SERVICE)


def check(operation: str, asked: dict[str, Any]) -> None:
    """Raise Rekognition's ValidationException where the request breaks its model."""
    if operation not in model().operation_names:
        raise UnknownOperationError(operation)
    shape = model().operation_model(operation).input_shape
    broken = list(_broken(shape, asked, "")) if shape else []
    if broken:
        word = "error" if len(broken) == 1 else "errors"
        message = f"{len(broken)} validation {word} detected: {'; '.join(broken)}"
        raise RekognitionError(Code.VALIDATION, message)


def _broken(shape: Shape, value: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(shape, StructureShape):
        yield from _broken_members(shape, value, where)
        return
    for rule in _rules(shape, value):
        yield f"Value '{_short(value)}' at '{where}' failed to satisfy constraint: Member must {rule}"
    if isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from _broken(shape.member, item, f"{where}.{number + 1}.member")


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
    number = len(value) if sized else value
    what = "have length" if sized else "have value"
    if shape.type_name != "blob":
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
