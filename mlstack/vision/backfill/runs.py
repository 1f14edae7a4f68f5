"""The runs of a stage's backfill: start, look, stop, take up again. What a run did stays done, however it ended."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.errors import UserError
from mlstack.vision.backfill.plan import MANIFEST, PLAN, Plan, place
from mlstack.vision.backfill.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_stepfunctions.client import SFNClient

NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
RUNNING: Literal["RUNNING"] = "RUNNING"
SUCCEEDED = "SUCCEEDED"
NO_RUN = frozenset({"ExecutionDoesNotExist", "InvalidArn"})


def named(now: datetime, token: str) -> str:
    """A run's name: when, and something that no other has."""
    return f"bf-{now:%Y%m%d-%H%M%S}-{token}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many batches came to which end."""

    total: int = 0
    done: int = 0
    failed: int = 0
    """Or timed out; those that a stop cut off are just not done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One execution of the stage's backfill."""

    name: str
    arn: str
    status: str
    started: datetime
    plan: Plan | None
    """None where a person started it without mlstack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """All of them."""

    machines: "SFNClient"
    s3: "S3Client"
    stage: Stage

    @classmethod
    def of(cls, stage: Stage) -> Self:
        """Those of a deployed stage."""
        client = stage.target.account.client
        return cls(machines=client("stepfunctions"), s3=client("s3"), stage=stage)

    def keep(self, plan: Plan) -> None:
        """Write a plan beside its manifest."""
        there = place(self.stage.results_bucket, plan.name, PLAN)
        self.s3.put_object(Bucket=there.bucket, Key=there.path, Body=json.dumps(asdict(plan)).encode())

    def start(self, plan: Plan, name: str) -> str:
        """Start a run over a plan's manifest and return its ARN; raise UserError where that fails."""
        told = {
            "manifest": place(self.stage.results_bucket, plan.name, MANIFEST).path,
            "analyses": plan.analyses,
            "plan": asdict(plan),
        }
        try:
            return self.machines.start_execution(
                stateMachineArn=self.stage.state_machine, name=name, input=json.dumps(told)
            )["executionArn"]
        except (BotoCoreError, ClientError) as error:
            message = (
                f"the backfill was not started ({' '.join(str(error).split())}), but its manifest is kept; "
                f"run `mlstack vision backfills resume {plan.name}`"
            )
            raise UserError(message) from error

    def find(self, name: str) -> Run | None:
        """The run of a name, where AWS still remembers it; raise UserError for what cannot be a name."""
        if not NAME.fullmatch(name):
            message = f"{name!r} is no name of a backfill; see `mlstack vision backfills list`"
            raise UserError(message)
        arn = f"{self.stage.state_machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            told = self.machines.describe_execution(executionArn=arn)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NO_RUN:
                return None
            raise
        return Run(
            name=told["name"],
            arn=arn,
            status=told["status"],
            started=told["startDate"],
            plan=_plan(told.get("input", "")),
        )

    def latest(self, most: int) -> Iterator[Run]:
        """The latest runs, newest first."""
        answer = self.machines.list_executions(stateMachineArn=self.stage.state_machine, maxResults=most)
        for one in answer["executions"]:
            if found := self.find(one["name"]):
                yield found

    def plan(self, name: str) -> Plan:
        """The plan of a run, or of a manifest whose run never started; raise UserError where there is neither."""
        found = self.find(name)
        if found and found.plan:
            return found.plan
        try:
            there = place(self.stage.results_bucket, name, PLAN)
            answer = self.s3.get_object(Bucket=there.bucket, Key=there.path)
            return Plan.of(json.loads(answer["Body"].read()))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in {"NoSuchKey", "404"}:
                raise
            message = f"{self.stage.target.shown} has no backfill {name}; see `mlstack vision backfills list`"
            raise UserError(message) from error
        except (KeyError, TypeError, ValueError) as error:
            message = f"the plan of {name} is damaged; start a new backfill with `mlstack vision backfill`"
            raise UserError(message) from error

    def running_over(self, plan: Plan) -> Run | None:
        """The run that works on a plan's manifest now, if one does."""
        pages = self.machines.get_paginator("list_executions").paginate(
            stateMachineArn=self.stage.state_machine, statusFilter=RUNNING
        )
        runs = (self.find(one["name"]) for page in pages for one in page["executions"])
        return next((run for run in runs if run and run.plan and run.plan.name == plan.name), None)

    def stop(self, run: Run) -> None:
        """End a run; the batches that are being worked on are finished."""
        self.machines.stop_execution(executionArn=run.arn, cause="mlstack vision backfills stop")

    def progress(self, arn: str) -> Progress:
        """How far a run is."""
        maps = self.machines.list_map_runs(executionArn=arn)["mapRuns"]
        if not maps:
            return Progress()
        counts = self.machines.describe_map_run(mapRunArn=maps[0]["mapRunArn"])["itemCounts"]
        return Progress(
            total=counts["total"],
            done=counts["succeeded"],
            failed=counts["failed"] + counts["timedOut"],
        )


def _plan(text: str) -> Plan | None:
    try:
        return Plan.of(json.loads(text)["plan"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
