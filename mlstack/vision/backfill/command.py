"""`mlstack vision backfill`."""

import json
import math
import secrets
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.status import Status

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.vision.backfill import follow, shown
from mlstack.vision.backfill.inventory import Inventory
from mlstack.vision.backfill.manifest import BATCH, Manifest
from mlstack.vision.backfill.objects import Found, Place, is_versioned, listed
from mlstack.vision.backfill.plan import MANIFEST, Plan, place
from mlstack.vision.backfill.price import Quote, quote
from mlstack.vision.backfill.runs import Runs, named
from mlstack.vision.backfill.selection import Selection, Tally, chosen, nothing
from mlstack.vision.backfill.stage import Stage
from mlstack.vision.moment import Moment

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NOT_STARTED = 1
TOLD_EVERY = 1_000
TOLD_PLAINLY_EVERY = 100_000


@click.command(short_help="Analyse what lies in a bucket already, price first")
@click.argument("source", metavar="S3_URI")
@click.option(
    "--since",
    type=Moment(),
    help="Only objects that were put since then, in UTC.",
)
@click.option("--analyses", metavar="NAMES", help="These for every object, with commas between.  [default: the routes]")
@click.option("--inventory", metavar="S3_URI", help="Read an S3 Inventory's manifest.json instead of listing.")
@click.option("--max-usd", type=click.FloatRange(min=0), metavar="USD", help="Refuse a price above this.")
@click.option("--dry-run", is_flag=True, help="Show the price and stop; nothing is left behind.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait/--no-wait", default=True, help="Look on until the end.  [default: wait]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@targets.options
def backfill(
    source: str,
    since: datetime | None,
    analyses: str | None,
    inventory: str | None,
    max_usd: float | None,
    *,
    dry_run: bool,
    yes: bool,
    wait: bool,
    as_json: bool,
    target: Target,
) -> None:
    """Analyse the objects that lie under a prefix already, after showing what that costs.

    What is analysed already costs no call. Ends with 0 when every batch is done, with 1 when one failed.

    Example: mlstack vision backfill s3://my-photos/holidays/ --since 2026-01-01 --dry-run
    """
    if not (dry_run or yes or sys.stdin.isatty()):
        message = "there is no terminal to ask on; say --yes, or --dry-run"
        raise click.UsageError(message)
    there, stage = Place.of(source), Stage.find(target)
    stage.allow(there)
    selection = Selection(
        routes=stage.routes,
        videos=stage.videos if there.bucket == stage.media_bucket else {},
        analyses=stage.analyses(analyses),
        since=since,
        everywhere=there.bucket != stage.media_bucket,
    )
    runs, tally, name = Runs.of(stage), Tally(), named(clock(), secrets.token_hex(2))
    objects = sought(runs.s3, there, inventory, dates=since is not None)
    with Manifest(runs.s3, place(stage.results_bucket, name, MANIFEST)) as manifest:
        with err.status("Listing") as status:
            picked = chosen(counted(objects, tally, status), selection, tally)
            deque(picked, maxlen=0) if dry_run else manifest.write(there.bucket, picked)
        plan = planned(name, there, selection, tally)
        price = quote(plan, calls_per_second=stage.calls_per_second, image_properties=stage.image_properties)
        told = shown.machine(plan, price, tally)
        if not tally.objects:
            err.print(nothing(tally, selection, there.uri, stage.enabled), markup=False)
        elif not as_json:
            show(plan, price, tally, target)
        if dry_run or not tally.objects:
            if as_json:
                sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
            return
        agree(price, max_usd, yes=yes)
        manifest.commit()
        runs.keep(plan)
    follow.start(runs, plan, name, told, wait=wait, as_json=as_json)


def clock() -> datetime:
    """The time now."""
    return datetime.now(UTC)


def sought(s3: "S3Client", there: Place, inventory: str | None, *, dates: bool) -> Iterator[Found]:
    """Every object under a prefix, from S3 itself or from its inventory."""
    if inventory is None:
        return listed(s3, there)
    found = Inventory.read(s3, Place.of(inventory))
    found.require(bucket=there.bucket, versioned=is_versioned(s3, there.bucket), dates=dates)
    return found.objects(s3, there.path)


def counted(objects: Iterable[Found], tally: Tally, status: Status) -> Iterator[Found]:
    """Pass the objects on and tell now and then how many there are."""
    for number, found in enumerate(objects, start=1):
        yield found
        if number % TOLD_EVERY == 0:
            text = f"Listing: {number:,} objects, {tally.objects:,} to analyse"
            status.update(text)
            if number % TOLD_PLAINLY_EVERY == 0 and not err.is_terminal:
                err.print(text, markup=False)


def planned(name: str, there: Place, selection: Selection, tally: Tally) -> Plan:
    """The plan that a tally comes to."""
    return Plan(
        name=name,
        source=there.uri,
        analyses=selection.analyses,
        objects=tally.objects,
        batches=math.ceil(tally.objects / BATCH),
        calls=dict(tally.calls),
    )


def show(plan: Plan, price: Quote, tally: Tally | None, target: Target) -> None:
    """Print what would be done, at what price."""
    out.print(shown.calls(plan, f"Backfill of {plan.source} in {target.shown}"))
    for line in shown.lines(plan, price, tally):
        out.print(line, markup=False)


def agree(price: Quote, max_usd: float | None, *, yes: bool) -> None:
    """Go on only where the price is within bounds and someone said yes; raise UserError otherwise, or end with 1."""
    if max_usd is not None and not float(price.usd) <= max_usd:  # so that NaN allows nothing
        message = (
            f"the price of at most {shown.usd(price.usd)} is above --max-usd {max_usd:g}, so nothing was started; "
            "say a later --since, a longer prefix, or more"
        )
        raise UserError(message)
    if not yes and not click.confirm(f"Start it for at most {shown.usd(price.usd)}?", err=True):
        err.print("nothing was started")
        sys.exit(NOT_STARTED)
