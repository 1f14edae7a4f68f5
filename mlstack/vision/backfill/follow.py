"""Starts a run and looks on until it ends."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich import progress as bars

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.vision.backfill import shown
from mlstack.vision.backfill.plan import Plan
from mlstack.vision.backfill.runs import RUNNING, SUCCEEDED, Progress, Runs

POLL_S = 3.0
LOST_LOOKS = 5
NOT_ALL_DONE = 1
Tell = Callable[[Progress], None]


def start(runs: Runs, plan: Plan, name: str, told: Mapping[str, Any], *, wait: bool, as_json: bool) -> None:
    """Start a run over a plan and look on if wanted; exit with 1 where a batch failed or the run was ended."""
    arn = runs.start(plan, name)
    err.print(f"started {name}; `mlstack vision backfills stop {name}` ends it", markup=False)
    result = {**told, "name": name, "execution": arn}
    ended = None
    if wait:
        ended, progress = _watched(runs, name)
        result |= shown.outcome(ended, progress)
        err.print(_end(name, ended, progress), markup=False)
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    if ended and (ended != SUCCEEDED or progress.failed):
        sys.exit(NOT_ALL_DONE)


def until_end(runs: Runs, name: str, tell: Tell, pause: Callable[[float], None] = time.sleep) -> tuple[str, Progress]:
    """Look at a run now and then until it has ended; raise UserError where it is out of sight for several looks."""
    lost, reason = 0, "AWS does not know it"
    while lost < LOST_LOOKS:
        try:
            run = runs.find(name)
            progress = runs.progress(run.arn) if run else Progress()
        except (BotoCoreError, ClientError) as error:  # a run takes hours; a fault of a moment does not end the look
            run, reason = None, " ".join(str(error).split())
        lost = 0 if run else lost + 1
        if run:
            tell(progress)
            if run.status != RUNNING:
                return run.status, progress
        pause(POLL_S)
    message = f"{name} is out of sight ({reason}) and may go on; see `mlstack vision backfills list`"
    raise UserError(message)


def _watched(runs: Runs, name: str) -> tuple[str, Progress]:
    columns = (
        bars.TextColumn("batches"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.description}"),
        bars.TimeRemainingColumn(),
    )
    try:
        with bars.Progress(*columns, console=err, disable=not err.is_terminal) as bar:
            task = bar.add_task("", total=None)

            def tell(progress: Progress) -> None:
                failed = f"{progress.failed:,} failed" if progress.failed else ""
                bar.update(
                    task, total=progress.total or None, completed=progress.done + progress.failed, description=failed
                )

            return until_end(runs, name, tell if err.is_terminal else plainly())
    except KeyboardInterrupt:
        err.print(f"{name} goes on; `mlstack vision backfills stop {name}` ends it", markup=False)
        raise


def plainly() -> Tell:
    """Tell every tenth that is done in a line of its own, for where there is no terminal."""
    told = 0

    def tell(progress: Progress) -> None:
        nonlocal told
        over = progress.done + progress.failed
        tenth = 10 * over // progress.total if progress.total else 0
        if tenth > told:
            told = tenth
            err.print(f"{over:,} of {progress.total:,} batches, {progress.failed:,} failed", markup=False)

    return tell


def _end(name: str, status: str, progress: Progress) -> str:
    counts = f"{progress.done:,} of {progress.total:,} batches are done, {progress.failed:,} failed"
    if status == SUCCEEDED and not progress.failed:
        return f"{name} is finished: {counts}"
    return (
        f"{name} is {shown.state(status)}: {counts}; `mlstack vision backfills resume {name}` takes up what is not done"
    )
