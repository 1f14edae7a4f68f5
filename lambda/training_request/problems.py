"""What is wrong with a request, place by place, in the order in which it was found."""

from collections.abc import Iterable, Iterator

MOST = 40
"""Lines of one message: Step Functions carries no more than 32,768 characters of it."""
_LONGEST = 600
_LONGEST_PLACE = 150
_QUOTED = 60


class RequestError(ValueError):
    """The request cannot be carried out; the message has one line for each reason."""


class Problems:
    """Collects a line for each place that is wrong: the first reason is the one to mend first."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def add(self, place: str, reason: str) -> None:
        """Note a reason, unless one is known for the place."""
        self._reasons.setdefault(_named(place), _one_line(reason, _LONGEST))

    def has(self, place: str) -> bool:
        """Whether exactly this place is known to be wrong."""
        return _named(place) in self._reasons

    def at(self, *places: str) -> bool:
        """Whether one of the places, or something in it, is known to be wrong."""
        wanted = [_named(one) for one in places]
        return any(known == one or known.startswith(f"{one}.") for known in self._reasons for one in wanted)

    def raise_any(self) -> None:
        """Raise RequestError where there is a problem."""
        if self._reasons:
            raise RequestError("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        found = list(self._reasons.items())
        yield from (f"{place}: {reason}" for place, reason in found[:MOST])
        if len(found) > MOST:
            yield f"request: {len(found) - MOST} more problems"


def quoted(value: object) -> str:
    """What somebody wrote, short enough for a line and without what would break it."""
    if isinstance(value, str):
        return f'"{_one_line(value[: 4 * _QUOTED], _QUOTED)}"'
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a huge number"
    if isinstance(value, float):
        return f"{value:.12g}"
    return {"dict": "an object", "list": "a list"}.get(type(value).__name__, f"a {type(value).__name__}")


def listed(names: Iterable[object], most: int = 12) -> str:
    """Names as a sentence lists them."""
    found = [str(one) for one in names]
    shown = [*found[:most], f"{len(found) - most} more"] if len(found) > most else found
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def either(names: Iterable[object], most: int = 12) -> str:
    """Names as a sentence lists them of which one is to be chosen."""
    return " or ".join(listed(names, most).rsplit(" and ", 1))


def _named(place: str) -> str:
    """A place whose names may be anything, without what would break its line."""
    return "".join(one if one.isprintable() and not one.isspace() else "_" for one in place[:_LONGEST_PLACE]) or "_"


def _one_line(text: str, longest: int) -> str:
    plain = "".join(one if one.isprintable() else " " for one in text)
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
