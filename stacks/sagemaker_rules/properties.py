"""A resource's properties, read without trust in their shape: what is unknown is skipped, never guessed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
"""What a template holds."""

HUGE = 1e12
NUMERAL = re.compile(r"-?[0-9]{1,12}")
MAYBE = "${?}"
"""Stands for a value that may be there or not: an `Fn::If` with `AWS::NoValue` in a branch."""


def known(text: str) -> bool:
    """Whether a text is complete: no part of it is decided at deployment."""
    return "${" not in text


def may_be(one: str, other: str) -> bool:
    """Whether two texts are, or may turn out to be, the same."""
    return one == other or not (known(one) and known(other))


def number(value: Json) -> float | None:
    """The value as a number, also where it stands as text; None where it is neither, or is beyond all sense."""
    match value:
        case bool():
            return None
        case int() | float():
            return float(value) if -HUGE < value < HUGE else None
        case str() if NUMERAL.fullmatch(value):
            return float(value)
        case _:
            return None


def flag(value: Json) -> bool | None:
    """The value as CloudFormation reads a boolean; None where it is unknown."""
    match value:
        case bool():
            return value
        case "true" | "True":
            return True
        case "false" | "False":
            return False
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Properties:
    """One object of a template, its functions worked out as far as they can be."""

    values: Mapping[str, Json] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        """Whether the key is certainly given."""
        return self.values.get(key, MAYBE) not in (None, MAYBE)

    def lacks(self, *keys: str) -> bool:
        """Whether none of the keys is given, for certain."""
        return all(self.values.get(key) is None for key in keys)

    def value(self, key: str) -> Json:
        """Whatever stands under the key; None where nothing does."""
        return self.values.get(key)

    def text(self, key: str) -> str:
        """The text under the key, which may hold `${...}` for what only the deployment knows; empty without one."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def literal(self, key: str) -> str:
        """The text under the key where it is complete; else empty."""
        text = self.text(key)
        return text if known(text) else ""

    def number(self, key: str) -> float | None:
        """The number under the key; None where it is missing or unknown."""
        return number(self.values.get(key))

    def flag(self, key: str) -> bool | None:
        """The boolean under the key; None where it is missing or unknown."""
        return flag(self.values.get(key))

    def at(self, *path: str) -> "Properties":
        """The object at the end of the path; an empty one where there is none."""
        here: Json = dict(self.values)
        for key in path:
            here = here.get(key) if isinstance(here, dict) else None
        return Properties(here) if isinstance(here, dict) else Properties()

    def items(self, key: str) -> list[Json]:
        """The list under the key; empty where there is none."""
        value = self.values.get(key)
        return value if isinstance(value, list) else []

    def each(self, key: str) -> list["Properties"]:
        """The objects in the list under the key."""
        return [Properties(item) for item in self.items(key) if isinstance(item, dict)]

    def texts(self, key: str) -> list[str]:
        """The texts in the list under the key."""
        return [item for item in self.items(key) if isinstance(item, str)]


def walk(value: Json) -> Iterator[Properties]:
    """Every object inside a value, the outermost first."""
    match value:
        case dict():
            yield Properties(value)
            for part in value.values():
                yield from walk(part)
        case list():
            for part in value:
                yield from walk(part)
        case _:
            return
