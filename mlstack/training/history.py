"""What a run has done so far, as Step Functions writes it down."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

PAGE = 100
TASK_ENTERED, TASK_SCHEDULED = "TaskStateEntered", "TaskScheduled"
TASK_FAILED = frozenset({"TaskFailed", "TaskSubmitFailed", "TaskTimedOut", "TaskStartFailed"})


class Work(StrEnum):
    """A job of SageMaker that a step waits for."""

    TRAINING = "TrainingJob"
    TUNING = "HyperParameterTuningJob"
    PROCESSING = "ProcessingJob"
    COMPILATION = "CompilationJob"
    TRANSFORM = "TransformJob"

    @classmethod
    def of(cls, resource: str) -> "Work | None":
        """What an operation such as createTrainingJob.sync is about; None where that is no job."""
        operation = resource.partition(".")[0]
        named = operation.removeprefix("create").removeprefix("describe")
        return next((one for one in cls if one.value == named), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step of a run, as its state is called."""

    name: str
    work: Work | None = None
    failed: bool = False
    """As far as it has come; it may be tried again."""


class History:
    """What is new since the last look."""

    def __init__(self, machines: "SFNClient", arn: str) -> None:
        self._machines = machines
        self._arn = arn
        self._seen = 0
        self._step: Step | None = None

    def news(self) -> list[Step]:
        """The steps that were begun, or of which more is known now, in their order."""
        steps: list[Step] = []
        for event in self._events():
            if event["type"] == TASK_ENTERED:
                self._step = Step(name=event["stateEnteredEventDetails"]["name"])
            elif event["type"] == TASK_SCHEDULED and self._step:
                work = Work.of(event["taskScheduledEventDetails"]["resource"])
                self._step = Step(name=self._step.name, work=work)
            elif event["type"] in TASK_FAILED and self._step:
                self._step = replace(self._step, failed=True)
            else:
                continue
            steps.append(self._step)
        return steps

    def _events(self) -> list[dict[str, Any]]:
        """The new events; asked for from the end, because a run that waits writes very many."""
        asked: dict[str, Any] = {
            "executionArn": self._arn,
            "reverseOrder": True,
            "maxResults": PAGE,
            "includeExecutionData": False,
        }
        found: dict[int, dict[str, Any]] = {}
        while True:
            page: Any = self._machines.get_execution_history(**asked)
            found |= {event["id"]: event for event in page["events"]}
            token = page.get("nextToken")
            if not token or any(number <= self._seen for number in found):
                break
            asked["nextToken"] = token
        new = sorted(number for number in found if number > self._seen)
        self._seen = max(new, default=self._seen)
        return [found[number] for number in new]
