"""What a person writes after an option of a training, read: settings, ranges, choices, gates and versions."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import click

from mlstack.training.stage import Json

SCALINGS = {"auto": "Auto", "linear": "Linear", "log": "Logarithmic", "reverselog": "ReverseLogarithmic"}
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
RANGE = re.compile(rf"(?P<min>{NUMBER})\.\.(?P<max>{NUMBER})(?::(?P<scaling>\w+))?")
GATE = re.compile(rf"(?P<metric>[^<>=\s]+)\s*(?P<sign><=|>=|=)\s*(?P<value>{NUMBER})")
NUMBERED = re.compile(r"[1-9][0-9]{0,8}")
LOWER_IS_BETTER = re.compile(r"loss|error|rmse|mse|mae", re.IGNORECASE)
WHOLE = re.compile(r"[+-]?\d+")
LATEST, LATEST_APPROVED = "latest", "latest-approved"
T = TypeVar("T")
Version = int | str
"""The number of a version, or one of the two words for the latest."""


def named(text: str) -> tuple[str, str]:
    """The name and what is said of it; raise BadParameter where there is no name."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        message = f"{text!r} is no NAME=VALUE"
        raise click.BadParameter(message)
    return name.strip(), value.strip()


def settings(_context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]) -> dict[str, str]:
    """Hyperparameters that are fixed."""
    return _once([named(text) for text in said])


def ranges(_context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]) -> dict[str, Json]:
    """Hyperparameters that are looked for between two numbers."""
    return _once([(name, _range(name, value)) for name, value in map(named, said)])


def choices(_context: click.Context, _parameter: click.Parameter, said: tuple[str, ...]) -> dict[str, Json]:
    """Hyperparameters that are looked for among a few words."""
    return _once([(name, _choice(name, value)) for name, value in map(named, said)])


def gate(_context: click.Context, _parameter: click.Parameter, said: str | None) -> Json | None:
    """What a model must reach."""
    if said is None:
        return None
    found = GATE.fullmatch(said.strip())
    if not found:
        message = f"{said!r} is no gate; write accuracy=0.8 for at least, or loss<=0.5 for at most"
        raise click.BadParameter(message)
    if found["sign"] == "=" and LOWER_IS_BETTER.search(found["metric"]):
        message = (
            f"{said!r}: less of {found['metric']} is better; write {found['metric']}<={found['value']} for at most"
        )
        raise click.BadParameter(message)
    way = "at_most" if found["sign"] == "<=" else "at_least"
    return {"metric": found["metric"], way: float(found["value"])}


class VersionType(click.ParamType[Version]):
    """A version of a model."""

    name = "version"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Version:  # noqa: ANN401 - click's
        """Read it."""
        text = str(value).strip().casefold()
        if text in {LATEST, LATEST_APPROVED}:
            return text
        if not NUMBERED.fullmatch(text):
            self.fail(f"{value!r} is no version; write its number, {LATEST} or {LATEST_APPROVED}", param, ctx)
        return int(text)


def _range(name: str, value: str) -> Json:
    found = RANGE.fullmatch(value)
    if not found:
        message = f"{name}={value} is no range; write {name}=0.0001..0.1, or {name}=0.0001..0.1:log"
        raise click.BadParameter(message)
    scaling = SCALINGS.get((found["scaling"] or "auto").casefold())
    if scaling is None:
        message = f"{name}={value}: the scaling is one of {', '.join(SCALINGS)}"
        raise click.BadParameter(message)
    if not float(found["min"]) < float(found["max"]):
        message = f"{name}={value}: the first number must be smaller than the second"
        raise click.BadParameter(message)
    is_whole = WHOLE.fullmatch(found["min"]) and WHOLE.fullmatch(found["max"])
    kind = "integer" if is_whole else "continuous"
    return {"kind": kind, "min": found["min"], "max": found["max"], "scaling": scaling}


def _choice(name: str, value: str) -> Json:
    words = [word.strip() for word in value.split(",")]
    if not all(words) or len(set(words)) != len(words):
        message = f"{name}={value} is no list of words that differ; write {name}=one,two"
        raise click.BadParameter(message)
    return {"kind": "categorical", "values": words}


def _once(said: list[tuple[str, T]]) -> dict[str, T]:
    found = dict(said)
    if len(found) != len(said):
        names = [name for name, _ in said]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice} is said twice"
        raise click.BadParameter(message)
    return found


def chosen(ranged: Mapping[str, Json], chosen: Mapping[str, Json]) -> dict[str, Json]:
    """Both kinds of what is looked for; raise UsageError where one hyperparameter is of both."""
    twice = sorted(ranged.keys() & chosen.keys())
    if twice:
        message = f"{twice[0]} has a --range and a --choice; say one of them"
        raise click.UsageError(message)
    return {**ranged, **chosen}
