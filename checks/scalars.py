"""Strings, numbers, booleans and times against the shape that an API wants."""

import difflib
import re
from collections.abc import Iterable, Iterator

from botocore.model import Shape, StringShape

from checks.symbols import Json

NUMBERS = {"integer", "long", "float", "double"}


def scalar(value: Json, shape: Shape, path: str) -> Iterator[str]:
    """What is wrong with a single value."""
    if shape.type_name in NUMBERS:
        whole = shape.type_name in {"integer", "long"}
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            yield wrong_type(value, "a whole number" if whole else "a number", path)
        else:
            yield from out_of_range(value, shape, path, "")
    elif shape.type_name == "boolean":
        if not isinstance(value, bool):
            yield wrong_type(value, "true or false", path)
    elif shape.type_name == "timestamp":
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            yield wrong_type(value, "a time", path)
    elif not isinstance(value, str):
        yield wrong_type(value, "a string", path)
    else:
        yield from _string(value, shape, path)


def _string(value: str, shape: Shape, path: str) -> Iterator[str]:
    allowed = shape.enum if isinstance(shape, StringShape) else []
    if allowed and value not in allowed:
        yield f"{path}: {value!r} is none of the {len(allowed)} values{suggestion(value, allowed)}"
    elif not allowed:
        yield from out_of_range(len(value), shape, path, "characters")
        pattern = shape.metadata.get("pattern", "")
        if pattern and not _matches(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        # Java's expressions have classes that Python's lack (\p{L}); a fault of such a value goes unseen
        return True


def out_of_range(number: float, shape: Shape, path: str, unit: str) -> Iterator[str]:
    """That ``number`` of ``unit`` is below the shape's minimum or above its maximum."""
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and number < lowest:
        yield f"{path}: {number} {unit}".rstrip() + f" is less than {lowest}"
    if highest is not None and number > highest:
        yield f"{path}: {number} {unit}".rstrip() + f" is more than {highest}"


def wrong_type(value: Json, wanted: str, path: str) -> str:
    """That ``value`` is not what is ``wanted``."""
    return f"{path or 'the parameters'}: {value!r} is not {wanted}"


def suggestion(given: str, known: Iterable[str]) -> str:
    """The name in ``known`` that was probably meant, where there is one."""
    near = difflib.get_close_matches(given, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
