"""The news that an execution of the training workflow ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training_outcome.execution import ABORTED, FAILED, SUCCEEDED, TIMED_OUT, Execution
from training_outcome.news import News, line_of

FINISHED, BROKEN = "Training Workflow Finished", "Training Workflow Failed"
HOW = {FAILED: "failed", ABORTED: "was stopped", TIMED_OUT: "took longer than it may and was stopped"}
KEPT = (
    *("job", "path", "package_arn", "approval", "artifacts", "metric", "value"),
    *("report", "compiled", "endpoint", "transformed"),
)
"""What an event repeats of a successful execution's output."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that an execution left running, and what became of it."""

    words: str
    name: str
    problem: str | None = None
    """Why it could not be ended; None where it was."""
    mend: str = ""
    """The command by which a person ends it."""

    @property
    def thing(self) -> str:
        """What it is, with its name."""
        return f"{self.words} {self.name}"


def news(stage: str, execution: Execution, left: Sequence[Left]) -> News:
    """What is told of it."""
    finished = execution.status == SUCCEEDED
    how = "finished" if finished else HOW.get(execution.status, "ended")
    why = _why(execution)
    sentences = [f"The training workflow of {line_of(execution.model)} in stage {stage} {how}{why}."]
    sentences += _made(stage, execution) if finished else _left(left)
    sentences.append(f"The execution is {execution.name}.")
    return News(
        key=f"{execution.arn}#{execution.status}#{execution.ended}",
        kind=FINISHED if finished else BROKEN,
        subject=f"mlstack {stage}: {_subject(execution, how)}",
        text=" ".join(sentences),
        detail=_detail(stage, execution, left),
    )


def _why(execution: Execution) -> str:
    parts = [line_of(part) for part in (execution.error, execution.cause) if part.strip()]
    return f": {': '.join(parts).rstrip('.')}" if parts and execution.status != SUCCEEDED else ""


def _subject(execution: Execution, how: str) -> str:
    version = f" version {execution.version}" if execution.version is not None else ""
    if execution.status == SUCCEEDED:
        return f"{execution.model}{version} {'waits for approval' if execution.waits else how}"
    error = f": {execution.error}" if execution.status == FAILED and execution.error else ""
    return f"{execution.model} {how}{error}"


def _made(stage: str, execution: Execution) -> list[str]:
    made, said = execution.output, []
    if made.get("metric") and made.get("value") is not None:
        said.append(f"Its {made['metric']} is {_number(made['value'])}.")
    if execution.waits:
        approve = f"mlstack models approve {execution.model} {execution.version} --stage {stage}"
        said.append(f"Version {execution.version} waits for approval: `{approve}`.")
    elif execution.version is not None:
        said.append(f"It is version {execution.version}.")
    if made.get("compiled"):
        said.append(f"The compiled model is {made['compiled']}.")
    if made.get("endpoint"):
        said.append(f"Endpoint {made['endpoint']} serves it.")
    if made.get("transformed"):
        said.append(f"The batch's answers are under {made['transformed']}.")
    return [line_of(sentence) for sentence in said]


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else str(value)


def _short(value: object) -> object:
    return line_of(value) if isinstance(value, str) else value if isinstance(value, int | float) else None


def _left(left: Sequence[Left]) -> list[str]:
    ended = [one.thing for one in left if one.problem is None]
    said = [f"What it left running was stopped: {', '.join(ended)}."] if ended else []
    failed = [(one, line_of(one.problem)) for one in left if one.problem is not None]
    return said + [f"The {one.thing} could not be ended ({why}): end it with `{one.mend}`." for one, why in failed]


def _detail(stage: str, execution: Execution, left: Sequence[Left]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "stage": stage,
        "model": execution.model,
        "status": execution.status,
        "execution": execution.name,
        "execution_arn": execution.arn,
    }
    if execution.status == SUCCEEDED:
        kept = {name: _short(execution.output.get(name)) for name in KEPT}
        return said | kept | {"version": execution.version}
    return said | {
        "error": line_of(execution.error) or None,
        "reason": line_of(execution.cause) or None,
        "stopped": [one.thing for one in left if one.problem is None],
        "not_stopped": [one.thing for one in left if one.problem is not None],
    }
