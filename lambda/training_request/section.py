"""One object of a request: hands out values of the right type, and notes what is wrong with the others."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Self

from catalogue.spelling import meant
from training_request.problems import Problems, either, listed, quoted

LONGEST_TEXT = 2500
"""Characters of a value; SageMaker takes no longer hyperparameter."""
LONGEST_NAME = 256
"""Characters of a hyperparameter's name."""
_MOST_KEYS = 200


class Section:
    """Gives the default, which is always a sensible one, for what is missing or wrong: so that checking can go on."""

    def __init__(self, place: str, values: Mapping[str, object], problems: Problems, known: Iterable[str]) -> None:
        self.place = place
        self.values = values
        self.problems = problems
        names = list(known)
        for key in list(values)[:_MOST_KEYS]:
            if key not in names:
                near = meant(key, names, f"there are {listed(names)}")
                problems.add(self.at(key), f"there is no such key; {near}")

    def at(self, name: str) -> str:
        """Where something of this section lies in the request."""
        return f"{self.place}.{name}" if self.place else name

    def wrong(self, name: str, reason: str) -> None:
        """Note a problem at one of the names."""
        self.problems.add(self.at(name), reason)

    def has(self, name: str) -> bool:
        """Whether it is given; null stands for nothing."""
        return self.values.get(name) is not None

    def text(  # noqa: PLR0913 (what a text may be)
        self,
        name: str,
        default: str,
        *,
        among: Iterable[str] | None = None,
        needed: str = "",
        longest: int = LONGEST_TEXT,
        where: str = "",
    ) -> str:
        """A text that is not empty; ``needed`` says what is missing without it, ``where`` what decides about it."""
        value = self._value(name, needed)
        if value is None:
            return default
        read = text(value)
        if read is None or len(read) > longest:
            self.wrong(name, f"must be a text of 1 to {longest} characters, not {quoted(value)}")
            return default
        names = None if among is None else list(among)
        if names is not None and read not in names:
            self.wrong(name, f"{quoted(value)} is not {either(names)}{f', as {where} says' if where else ''}")
            return default
        return read

    def whole(self, name: str, default: int, *, least: int, most: int, needed: str = "") -> int:
        """A whole number between two bounds."""
        value = self._value(name, needed)
        if value is None:
            return default
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, f"must be a whole number from {least} to {most}, not {quoted(value)}")
            return default
        return value

    def number(self, name: str) -> float | None:
        """A number that is one."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _finite(value):
            self.wrong(name, f"must be a number, not {quoted(value)}")
            return None
        return float(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.wrong(name, f"must be true or false, not {quoted(value)}")
        return default

    def texts(
        self, name: str, *, most: int, as_text: Callable[[object], str | None], needed: str = ""
    ) -> dict[str, str]:
        """An object of texts; each is read by ``as_text``, which gives None for what is none."""
        found: dict[str, str] = {}
        for key, value in self._object(name, needed, most).items():
            read = as_text(value)
            if not 0 < len(key) <= LONGEST_NAME or not key.isprintable():
                self.wrong(f"{name}.{key}", f"has a name that is not of 1 to {LONGEST_NAME} plain characters")
            elif read is None:
                self.wrong(f"{name}.{key}", f"must be a text of 1 to {LONGEST_TEXT} characters, not {quoted(value)}")
            else:
                found[key] = read
        return found

    def objects(self, name: str, *, most: int, known: Iterable[str], needed: str = "") -> dict[str, Self]:
        """An object of objects."""
        found: dict[str, Self] = {}
        for key, value in self._object(name, needed, most).items():
            if isinstance(value, Mapping):
                found[key] = type(self)(self.at(f"{name}.{key}"), value, self.problems, known)
            else:
                self.wrong(f"{name}.{key}", f"must be an object, not {quoted(value)}")
        return found

    def mapping(self, name: str) -> Mapping[str, object] | None:
        """An object that may hold anything; None where it is not given."""
        return self._object(name, "", _MOST_KEYS) if self.has(name) else None

    def section(self, name: str, known: Iterable[str]) -> Self | None:
        """A part of this one; None where it is not given."""
        if not self.has(name):
            return None
        value = self.values[name]
        if isinstance(value, Mapping):
            return type(self)(self.at(name), value, self.problems, known)
        self.wrong(name, f"must be an object of {listed(known)}, not {quoted(value)}")
        return None

    def _value(self, name: str, needed: str) -> object:
        value = self.values.get(name)
        if value is None and needed:
            self.wrong(name, f"is missing: {needed}")
        return value

    def _object(self, name: str, needed: str, most: int) -> Mapping[str, object]:
        value = self._value(name, needed)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(name, f"must be an object, not {quoted(value)}")
            return {}
        if len(value) > most:
            self.wrong(name, f"has {len(value)} entries, and SageMaker takes {most} at most")
            return {}
        if not value and needed:
            self.wrong(name, f"is empty: {needed}")
        return value


def scalar(value: object) -> str | None:
    """A hyperparameter's text; numbers and flags are written as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else None
    return text(value)


def text(value: object) -> str | None:
    """A text as it is; None where it is empty, too long or no text."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return None
    return value if len(value) <= LONGEST_TEXT else None


def _finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
