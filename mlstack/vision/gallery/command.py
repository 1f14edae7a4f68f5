"""`mlstack vision gallery`."""

import heapq
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from mlstack import target
from mlstack.console import err
from mlstack.target import Target
from mlstack.text import counted
from mlstack.vision import sought
from mlstack.vision.find import NOTHING_FOUND, nothing
from mlstack.vision.gallery.page import page
from mlstack.vision.gallery.tiles import Tile, collect
from mlstack.vision.results import Record, Results
from mlstack.vision.sought import Sought
from mlstack.vision.table import CANNED

STATUSES = ("analysed", "refused", "failed")


def _writable(context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """Refuse a page that could not be written, or would replace something, before anything is downloaded."""
    if path.suffix.lower() not in {".html", ".htm"}:
        message = f"{path} must end in .html"
        raise click.BadParameter(message)
    if not path.absolute().parent.is_dir():
        message = f"there is no folder {path.absolute().parent}"
        raise click.BadParameter(message)
    if path.exists() and not context.params.get("force"):
        message = f"{path} is there already; name another file, or say --force"
        raise click.BadParameter(message)
    return path


@click.command(short_help="Write one page of pictures with their boxes and filters")
@click.argument("written", metavar="PAGE.html", type=click.Path(path_type=Path, dir_okay=False), callback=_writable)
@sought.options
@click.option("--min", "least", type=sought.Percent(), help="With a name: the least confidence.  [default: 0]")
@click.option("--status", type=click.Choice(STATUSES), help="Only these, newest first.  [default: all]")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 5000), help="How many at most.")
@click.option("--title", help="The page's title.  [default: what is shown]")
@click.option("--force", is_flag=True, is_eager=True, help="Replace a page that is there.")
@target.options
def gallery(
    written: Path,
    least: float | None,
    status: str | None,
    limit: int,
    title: str | None,
    sought: Sought | None,
    target: Target,
    *,
    force: bool,
) -> None:
    """Write one page of pictures with their boxes, labels and filters, to open in any browser.

    The page holds small copies of the pictures (about 80 kB each) and loads nothing: whoever has the file sees them.

    Ends with 1, and no page, where nothing has the name.

    Example: mlstack vision gallery dogs.html --label Dog --min 90
    """
    del force  # it was heard when the page's name was checked
    if sought and status:
        message = "--status goes without a name: only what was analysed has names"
        raise click.UsageError(message)
    if least is not None and not sought:
        message = "--min goes with a name, such as --label Dog; the page has a slider of its own"
        raise click.UsageError(message)
    results = Results.find(target.account, target.stage)
    records = named(results, sought, least or 0) if sought else newest(results, (status,) if status else STATUSES)
    chosen = list(islice(records, limit))
    if sought and not chosen:
        err.print(nothing(sought, least or 0), markup=False)
        sys.exit(NOTHING_FOUND)
    tiles = downloaded(results, chosen)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    what = sought.name if sought else (status or "everything").capitalize()
    note = CANNED if target.account.is_local else ""
    write(written, page(tiles, title=title or f"{what} in {target.stage}", made=made, note=note))
    without = sum(tile.picture is None and tile.record.media != "video" for tile in tiles)
    more = f", {without} without a picture" if without else ""
    cut = f"; there may be more than --limit {limit}" if len(tiles) == limit else ""
    err.print(f"written: {written} with {counted(len(tiles), 'object')}{more}{cut}", markup=False)


def newest(results: Results, statuses: Iterable[str]) -> Iterator[Record]:
    """The records of some statuses together, newest first."""
    return heapq.merge(*(results.records(status) for status in statuses), key=lambda one: one.rank, reverse=True)


def named(results: Results, sought: Sought, least: float) -> Iterator[Record]:
    """The records of what has a name, the most certain first."""
    for finding in results.findings(sought.analysis, sought.name, least=least):
        if record := results.record(finding.object, finding.version):
            yield record


def downloaded(results: Results, records: list[Record]) -> list[Tile]:
    """The tiles of the records, with a bar on the terminal while they come."""
    columns = (TextColumn("Downloading"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=len(records))
        return collect(results, records, lambda: progress.advance(task))


def write(path: Path, text: str) -> None:
    """Write the whole page or nothing."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
