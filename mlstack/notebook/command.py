"""`mlstack notebook`: start, open, look at and stop the stage's notebook instance."""

import json
import sys
import webbrowser
from datetime import UTC, datetime

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from mlstack import target as targets
from mlstack.clock import moment
from mlstack.console import err, grid, out
from mlstack.errors import UserError
from mlstack.journey import Move, travel
from mlstack.notebook import course
from mlstack.notebook.instance import HEARTBEATS, Notebook
from mlstack.notebook.report import Report
from mlstack.patience import Patience
from mlstack.steps import step
from mlstack.target import Target
from mlstack.text import printable

PATIENCE_S = 900
timeout = click.option(
    "--timeout", default=PATIENCE_S, show_default=True, type=click.IntRange(1, 7200), help="Seconds to wait for it."
)


@click.group(short_help="Start, open and stop the stage's notebook")
def notebook() -> None:
    """Start, open and stop the stage's SageMaker notebook instance, and see what it costs.

    Example: mlstack notebook start
    """


@notebook.command(short_help="Start the notebook and wait until it runs")
@timeout
@targets.options
def start(timeout: int, target: Target) -> None:
    """Start the notebook and wait until it runs; say what it costs and when it stops itself.

    Example: mlstack notebook start
    """
    found = Notebook.find(target)
    now = found.seen()
    err.print(f"price of {now.instance_type} while it runs: {found.terms.running_price}", markup=False)
    err.print(found.terms.promise, markup=False)
    if now.status != course.RUNNING:
        try:
            with step(f"Starting {found.name}") as tell:
                now = travel(found, course.to_running, found.start, Patience(timeout), tell)
        except KeyboardInterrupt:
            err.print(f"it may go on starting, and cost; `{target.command('notebook stop')}` stops it", markup=False)
            raise
    latest = found.terms.latest_stop(now.changed_at)
    ends = f", until {moment(latest)} at the latest" if latest else ""
    err.print(f"{found.name} runs{ends}; open it with `{target.command('notebook open')}`", markup=False)


@notebook.command(short_help="Stop the notebook and wait until it has stopped")
@click.option("--no-wait", is_flag=True, help="Ask for the stop, and do not wait for it.")
@timeout
@targets.options
def stop(timeout: int, target: Target, *, no_wait: bool) -> None:
    """Stop the notebook; what lies in its home folder stays.

    Example: mlstack notebook stop
    """
    found = Notebook.find(target)
    if no_wait:
        _ask_to_stop(found)
        return
    now = found.seen()
    if course.to_stopped(now, None) is not Move.DONE:
        with step(f"Stopping {found.name}") as tell:
            now = travel(found, course.to_stopped, found.stop, Patience(timeout), tell)
    err.print(
        f"{found.name} does not run: {now.status}; price of its volume: {found.terms.stopped_price}", markup=False
    )


def _ask_to_stop(found: Notebook) -> None:
    now = found.seen()
    if course.to_stopped(now, None) is Move.DONE:
        err.print(f"{found.name} does not run: {now.status}", markup=False)
    elif now.status == course.STOPPING or (now.status == course.RUNNING and found.stop()):
        status = found.target.command("notebook status")
        err.print(f"{found.name} is stopping; `{status}` says when it has stopped", markup=False)
    else:
        message = (
            f"notebook {found.name} is {now.status}, and AWS stops it only while it runs; "
            "say it again without --no-wait, and it is stopped as soon as that is possible"
        )
        raise UserError(message)


@notebook.command("open", short_help="Print an address that opens the notebook")
@click.option("--browser", is_flag=True, help="Open it in your browser instead of printing it.")
@targets.options
def open_(target: Target, *, browser: bool) -> None:
    """Print an address that opens the notebook's JupyterLab.

    It is valid for five minutes, for whoever has it, so do not pass it on.

    Example: mlstack notebook open --browser
    """
    found = Notebook.find(target)
    now = found.seen()
    if now.status != course.RUNNING:
        message = f"notebook {found.name} is {now.status}; start it with `{target.command('notebook start')}`"
        raise UserError(message)
    try:
        url = found.url()
    except ClientError as error:
        if not target.account.is_local:
            raise
        message = "the local AWS has no JupyterLab to open; a notebook runs in a real account only"
        raise UserError(message) from error
    if target.account.is_local:
        sys.stdout.write(f"{url}\n")
        err.print("the local AWS has no JupyterLab: this address leads nowhere, and no browser opens it", markup=False)
        return
    if browser and webbrowser.open(url):
        err.print(f"opened {found.name} in your browser", markup=False)
        return
    if browser:
        err.print("no browser could be opened; open the address yourself", markup=False)
    sys.stdout.write(f"{url}\n")
    err.print("valid for five minutes, for whoever has it", markup=False)


@notebook.command(short_help="Show how the notebook is and what it costs")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def status(target: Target, *, as_json: bool) -> None:
    """Show how the notebook is, what this run has cost, and when it stops itself.

    Example: mlstack notebook status
    """
    report = _report(Notebook.find(target), datetime.now(UTC))
    if as_json:
        sys.stdout.write(json.dumps(report.machine(), ensure_ascii=False, indent=2) + "\n")
        return
    rows = grid(escape(f"Notebook {report.name}, {target.shown}"))
    rows.add_column("what", no_wrap=True)
    rows.add_column("now", overflow="fold")
    for name, value in report.rows():
        rows.add_row(name, escape(printable(value)))
    out.print(rows)
    if report.next_step:
        err.print(f"next: `{target.command(f'notebook {report.next_step}')}`", markup=False)


def _report(found: Notebook, now: datetime) -> Report:
    """Look at a notebook; that CloudWatch cannot be asked is part of the answer."""
    instance = found.seen()
    beat, unheard = None, ""
    if instance.status == course.RUNNING:
        try:
            beat = HEARTBEATS.last(found.target.account.client("cloudwatch"), found.name, now)
        except (BotoCoreError, ClientError) as error:
            unheard = " ".join(str(error).split())
    return Report(
        name=found.name,
        instance=instance,
        terms=found.terms,
        now=now,
        last_heartbeat=beat,
        unheard=unheard,
        is_local=found.target.account.is_local,
    )
