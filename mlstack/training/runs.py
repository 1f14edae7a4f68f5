"""The runs of a stage's training workflow: start, find, list, stop."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.target import Target
from mlstack.text import printable
from mlstack.training.stage import Json
from shared.training_run import job_name

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
MODEL_LETTERS = 80 - len("-20261122-093000-3fa9")
RUNNING: Literal["RUNNING"] = "RUNNING"
SUCCEEDED = "SUCCEEDED"
STOPPED = "ABORTED"
NO_RUN = frozenset({"ExecutionDoesNotExist", "InvalidArn"})
SHOWN = 20


class Workflow(Protocol):
    """A deployed state machine whose executions are runs."""

    @property
    def target(self) -> Target:
        """Where."""
        ...

    @property
    def state_machine(self) -> str:
        """Its ARN."""
        ...

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """The client of a service by its boto3 name."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Commands:
    """What a person types to look after the runs of a workflow."""

    listing: str = "models runs"
    follow: str = "models follow"
    stop: str = "models stop"


ON_SAGEMAKER = Commands()


def named(model: str, now: datetime, token: str) -> str:
    """A run's name: of what, when, and something that no other has."""
    return f"{re.sub(r'[^A-Za-z0-9_-]', '-', model)[:MODEL_LETTERS]}-{now:%Y%m%d-%H%M%S}-{token}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of the workflow."""

    name: str
    arn: str
    status: str
    started: datetime
    ended: datetime | None = None
    request: Json
    output: Json | None = None
    """What came of it, where it succeeded."""
    error: str = ""
    reason: str = ""
    """Why it failed, in one line."""

    @property
    def state(self) -> str:
        """How it stands, in words: what a person stopped is stopped, in Step Functions' words aborted."""
        return "stopped" if self.status == STOPPED else self.status.lower().replace("_", " ")

    @property
    def model(self) -> str:
        """Of which model."""
        return str(self.request.get("model", ""))

    @property
    def way(self) -> str:
        """What it does."""
        return next((way for way in ("train", "tune", "compile", "transform", "deploy") if way in self.request), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """All of them."""

    machines: "SFNClient"
    stage: Workflow
    commands: Commands = ON_SAGEMAKER

    @classmethod
    def of(cls, stage: Workflow, commands: Commands = ON_SAGEMAKER) -> Self:
        """Those of a deployed stage."""
        return cls(machines=stage.client("stepfunctions"), stage=stage, commands=commands)

    @property
    def list_command(self) -> str:
        """What shows them all, as a person types it."""
        return self.stage.target.command(self.commands.listing)

    def start(self, request: Json, name: str) -> Run:
        """Start a run."""
        answer = self.machines.start_execution(
            stateMachineArn=self.stage.state_machine, name=name, input=json.dumps(request)
        )
        return Run(name=name, arn=answer["executionArn"], status=RUNNING, started=answer["startDate"], request=request)

    def arn(self, name: str) -> str:
        """The ARN of the run of a name; raise UserError for what cannot be one."""
        if not NAME.fullmatch(name):
            message = f"{name!r} is no name of a run; see `{self.list_command}`"
            raise UserError(message)
        return f"{self.stage.state_machine.replace(':stateMachine:', ':execution:')}:{name}"

    def find(self, name: str) -> Run | None:
        """The run of a name, where AWS still remembers it."""
        try:
            told: Any = self.machines.describe_execution(executionArn=self.arn(name))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NO_RUN:
                return None
            raise
        return Run(
            name=told["name"],
            arn=told["executionArn"],
            status=told["status"],
            started=told["startDate"],
            ended=told.get("stopDate"),
            request=_object(told.get("input")) or {},
            output=_outcome(told.get("output")),
            error=printable(told.get("error") or ""),
            reason=printable(" ".join((told.get("cause") or "").split())),
        )

    def require(self, name: str) -> Run:
        """The run of a name; raise UserError where there is none."""
        found = self.find(name)
        if found is None:
            message = f"{self.stage.target.shown} has no run {name}; see `{self.list_command}`"
            raise UserError(message)
        return found

    def names(self, most: int) -> list[str]:
        """The names of the latest runs, newest first."""
        answer = self.machines.list_executions(stateMachineArn=self.stage.state_machine, maxResults=most)
        return [one["name"] for one in answer["executions"][:most]]

    def latest(self, most: int = SHOWN) -> Iterator[Run]:
        """The latest runs, newest first."""
        for name in self.names(most):
            if found := self.find(name):
                yield found

    def stop(self, run: Run) -> None:
        """End a run; the workflow stops its jobs."""
        cause = f"somebody stopped it with `mlstack {self.commands.stop}`"
        self.machines.stop_execution(executionArn=run.arn, cause=cause)

    def job(self, run: Run) -> str:
        """The name of each job of a run."""
        return job_name(self.stage.target.stage, run.name)


def _outcome(text: str | None) -> Json | None:
    """What came of a run, with the version's number, which its ARN ends in."""
    found = _object(text)
    if found is None:
        return None
    number = str(found.get("package_arn") or "").rpartition("/")[2]
    return {"version": int(number) if number.isdecimal() else None, **found}


def _object(text: str | None) -> Json | None:
    """An object of JSON; None where it is something else."""
    try:
        found = json.loads(text or "")
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) else None
