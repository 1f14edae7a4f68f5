"""`mlstack vision backfills`: what runs, and how to end it or take it up again."""

import json
import secrets
import sys

import click

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.vision.backfill import follow, shown
from mlstack.vision.backfill.command import agree, clock, show
from mlstack.vision.backfill.price import quote
from mlstack.vision.backfill.runs import RUNNING, Runs, named
from mlstack.vision.backfill.stage import Stage

SHOWN_RUNS = 20


@click.group(short_help="List backfills, stop one, or take one up again")
def backfills() -> None:
    """List the backfills of a stage, stop one, or take one up again.

    Example: mlstack vision backfills list
    """


@backfills.command("list", short_help="List the latest backfills, newest first")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def list_runs(*, as_json: bool, target: Target) -> None:
    """List the latest backfills, newest first.

    Example: mlstack vision backfills list
    """
    runs = Runs.of(Stage.find(target))
    found = [(run, runs.progress(run.arn)) for run in runs.latest(SHOWN_RUNS)]
    if as_json:
        told = [shown.run_machine(run, progress) for run, progress in found]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    elif found:
        out.print(shown.runs(found, f"Backfills of {target.shown}"))
    else:
        err.print(f"{target.shown} has had no backfill; see `mlstack vision backfill --help`", markup=False)


@backfills.command(short_help="Stop a backfill; what it did stays done")
@click.argument("name")
@targets.options
def stop(name: str, target: Target) -> None:
    """Stop a backfill; what it did stays done.

    Example: mlstack vision backfills stop bf-20261121-093000-3fa9
    """
    runs = Runs.of(Stage.find(target))
    run = runs.find(name)
    if run is None or run.status != RUNNING:
        state = f"is {shown.state(run.status)} already" if run else "is not known"
        message = f"{name} {state}, so there is nothing to stop; see `mlstack vision backfills list`"
        raise UserError(message)
    runs.stop(run)
    err.print(f"stopped {name}; `mlstack vision backfills resume {name}` takes up what is not done", markup=False)


@backfills.command(short_help="Take up what a backfill has not done")
@click.argument("name")
@click.option("--max-usd", type=click.FloatRange(min=0), metavar="USD", help="Refuse a price above this.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait/--no-wait", default=True, help="Look on until the end.  [default: wait]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@targets.options
def resume(name: str, max_usd: float | None, *, yes: bool, wait: bool, as_json: bool, target: Target) -> None:
    """Run over the same objects again: what is done costs one write of the table and no call of Rekognition.

    Example: mlstack vision backfills resume bf-20261121-093000-3fa9
    """
    if not (yes or sys.stdin.isatty()):
        message = "there is no terminal to ask on; say --yes"
        raise click.UsageError(message)
    stage = Stage.find(target)
    runs = Runs.of(stage)
    plan = runs.plan(name)
    if run := runs.running_over(plan):
        message = f"{run.name} works on these objects now; run `mlstack vision backfills stop {run.name}` first"
        raise UserError(message)
    price = quote(plan, calls_per_second=stage.calls_per_second, image_properties=stage.image_properties)
    if not as_json:
        show(plan, price, None, target)
    agree(price, max_usd, yes=yes)
    again = named(clock(), secrets.token_hex(2))
    follow.start(runs, plan, again, shown.machine(plan, price), wait=wait, as_json=as_json)
