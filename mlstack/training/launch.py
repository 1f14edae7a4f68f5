"""From a request to its outcome: planned, priced, started and followed."""

import json
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlstack.console import err, out
from mlstack.text import counted, printable
from mlstack.training import follow, plan, predictions, shown
from mlstack.training.job import best_of
from mlstack.training.manner import Manner
from mlstack.training.plan import Plan
from mlstack.training.runs import SUCCEEDED, Run, Runs, named
from mlstack.training.stage import Json, Stage
from mlstack.training.view import View

FAILED = 1


def launch(stage: Stage, request: Json, manner: Manner, *, to: Path | None = None, options: bool = True) -> Run | None:
    """Show a request's plan and price, start it and look on, as far as a person wants; exit with 1 where it fails.

    The run as it ended; None where it was not followed. With ``to``, its predictions are fetched into that folder.
    Without ``options`` a file said the request, and no problem of it names an option.
    """
    name = name_of(request)
    planned = plan.make(stage, request, name, options=options)
    told = {"request": request, **planned.machine}
    _show(stage, request, planned, manner)
    if manner.plan_only:
        if manner.as_json:
            write(told)
        return None
    runs = Runs.of(stage)
    run = runs.start(request, name)
    end, again = (stage.target.command(f"models {verb} {name}") for verb in ("stop", "follow"))
    if manner.follow:
        err.print(f"started {name}; `{end}` ends it", markup=False)
        return finish(stage, follow.watched(runs, name), told, as_json=manner.as_json, to=to)
    err.print(f"started {name}; `{again}` looks on, `{end}` ends it", markup=False)
    if manner.as_json:
        write({**told, **shown.run_machine(run)})
    return None


def run(stage: Stage, request: Json, seen: View) -> Run:
    """Start a request and look on until its end, for where no person sits; it may have failed.

    Raises:
        UserError: where the workflow refuses the request, or the run is out of sight.
    """
    name = name_of(request)
    plan.make(stage, request, name)
    runs = Runs.of(stage)
    runs.start(request, name)
    return follow.until_end(runs, name, seen)


def finish(stage: Stage, ended: Run, told: Mapping[str, Any], *, as_json: bool, to: Path | None = None) -> Run:
    """Show how a run ended, and fetch its predictions where ``to`` says; exit with 1 where it did not succeed."""
    if as_json:
        write({**told, **shown.run_machine(ended)})
    if ended.status != SUCCEEDED:
        err.print(f"{ended.name} is {ended.state}: {shown.why(ended)}", markup=False)
        _rescue(stage, ended, to)
        sys.exit(FAILED)
    output = ended.output or {}
    if not as_json:
        out.print(shown.outcome_table(output, f"{ended.name}, {stage.target.shown}", best_of(stage, output)))
    for command in shown.next_steps(output, stage.target):
        err.print(f"next: `{command}`", markup=False)
    if to is not None:
        _fetch(stage, output["transformed"], to)
    return ended


def name_of(request: Json) -> str:
    """A new name for the run of a request."""
    return named(str(request["model"]), clock(), secrets.token_hex(2))


def clock() -> datetime:
    """The time now."""
    return datetime.now(UTC)


def write(told: object) -> None:
    """Print JSON, whatever the names hold: half a character becomes JSON's own escape."""
    text = json.dumps(told, ensure_ascii=False, indent=2)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def _rescue(stage: Stage, ended: Run, to: Path | None) -> None:
    """Say where the predictions lie that a batch had written before it failed, and fetch them where they are wanted."""
    uri = predictions.left(stage, ended)
    if uri is None:
        return
    if to is None:
        command = f"aws s3 cp --recursive {uri} FOLDER"
        err.print(f"what it predicted all the same lies under {uri}; `{command}` fetches it", markup=False)
    else:
        _fetch(stage, uri, to)


def _fetch(stage: Stage, uri: str, to: Path) -> None:
    number = predictions.fetch(stage, uri, to)
    err.print(f"fetched {counted(number, 'prediction')} into {printable(str(to))}", markup=False)


def _show(stage: Stage, request: Json, planned: Plan, manner: Manner) -> None:
    """Say what would be done at what price; where the answer is JSON, on stderr alone."""
    if not manner.as_json:
        out.print(shown.plan_table(planned, f"Plan for {request['model']}, {stage.target.shown}"))
    for warning in planned.warnings:
        err.print(f"warning: {printable(warning)}", markup=False)
    (err if manner.as_json else out).print(shown.price(planned), markup=False)
