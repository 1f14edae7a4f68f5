"""`mlstack run list`, `follow` and `stop`: the runs of the stage's training on ECS."""

from collections.abc import Mapping

import click

from mlstack import target as targets
from mlstack.clock import moment
from mlstack.console import err, out
from mlstack.ecs.training import choice
from mlstack.ecs.training.launch import finish, watched
from mlstack.ecs.training.outcome import Findings, Outcome, why
from mlstack.ecs.training.workflow import ON_ECS, Workflow
from mlstack.ecs.trouble import explained
from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.training.launch import write
from mlstack.training.listing import Column, listing
from mlstack.training.runs import RUNNING, STOPPED, SUCCEEDED, Run
from mlstack.vision.backfill.shown import duration

COLUMNS = (
    Column("name", 0),
    Column("status", 0),
    Column("model", 1),
    Column("started", 1),
    Column("took", 1),
    Column("result", 2),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.command("list", short_help="List the latest runs, newest first")
@json_option
@targets.options
@explained
def list_runs(target: Target, *, as_json: bool) -> None:
    """List the latest runs of the stage's training on ECS, newest first.

    Example: mlstack run list
    """
    workflow = Workflow.find(target)
    found = [(one, _why(workflow, one)) for one in workflow.runs.latest()]
    if as_json:
        write([Outcome(run=one, metrics=_worth(workflow, one), reason=reason).machine() for one, reason in found])
    elif found:
        out.print(listing(f"Runs on ECS of {target.shown}", COLUMNS, [_row(*one) for one in found]))
    else:
        example = target.command("run training MODEL --on ecs --data FOLDER")
        err.print(f"{target.shown} has had no run on ECS; `{example}` starts one", markup=False)


@click.command("follow", short_help="Look on at a run until it ends")
@click.argument("run", metavar="[RUN]", required=False)
@json_option
@targets.options
@explained
def follow_run(run: str | None, target: Target, *, as_json: bool) -> None:
    """Look on at a run until it ends, or show how it ended. Ends with 1 where it failed.

    RUN may be cut to a beginning that no other has; without it the latest is shown.

    Example: mlstack run follow sorter-20261122-093000-3fa9
    """
    workflow = Workflow.find(target)
    found = choice.latest(workflow.runs) if run is None else choice.named(workflow.runs, run)
    ended = watched(workflow, found.name) if found.status == RUNNING else found
    finish(workflow, ended, {}, as_json=as_json)


@click.command("stop", short_help="Stop a run and its task")
@click.argument("run", metavar="RUN")
@targets.options
@explained
def stop_run(run: str, target: Target) -> None:
    """Stop a run; its task saves a checkpoint and ends, and its machine goes after it.

    RUN may be cut to a beginning that no other has.

    Example: mlstack run stop sorter-20261122-093000-3fa9
    """
    runs = Workflow.find(target).runs
    found = choice.named(runs, run)
    if found.status == STOPPED:
        err.print(f"{found.name} is stopped already", markup=False)
        return
    if found.status != RUNNING:
        message = f"{found.name} has {found.state} already; see `{runs.list_command}`"
        raise UserError(message)
    runs.stop(found)
    err.print(f"stopped {found.name}; its task saves what it has and ends within two minutes", markup=False)


def _row(run: Run, reason: str) -> tuple[str, ...]:
    took = duration((run.ended - run.started).total_seconds()) if run.ended else ""
    result = Outcome(run=run).artifact if run.status == SUCCEEDED else reason
    return run.name, run.state, run.model, moment(run.started), took, result


def _worth(workflow: Workflow, run: Run) -> Mapping[str, float]:
    """What its model is worth, as far as that can be had without a look into its log."""
    return Findings(workflow, run).evaluated() if run.status == SUCCEEDED else {}


def _why(workflow: Workflow, run: Run) -> str:
    """Why a run failed, as far as that can be had without a look into its log."""
    if run.status in {RUNNING, SUCCEEDED}:
        return ""
    if own := Findings(workflow, run).own_reason():
        return own
    if run.status == STOPPED:
        return why(run)
    return f"{why(run)}; `{workflow.target.command(f'{ON_ECS.follow} {run.name}')}` says more"
