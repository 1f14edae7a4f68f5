"""`mlstack models runs`, `follow` and `stop`: what makes the versions."""

import click

from mlstack import target as targets
from mlstack.console import err, out
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.training import follow, shown
from mlstack.training.launch import finish, write
from mlstack.training.runs import RUNNING, Run, Runs
from mlstack.training.stage import Stage


@click.command("runs", short_help="List the latest runs, newest first")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def list_runs(target: Target, *, as_json: bool) -> None:
    """List the latest runs of the training workflow, newest first.

    Example: mlstack models runs
    """
    found = list(Runs.of(Stage.find(target)).latest())
    if as_json:
        write([shown.run_machine(one) for one in found])
    elif found:
        out.print(shown.runs(found, f"Runs of {target.shown}"))
    else:
        err.print(f"{target.shown} has had no run; see `mlstack train --help`", markup=False)


@click.command("follow", short_help="Look on at a run until it ends")
@click.argument("run", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
def follow_run(run: str, target: Target, *, as_json: bool) -> None:
    """Look on at a run until it ends, or show how it ended. Ends with 1 where it failed.

    Example: mlstack models follow waste-sorter-20261122-093000-3fa9
    """
    stage = Stage.find(target)
    runs = Runs.of(stage)
    found = runs.require(run)
    ended = follow.watched(runs, found.name) if found.status == RUNNING else found
    finish(stage, ended, {}, as_json=as_json)


@click.command("stop", short_help="Stop a run and its jobs")
@click.argument("run", metavar="RUN")
@targets.options
def stop(run: str, target: Target) -> None:
    """Stop a run; the workflow stops the job that it waits for.

    Example: mlstack models stop waste-sorter-20261122-093000-3fa9
    """
    runs = Runs.of(Stage.find(target))
    found: Run = runs.require(run)
    if found.status != RUNNING:
        message = f"{found.name} is {found.state} already; see `{target.command('models runs')}`"
        raise UserError(message)
    runs.stop(found)
    err.print(f"stopped {found.name}; its job {runs.job(found)} stops within minutes", markup=False)
