"""From an order to its outcome: planned, priced, agreed to, sent, started and followed."""

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
from rich.markup import escape

from mlstack.console import err, grid, out
from mlstack.ecs.training import order as orders
from mlstack.ecs.training import plan as plans
from mlstack.ecs.training.order import Order
from mlstack.ecs.training.outcome import Outcome
from mlstack.ecs.training.watch import Watch
from mlstack.ecs.training.workflow import Workflow
from mlstack.text import printable
from mlstack.training import follow, shown
from mlstack.training.dataset.channels import gathered
from mlstack.training.launch import FAILED, clock, write
from mlstack.training.manner import Manner
from mlstack.training.plan import Plan, shown_usd
from mlstack.training.runs import SUCCEEDED, Run, named

NOT_STARTED = 1
LONGEST_RUN = 60
"""Of a run's name; the state machine takes no longer one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """An order, and how a person wants it carried out."""

    order: Order
    manner: Manner
    market: str | None = None
    """None for the stage's own."""
    yes: bool = False
    """Whether nobody is to be asked."""


def launch(workflow: Workflow, wish: Wish) -> None:
    """Look at an order as a whole, show its price, ask, send its data, start it and look on."""
    order, manner = wish.order, wish.manner
    market = orders.market(workflow, wish.market)
    found = orders.closed(gathered(order.sources, own=True, tell=_tell))
    orders.check(order.settings, found.names)
    orders.look(workflow, found)
    name = _name(order.model)
    planned = plans.made(workflow.settings, name, market)
    _show(workflow, order, planned, manner)
    request: dict[str, Any] = {
        "run": name,
        "model": order.model,
        "data": {**found.there, **{channel: str(folder.path) for channel, folder in found.here.items()}},
        "hyperparameters": dict(order.settings),
        "market": market,
    }
    if manner.plan_only:
        if manner.as_json:
            write({"request": request, **planned.machine})
        return
    _agree(planned, yes=wish.yes)
    request["data"] = found.sent(workflow, _tell)
    run = workflow.runs.start(request, name)
    _follow(workflow, run, {"request": request, **planned.machine}, manner)


def finish(workflow: Workflow, ended: Run, told: Mapping[str, Any], *, as_json: bool) -> None:
    """Show how a run ended and what may come next; exit with 1 where it did not succeed."""
    outcome = Outcome.of(workflow, ended)
    if as_json:
        write({**told, **outcome.machine()})
    if outcome.fault:
        err.print(f"not all of it could be looked up: {printable(outcome.fault)}", markup=False)
    if ended.status != SUCCEEDED:
        err.print(f"{ended.name} is {ended.state}: {outcome.reason}", markup=False)
        sys.exit(FAILED)
    if not as_json:
        rows = grid(escape(f"{ended.name}, {workflow.target.shown}"))
        rows.add_column("what", no_wrap=True)
        rows.add_column("is", overflow="fold")
        for what, value in outcome.rows():
            rows.add_row(escape(printable(what)), escape(printable(value)))
        out.print(rows)
    if outcome.artifact:
        place = f'`model = "{printable(outcome.artifact)}"` in [ecs.services.NAME] of the profile'
        err.print(
            f"next: {place}, and a deploy, serve it; or `{workflow.target.command('service list')}`", markup=False
        )


def _follow(workflow: Workflow, run: Run, told: Mapping[str, Any], manner: Manner) -> None:
    end, again = (workflow.target.command(f"run {verb} {run.name}") for verb in ("stop", "follow"))
    if manner.follow:
        err.print(f"started {run.name}; `{end}` ends it", markup=False)
        finish(workflow, watched(workflow, run.name), told, as_json=manner.as_json)
        return
    err.print(f"started {run.name}; `{again}` looks on, `{end}` ends it", markup=False)
    if manner.as_json:
        write({**told, **Outcome(run=run).machine()})


def watched(workflow: Workflow, name: str) -> Run:
    """Look on at a run until it has ended."""
    return follow.watched(workflow.runs, name, partial(Watch.of, workflow))


def _name(model: str) -> str:
    """A new name for the run of a model, which is cut where that gets too long."""
    token, ending = secrets.token_hex(2), len("-20261122-093000-3fa9")
    return named(model[: LONGEST_RUN - ending], clock(), token)


def _agree(planned: Plan, *, yes: bool) -> None:
    """Go on only where someone said yes; raise UsageError where nobody can."""
    if not (yes or sys.stdin.isatty()):
        message = "there is no terminal to ask on; say --yes, or --plan"
        raise click.UsageError(message)
    most = "at a price that is not known" if planned.at_most_usd is None else f"for {_most(planned)}"
    if not yes and not click.confirm(f"Start it {most}?", err=True):
        err.print("nothing was sent or started")
        sys.exit(NOT_STARTED)


def _most(planned: Plan) -> str:
    return f"at most {shown_usd(planned.at_most_usd)}" if planned.at_most_usd is not None else ""


def _show(workflow: Workflow, order: Order, planned: Plan, manner: Manner) -> None:
    """Say what would be done at what price; where the answer is JSON, on stderr alone."""
    if not manner.as_json:
        out.print(shown.plan_table(planned, f"Plan for {order.model}, {workflow.target.shown}"))
    price = shown.price(planned, plans.prices(workflow.settings))
    (err if manner.as_json else out).print(price, markup=False)


def _tell(line: str) -> None:
    err.print(line, markup=False)
