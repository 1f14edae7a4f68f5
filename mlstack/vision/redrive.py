"""`mlstack vision redrive`."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from click.core import ParameterSource
from rich.markup import escape
from rich.table import Table

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.vision.dead_letters import DeadLetters, Letter, Moved

LOOKED_AT = 5_000
EXAMPLES = 2
NOT_ALL_MOVED = 1


@click.command(short_help="Show why messages were given up, and send them again")
@click.option("--video", is_flag=True, help="The dead letters of videos instead of images.")
@click.option("--reason", metavar="TEXT", help="Only those whose reason holds this text.")
@click.option("--execute", is_flag=True, help="Move them; wants --stage said.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def redrive(*, video: bool, reason: str | None, execute: bool, as_json: bool, target: Target) -> None:
    """Show why messages were given up, and with --execute send them to their queue again.

    Without --execute nothing is changed. A message is deleted here only once its queue has it.

    Example: mlstack vision redrive --reason AccessDenied --stage sandbox --execute
    """
    said = click.get_current_context().get_parameter_source("stage")
    if execute and said is not ParameterSource.COMMANDLINE:
        message = f"--execute wants the stage said: --stage {target.stage}"
        raise click.UsageError(message)
    letters = DeadLetters.find(target, video=video)
    there = letters.count()
    if execute:
        move(letters, there, reason, target, as_json=as_json)
    else:
        plan(letters, there, reason, target, as_json=as_json)


def matches(letter: Letter, reason: str | None) -> bool:
    """Whether a letter is meant."""
    return reason is None or reason.casefold() in letter.reason.casefold()


def told(letter: Letter) -> str:
    """The reason that a letter itself tells."""
    return letter.reason


def plan(letters: DeadLetters, there: int, reason: str | None, target: Target, *, as_json: bool) -> None:
    """Show the letters that would be moved, by their reasons, and leave them where they are."""
    held: list[Letter] = []
    try:
        held.extend(letters.hold(LOOKED_AT))
    finally:
        letters.give_back(held)
    groups = grouped(letter for letter in held if matches(letter, reason))
    if as_json:
        said = {"about": there, "looked_at": len(held), "reasons": machine(groups)}
        sys.stdout.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    elif groups:
        out.print(table(groups, f"Dead letters of {target.shown}"))
    if not held and not there:
        err.print(f"there are no dead letters in {target.shown}", markup=False)
        return
    more = f" of about {there:,}" if there > len(held) else ""
    act = f"; say --stage {target.stage} --execute to move them" if groups else ""
    err.print(f"looked at {len(held):,}{more} dead letters and moved none{act}", markup=False)


def grouped(letters: Iterable[Letter], why: Callable[[Letter], str] = told) -> dict[str, list[Letter]]:
    """Letters by their reason, the most frequent first."""
    groups: dict[str, list[Letter]] = {}
    for letter in letters:
        groups.setdefault(why(letter), []).append(letter)
    return dict(sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])))


def table(groups: dict[str, list[Letter]], title: str) -> Table:
    """One row a reason."""
    rows = grid(escape(title))
    rows.add_column("number", justify="right")
    rows.add_column("reason", overflow="fold")
    rows.add_column("such as", overflow="fold")
    for reason, letters in groups.items():
        examples = ", ".join(printable(letter.subject) for letter in letters[:EXAMPLES])
        rows.add_row(f"{len(letters):,}", escape(printable(reason)), escape(examples))
    return rows


def machine(groups: dict[str, list[Letter]]) -> list[dict[str, Any]]:
    """The same for machines."""
    return [
        {"reason": reason, "number": len(found), "examples": [letter.subject for letter in found[:EXAMPLES]]}
        for reason, found in groups.items()
    ]


def move(letters: DeadLetters, there: int, reason: str | None, target: Target, *, as_json: bool) -> None:
    """Move the letters that are meant; exit with 1 where a queue did not take one."""
    done = Moved()
    looked_at = moved(letters, lambda letter: matches(letter, reason), done, LOOKED_AT)
    if as_json:
        sys.stdout.write(json.dumps(asdict(done), indent=2) + "\n")
    if not looked_at and not there:
        err.print(f"there are no dead letters in {target.shown}", markup=False)
        return
    again = f"; there were about {there:,}, run it again" if there > looked_at else ""
    err.print(
        f"moved {done.moved:,} of {looked_at:,} in {target.shown}; "
        f"{done.refused:,} were not taken, {done.doubled:,} lie in both queues{again}",
        markup=False,
    )
    if done.refused:
        sys.exit(NOT_ALL_MOVED)


def moved(letters: DeadLetters, meant: Callable[[Letter], bool], done: Moved, most: int) -> int:
    """Move the letters that are meant among so many at most, give the others back, and return how many there were.

    All are held before the first is moved, so that one that comes straight back is not moved in circles.

    Raises:
        UserError: where SQS fails on the way; nothing is lost by that.
    """
    held: dict[str, Letter] = {}
    try:
        for letter in letters.hold(most):
            held[letter.number] = letter
        looked_at = len(held)
        for letter in letters.move([letter for letter in held.values() if meant(letter)], done):
            del held[letter.number]
    except (BotoCoreError, ClientError) as error:
        message = (
            f"{done.moved:,} were moved when AWS answered: {' '.join(str(error).split())}; "
            "nothing is lost, run the same command again"
        )
        raise UserError(message) from error
    finally:
        letters.give_back(held.values())
    return looked_at
