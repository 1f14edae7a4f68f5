"""`mlstack vision review`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from mlstack import target as targets
from mlstack.console import err, grid, out
from mlstack.target import Target
from mlstack.text import printable
from mlstack.vision.results import Results
from mlstack.vision.review import saving
from mlstack.vision.review.decision import APPROVED, REJECTED, Decision
from mlstack.vision.review.reviews import PENDING, STATUSES, Review, Reviews

LONGEST_NOTE = 1000


@click.group(short_help="Decide about what moderation flagged")
def review() -> None:
    """Decide about what moderation flagged.

    A NUMBER names a review and stays the same; an OBJECT is its S3 URI, its key, or the end of its key.

    Example: mlstack vision review list
    """


def _found(target: Target) -> Reviews:
    return Reviews(Results.find(target.account, target.stage))


def _noted(_context: click.Context, _parameter: click.Parameter, note: str) -> str:
    if len(note) > LONGEST_NOTE:
        message = f"has {len(note):,} letters; {LONGEST_NOTE:,} are kept"
        raise click.BadParameter(message)
    return note


@review.command(name="list", short_help="Show the reviews, the most certainly bad first")
@click.option("--status", type=click.Choice(STATUSES), default=PENDING, show_default=True, help="Which ones.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def listed(status: str, limit: int, *, as_json: bool, target: Target) -> None:
    """Show the reviews, the most certainly bad first.

    Example: mlstack vision review list --status rejected
    """
    found = list(islice(_found(target).listed([status]), limit + 1))
    if as_json:
        sys.stdout.write(json.dumps([machine(one) for one in found[:limit]], ensure_ascii=False, indent=2) + "\n")
    elif found:
        out.print(table(found[:limit], f"Reviews in {target.shown}: {status}"))
    else:
        err.print(f"no review is {status} in {target.shown}", markup=False)
    if len(found) > limit:
        err.print(f"there are more than {limit}; say --limit", markup=False)


@review.command(short_help="Show one review, and download its object if asked")
@click.argument("wanted", metavar="OBJECT|NUMBER")
@click.option("--force", is_flag=True, is_eager=True, help="Let --save replace a file that is there.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=saving.writable,
    help="Download the object to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@targets.options
def show(wanted: str, save: Path | None, *, force: bool, as_json: bool, target: Target) -> None:
    """Show one review, and download its object if asked.

    Example: mlstack vision review show 483920 --save flagged.jpg
    """
    del force  # it was heard when --save was checked
    reviews = _found(target)
    one = reviews.find(wanted, STATUSES)
    if as_json:
        sys.stdout.write(json.dumps(machine(one), ensure_ascii=False, indent=2) + "\n")
    else:
        for name, value in machine(one).items():
            if value:
                shown = one.summary if name == "labels" else str(value)
                out.print(f"{name.replace('_', ' ')}: {printable(shown)}", markup=False)
    if save:
        saving.save(reviews.results.s3, one, save)
        err.print(f"saved: {save}", markup=False)


@review.command(short_help="Let a flagged object be")
@click.argument("wanted", metavar="OBJECT|NUMBER")
@click.option("--note", default="", callback=_noted, help="Why, for whoever asks later.")
@targets.options
def approve(wanted: str, note: str, *, target: Target) -> None:
    """Let a flagged object be: it leaves quarantine, or loses its tag.

    Example: mlstack vision review approve 483920 --note "a statue"
    """
    decide(Decision(word=APPROVED, note=note), wanted, target)


@review.command(short_help="Leave a flagged object in quarantine, or tagged")
@click.argument("wanted", metavar="OBJECT|NUMBER")
@click.option("--note", default="", callback=_noted, help="Why, for whoever asks later.")
@targets.options
def reject(wanted: str, note: str, *, target: Target) -> None:
    """Leave a flagged object in quarantine, or tagged; nothing is deleted.

    Example: mlstack vision review reject photos/party.jpg
    """
    decide(Decision(word=REJECTED, note=note), wanted, target)


def decide(decision: Decision, wanted: str, target: Target) -> None:
    """Say what will happen, and let it happen."""
    reviews = _found(target)
    one = reviews.pending(wanted)
    err.print(f"{one.number} {printable(one.object)} ({printable(one.summary)})", markup=False)
    err.print(f"{decision.word}: {printable(decision.plan(one))}", markup=False)
    decision.send(one, reviews, target.account, now=datetime.now(UTC))
    err.print(f"decided; `mlstack vision review show {one.number}` tells when it is done", markup=False)


def machine(one: Review) -> dict[str, Any]:
    """A review as JSON has it."""
    return {"number": one.number} | {name: value or None for name, value in asdict(one).items()}


def table(found: Sequence[Review], title: str) -> Table:
    """The reviews as people read them."""
    shown = grid(escape(printable(title)))
    for column in ("number", "object", "labels with confidence in %", "when", "what for"):
        whole = column in {"number", "when"}
        if column != "what for" or any(one.reason or one.note for one in found):
            shown.add_column(column, no_wrap=whole, overflow="fold")
    for one in found:
        told = "; ".join(text for text in (one.reason, one.note) if text)
        cells = [str(one.number), one.object, one.summary, one.updated_at[:19].replace("T", " "), told]
        shown.add_row(*(escape(printable(cell)) for cell in cells[: len(shown.columns)]))
    return shown
