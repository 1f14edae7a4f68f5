"""Looks on until a run has ended."""

import re
from collections.abc import Callable
from time import sleep
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.training import job, view
from mlstack.training.history import History, Step, Work
from mlstack.training.job import Sight
from mlstack.training.readings import Readings
from mlstack.training.runs import RUNNING, SUCCEEDED, Run, Runs
from mlstack.training.view import View

POLL_S, LOCAL_POLL_S = 3.0, 0.5
"""What is far away takes minutes, and counts how often it is asked."""
LOST_LOOKS = 5
NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Watcher(Protocol):
    """Looks at a run."""

    def look(self, run: Run) -> None:
        """Tell what is new."""


def watched(runs: Runs, name: str, watch: Callable[[Runs, str, View], Watcher] | None = None) -> Run:
    """Look on in front of a person; an interrupt says that the run goes on."""
    target = runs.stage.target
    try:
        with view.shown() as seen:
            return until_end(runs, name, seen, watch)
    except KeyboardInterrupt:
        again, end = (target.command(f"{verb} {name}") for verb in (runs.commands.follow, runs.commands.stop))
        err.print(f"{name} goes on; `{again}` looks on again, and `{end}` ends it", markup=False)
        raise


def until_end(runs: Runs, name: str, seen: View, watch: Callable[[Runs, str, View], Watcher] | None = None) -> Run:
    """Look at a run now and then until it has ended; raise UserError where it is out of sight for several looks.

    Without ``watch`` its steps are those of SageMaker's workflow.
    """
    watcher, lost, reason = (watch or Watch)(runs, name, seen), 0, "AWS does not know it"
    pause = LOCAL_POLL_S if runs.stage.target.account.is_local else POLL_S
    while lost < LOST_LOOKS:
        try:
            run = runs.find(name)
            if run:
                watcher.look(run)
        except (BotoCoreError, ClientError) as error:  # a run takes hours; a fault of a moment does not end the look
            run, reason = None, " ".join(str(error).split())
        lost = 0 if run else lost + 1
        if run and run.status != RUNNING:
            return run
        sleep(pause)
    message = f"{name} is out of sight ({reason}) and may go on; see `{runs.list_command}`"
    raise UserError(message)


class Watch:
    """What one run does, told step by step."""

    def __init__(self, runs: Runs, name: str, seen: View) -> None:
        self._view = seen
        self._history = History(runs.machines, runs.arn(name))
        self._sagemaker = runs.stage.client("sagemaker")
        self._runs = runs
        self._step = Step(name="")
        self._begun: set[str] = set()
        self._readings: Readings | None = None
        self._told_fault = ""

    def look(self, run: Run) -> None:
        """Tell what is new."""
        for step in self._history.news():
            if step.name not in self._begun:  # a look that comes round again is told once
                self._tell(run)  # the last word of the step before
                self._end(well=not self._step.failed)
                self._view.began(NEXT_WORD.sub(" ", step.name).capitalize())
                self._begun.add(step.name)
            self._step = step
        self._tell(run)
        if run.status != RUNNING:
            self._end(well=run.status == SUCCEEDED and not self._step.failed)

    def _end(self, *, well: bool) -> None:
        if self._step.name:
            self._view.ended(well=well)

    def _tell(self, run: Run) -> None:
        """Tell how the job of the step is, where it has one."""
        work, name = self._step.work, self._runs.job(run)
        if work is None:
            return
        sight = job.look(self._sagemaker, work, name)
        numbers = {**self._read(name, sight), **sight.numbers} if work is Work.TRAINING else sight.numbers
        self._view.now(sight.status, "  ".join(f"{key}={value}" for key, value in numbers.items()))

    def _read(self, name: str, sight: Sight) -> dict[str, str]:
        if self._readings is None:
            self._readings = Readings(self._runs.stage.client("logs"), f"{name}/")
        found = dict(self._readings.latest(sight.definitions))
        if self._readings.fault != self._told_fault:
            self._told_fault = self._readings.fault
            if self._told_fault:
                err.print(f"the metrics cannot be read now: {self._told_fault}", markup=False)
        return found
