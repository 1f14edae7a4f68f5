"""What a person looks for in the results: one name of one analysis, as options that several commands share."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from shared.analyses import ANALYSES
from shared.video_analyses import VIDEO_ANALYSES

OPTIONS = {
    "label": ("labels", "A label, such as Dog."),
    "person": ("people", "A person whose face was enrolled."),
    "text": ("text", "A whole line of text."),
    "celebrity": ("celebrities", "A well-known person."),
    "moderation": ("moderation", "A moderation label, such as Violence."),
    "equipment": ("protective_equipment", "FACE_COVER, HAND_COVER or HEAD_COVER."),
    "custom_label": ("custom_labels", "A label of your own model."),
}
LOOKED_AT = tuple(dict.fromkeys((*ANALYSES, *VIDEO_ANALYSES)))
Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sought:
    """One name of one analysis."""

    analysis: str
    name: str


class Percent(click.FloatRange):
    """A number from 0 to 100."""

    name = "percent"

    def __init__(self) -> None:
        super().__init__(0, 100)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401 - click's
        """Read it; NaN, which no range excludes, is refused as well."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is not a number from 0 to 100.", param, ctx)
        return number


def options(command: Command) -> Command:
    """Give a command the options that say what is looked for; it gets a Sought, or None, as ``sought``."""

    @wraps(command)
    def looking(**given: Any) -> None:  # noqa: ANN401 - the command's own options
        names = {name: given.pop(name) for name in (*OPTIONS, "analysis", "name")}
        command(**given, sought=chosen(names))

    finished: Command = click.option("--name", help="With --analysis: what it found, as it writes it.")(looking)
    finished = click.option("--analysis", type=click.Choice(LOOKED_AT), help="Any analysis; goes with --name.")(
        finished
    )
    for option, (_, purpose) in reversed(OPTIONS.items()):
        finished = click.option(f"--{option.replace('_', '-')}", option, metavar="NAME", help=purpose)(finished)
    return finished


def chosen(names: Mapping[str, str | None]) -> Sought | None:
    """What the options say; None where none was given; raise UsageError where they contradict each other."""
    if any(name is not None and not name.strip() for name in names.values()):
        message = "what is looked for has no name"
        raise click.UsageError(message)
    analysis, its_name = names["analysis"], names["name"]
    if bool(analysis) != bool(its_name):
        message = "--analysis and --name go together"
        raise click.UsageError(message)
    given = [Sought(of, name) for option, (of, _) in OPTIONS.items() if (name := names[option])]
    if analysis and its_name:
        given.append(Sought(analysis, its_name))
    if len(given) > 1:
        message = "look for one name at a time"
        raise click.UsageError(message)
    return given[0] if given else None
