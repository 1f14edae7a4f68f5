"""Whether AWS's model of an operation takes a request: botocore's own validation, and what it leaves to the service."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

CLASSES = {r"\p{L}\p{Z}\p{N}_": r"\w ", r"\p{Alnum}": "A-Za-z0-9", ")${1,128}": ")", ")${1,256}": ")"}
"""What botocore's patterns have that Python's have not; Python's own words hold no separator but the space."""


@cache
def model() -> ServiceModel:
    """SageMaker's model, read once."""
    return botocore.session.get_session().get_service_model("sagemaker")


def faults(operation: str, request: dict[str, Any]) -> list[str]:
    """What AWS would refuse about a request."""
    shape = model().operation_model(operation).input_shape
    assert shape
    report = ParamValidator().validate(request, shape)
    return [*([report.generate_report()] if report.has_errors() else []), *_faults(request, shape, operation)]


def _faults(value: Any, shape: Shape, place: str) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Enumerations, bounds and patterns, which botocore does not look at."""
    limits = shape.metadata
    size = value if isinstance(value, (int, float)) else len(value)
    if not isinstance(value, bool) and not limits.get("min", size) <= size <= limits.get("max", size):
        yield f"{place}: {value!r:.80} is not from {limits.get('min')} to {limits.get('max')}"
    if isinstance(shape, StructureShape):
        for name, part in value.items():
            yield from _faults(part, shape.members[name], f"{place}.{name}")
    elif isinstance(shape, ListShape):
        for number, part in enumerate(value):
            yield from _faults(part, shape.member, f"{place}[{number}]")
    elif isinstance(shape, MapShape):
        for name, part in value.items():
            yield from _faults(name, shape.key, f"{place}.{name}")
            yield from _faults(part, shape.value, f"{place}.{name}")
    elif isinstance(value, str):
        yield from _text_faults(value, limits, place)


def _text_faults(value: str, limits: Mapping[str, Any], place: str) -> Iterator[str]:
    if "enum" in limits and value not in limits["enum"]:
        yield f"{place}: {value!r} is not in the enumeration"
    pattern = limits.get("pattern", ".*")
    for theirs, ours in CLASSES.items():
        pattern = pattern.replace(theirs, ours)
    if not re.fullmatch(pattern, value, re.DOTALL):
        yield f"{place}: {value!r:.80} does not match {pattern}"
