"""How a run has ended: its model and what that is worth, or why there is none."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.ecs.last_words import last_lines, last_word
from mlstack.ecs.training.attempts import Attempts
from mlstack.ecs.training.workflow import Workflow
from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.training import shown
from mlstack.training.job import shown as number
from mlstack.training.models.report import ABSENT, Report
from mlstack.training.runs import STOPPED, SUCCEEDED, Run
from mlstack.vision.backfill.objects import SCHEME, Place
from mlstack.vision.backfill.shown import duration

RUNS = "ecs/runs/"
EVALUATION, FAILURE = "evaluation.json", "failure"
LONGEST_REASON = 1000
NO_LAST_WORD = "is where to continue from"
"""What a training says that was told to stop: for whoever holds its folder, and no reason of anything."""
FAULTS = (BotoCoreError, ClientError, UserError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a run."""

    run: Run
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Of its evaluation; where it had no test data, the last that its training said."""
    reason: str = ""
    """Why it failed, where it did."""
    fault: str = ""
    """Why not all of this could be looked up."""

    @classmethod
    def of(cls, workflow: Workflow, run: Run) -> Self:
        """Look it up; what cannot be had does not keep the rest from being shown."""
        found = Findings(workflow, run)
        if run.status == SUCCEEDED:
            return cls(run=run, metrics=found.metrics(), fault=found.fault)
        return cls(run=run, reason=found.reason(), fault=found.fault)

    @property
    def artifact(self) -> str:
        """Where the model lies."""
        return _artifact(self.run)

    def rows(self) -> Iterator[tuple[str, str]]:
        """The same for people."""
        yield "model", self.run.model
        yield "artifact", self.artifact
        for name, value in self.metrics.items():
            yield name, number(value)
        attempts = (self.run.output or {}).get("attempts")
        if attempts is not None:
            yield "attempts", str(attempts)
        if self.run.ended:
            yield "took", duration((self.run.ended - self.run.started).total_seconds())

    def machine(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            **shown.run_machine(self.run),
            "run": self.run.name,
            "does": "train",
            "metrics": dict(self.metrics) or None,
            "reason": self.reason or None,
        }


class Findings:
    """What S3, ECS and the log say of a run that has ended."""

    def __init__(self, workflow: Workflow, run: Run) -> None:
        self._workflow = workflow
        self._run = run
        self.fault = ""

    def metrics(self) -> Mapping[str, float]:
        """What the model is worth: by its evaluation, or by the last word of its training."""
        if found := self.evaluated():
            return found
        told = (_metrics(line) for line in reversed(self._last_lines()))
        return next((one for one in told if one), {})

    def evaluated(self) -> Mapping[str, float]:
        """What the model is worth by its evaluation; nothing where it has none."""
        folder = _artifact(self._run).rpartition("/")[0]
        try:
            uri = f"{folder}/{EVALUATION}"
            if folder and self._text(uri) is not None:
                return Report.fetch(self._workflow.client("s3"), uri).metrics
        except FAULTS as error:
            self._note(error)
        return {}

    def reason(self) -> str:
        """Why there is no model: in the training's own words, or ECS's, with its last line."""
        own, said = self.own_reason(), why(self._run)
        if own or self._run.status == STOPPED:  # what somebody stopped has no other reason
            return own or said
        last = last_word([line for line in self._last_lines() if NO_LAST_WORD not in line])
        return f"{said}; its last line: {last}" if last else said

    def own_reason(self) -> str:
        """Why the training failed in its own words; nothing where it left none, as what is stopped does."""
        if self._run.status == STOPPED:
            return ""
        uri = f"{SCHEME}{self._workflow.settings.models}/{RUNS}{self._run.name}/{FAILURE}"
        try:
            return printable(" ".join((self._text(uri) or "").split()))[:LONGEST_REASON]
        except FAULTS as error:
            self._note(error)
            return ""

    def _text(self, uri: str) -> str | None:
        """The beginning of an object; None where it is not there."""
        place = Place.of(uri)
        try:
            found = self._workflow.client("s3").get_object(Bucket=place.bucket, Key=place.path)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in ABSENT:
                raise
            return None
        text: bytes = found["Body"].read(LONGEST_REASON * 4)
        return text.decode(errors="replace")

    def _last_lines(self) -> list[str]:
        """The end of the last attempt's log; nothing where that is gone."""
        try:
            attempts = Attempts(self._workflow.client("ecs"), self._workflow.settings, self._run.name).now()
            if not attempts:
                return []
            settings = self._workflow.settings
            return last_lines(self._workflow.client("logs"), settings.log_group, settings.stream(attempts[-1].id))
        except FAULTS as error:
            self._note(error)
            return []

    def _note(self, error: Exception) -> None:
        self.fault = self.fault or " ".join(str(error).split())


def why(run: Run) -> str:
    """Why a run failed, in one line: ECS's description of a task is a page of JSON, and says it in three places."""
    task = _object(run.reason)
    if task is None:
        return shown.why(run)
    containers = [one for one in task.get("Containers") or () if isinstance(one, dict)]
    codes = [f"{one.get('Name')} ended with {one['ExitCode']}" for one in containers if one.get("ExitCode")]
    reasons = [str(one["Reason"]) for one in containers if one.get("Reason")]
    told = [str(task[key]) for key in ("StoppedReason", "reason", "Reason") if task.get(key)]
    return printable("; ".join(dict.fromkeys([*told, *codes, *reasons]))) or run.error or "it gives no reason"


def _artifact(run: Run) -> str:
    return str((run.output or {}).get("artifact") or "")


def _metrics(line: str) -> Mapping[str, float]:
    """The metrics in the last word of a training; nothing where a line is another."""
    told = (_object(line) or {}).get("metrics")
    if not isinstance(told, dict):
        return {}
    return {
        printable(str(name)): float(value)
        for name, value in told.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) else None
