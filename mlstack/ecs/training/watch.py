"""What a run does, told attempt by attempt: how its task is, and what the training has reached."""

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.console import err
from mlstack.ecs.training import epochs
from mlstack.ecs.training.attempts import STOPPED, Attempt, Attempts, titles
from mlstack.ecs.training.workflow import Workflow
from mlstack.training.readings import Readings
from mlstack.training.runs import RUNNING, SUCCEEDED, Run, Runs
from mlstack.training.view import View
from training_request.hyperparameters import metric_definitions

STARTING = "Starting"
FIRST = "validation:accuracy"
"""Where there is no room for all metrics, the last are cut."""
METRICS = sorted(((one["Name"], one["Regex"]) for one in metric_definitions()), key=lambda one: one[0] != FIRST)


class Watch:
    """One run."""

    def __init__(self, workflow: Workflow, name: str, seen: View) -> None:
        self._workflow = workflow
        self._view = seen
        self._attempts = Attempts(workflow.client("ecs"), workflow.settings, name)
        self._told: list[str] = []
        """The tasks that were told of."""
        self._begun = False
        self._last: Attempt | None = None
        self._readings: Readings | None = None
        self._told_fault = ""

    @classmethod
    def of(cls, workflow: Workflow, _runs: Runs, name: str, seen: View) -> "Watch":
        """As whoever looks on wants one."""
        return cls(workflow, name, seen)

    def look(self, run: Run) -> None:
        """Tell what is new."""
        try:
            found, fault = self._attempts.now(), ""
        except (BotoCoreError, ClientError) as error:  # the run goes on without being seen
            found, fault = [], " ".join(str(error).split())
        if not self._begun:
            self._view.began(STARTING, run.started)
            self._begun = True
        for title, one in zip(titles(found), found, strict=True):
            if one.arn not in self._told:
                self._next(title, one)
            if one.arn == self._told[-1]:
                self._tell(one, run)
        if fault:
            self._view.now(f"cannot be seen: {fault}", "")
        if run.status != RUNNING:
            self._view.ended(well=run.status == SUCCEEDED, at=self._last.ended if self._last else run.ended)

    def _next(self, title: str, attempt: Attempt) -> None:
        """Go over to another attempt, after the last word of the one before."""
        last = self._last
        self._view.ended(well=last is None or last.went_well, at=last.ended if last else attempt.began)
        self._told.append(attempt.arn)
        self._readings = Readings(
            self._workflow.client("logs"),
            self._workflow.settings.stream(attempt.id),
            self._workflow.settings.log_group,
        )
        self._view.began(title, attempt.began)

    def _tell(self, attempt: Attempt, run: Run) -> None:
        """Tell how an attempt is; that it is running goes without saying where it is known how far it is."""
        numbers = self._read(attempt)
        far = epochs.shown(self._readings.times, epochs.ordered(run)) if self._readings else ""
        status = "" if far and attempt.status == "RUNNING" else attempt.shown
        self._view.now(status, "  ".join(filter(None, [far, *(f"{name}={value}" for name, value in numbers.items())])))
        self._last = attempt

    def _read(self, attempt: Attempt) -> dict[str, str]:
        if self._readings is None or attempt.status not in {"RUNNING", "DEACTIVATING", "STOPPING", STOPPED}:
            return {}
        found = dict(self._readings.latest([*METRICS, epochs.WENT_ON_LINE]))
        found.pop(epochs.WENT_ON, None)
        if self._readings.fault != self._told_fault:
            self._told_fault = self._readings.fault
            if self._told_fault:
                err.print(f"the metrics cannot be read now: {self._told_fault}", markup=False)
        return found
