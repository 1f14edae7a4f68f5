"""What a stage says of itself in an SSM parameter: an object of JSON whose values must be of the right type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from mlstack.text import printable


class UnreadableError(ValueError):
    """What is said is no such object, or lacks something; the message says what."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hands out values; raises UnreadableError for each that is missing or of another type."""

    values: Mapping[str, Any]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the text of a parameter."""
        try:
            found = json.loads(text)
        except (RecursionError, ValueError) as error:
            message = "it is no JSON"
            raise UnreadableError(message) from error
        if not isinstance(found, dict):
            message = "it is no object of JSON"
            raise UnreadableError(message)
        return cls(found)

    def text(self, key: str) -> str:
        """A text that says something."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            message = f"it has no {key}"
            raise UnreadableError(message)
        return printable(value)

    def maybe(self, key: str) -> str:
        """A text; empty where there is none."""
        return self.text(key) if self.values.get(key) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts, as many as there are."""
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            message = f"its {key} are no list of texts"
            raise UnreadableError(message)
        return tuple(map(printable, value))

    def whole(self, key: str, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            message = f"its {key} is no whole number from {least} to {most}"
            raise UnreadableError(message)
        return value

    def amount(self, key: str) -> Decimal | None:
        """A number that may be written as a text, such as a price; None where it is not known."""
        value = self.values.get(key)
        if value is None:
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if isinstance(value, bool) or not found.is_finite() or found < 0:
            message = f"its {key} is no amount"
            raise UnreadableError(message)
        return found

    def inside(self, key: str) -> "Told":
        """An object within; an empty one where there is none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            message = f"its {key} is no object"
            raise UnreadableError(message)
        return Told(value or {})
