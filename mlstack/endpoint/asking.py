"""How a person asks a model about photos, and reads what it says: the same wherever the model serves."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import click

from mlstack.console import err, out
from mlstack.endpoint import shown
from mlstack.endpoint.invocation import Tell
from mlstack.endpoint.photo import Photo
from mlstack.endpoint.verdict import PREDICTED, Verdict
from mlstack.errors import UserError

Command = TypeVar("Command", bound=Callable[..., Any])
NOT_ALL_PREDICTED = 1
FIRST_WORD_S, NEXT_WORD_S = 10, 60
"""When a wait is mentioned where there is no terminal to show it."""


def _photos(_context: click.Context, _parameter: click.Parameter, files: Sequence[Path]) -> list[Photo]:
    """Look at all files before AWS is asked for anything."""
    try:
        return [Photo.look(file) for file in files]
    except UserError as error:
        raise click.BadParameter(str(error)) from error


def whom_and_what(command: Command) -> Command:
    """The arguments and the option that every such command has."""
    for decorate in (
        click.option(
            "--top", default=5, show_default=True, type=click.IntRange(1), help="At most so many labels a photo."
        ),
        click.argument(
            "photos",
            metavar="FILE...",
            nargs=-1,
            required=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            callback=_photos,
        ),
        click.argument("name", metavar="NAME"),
    ):
        command = decorate(command)
    return command


def aloud() -> Tell:
    """Says what is waited for once a minute, where no terminal shows it."""
    next_at = monotonic() + FIRST_WORD_S

    def tell(line: str) -> None:
        nonlocal next_at
        if not err.is_terminal and monotonic() >= next_at:
            next_at = monotonic() + NEXT_WORD_S
            err.print(line, markup=False)

    return tell


def sort(verdicts: list[Verdict], asked: Sequence[Photo]) -> None:
    """Bring verdicts into the order of the photos."""
    places = {photo.path: number for number, photo in reversed(list(enumerate(asked)))}
    verdicts.sort(key=lambda verdict: places[verdict.photo])


def show(verdicts: Sequence[Verdict], title: str, top: int, *, as_json: bool) -> None:
    """Print all verdicts, as one table or as JSON."""
    if as_json:
        sys.stdout.write(shown.machine(verdicts, top) + "\n")
        return
    out.print(shown.table(verdicts, title, top))
    sys.stdout.write(shown.others(verdicts))


def end(verdicts: Sequence[Verdict]) -> None:
    """End with 1 where the model did not answer for every photo."""
    if any(verdict.status != PREDICTED for verdict in verdicts):
        sys.exit(NOT_ALL_PREDICTED)
