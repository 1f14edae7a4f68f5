"""The plan of a request, made by the workflow's own function: what it refuses here, it would refuse there."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Any, Self

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.text import counted, printable
from mlstack.training.stage import Json, Stage

REQUEST_ERROR = "RequestError"
OPTIONS = {
    "algorithm": "--algorithm",
    "approval": "--approve",
    "compile": "--compile",
    "data": "--data",
    "data.pretrained": "--pretrained",
    "data.test": "--test",
    "data.validation": "--validation",
    "deploy": "--deploy",
    "gate": "--gate",
    "hyperparameters": "--set",
    "instance_type": "--instance",
    "instances": "--instances",
    "max_jobs": "--jobs",
    "max_run_minutes": "--max-minutes",
    "objective": "--objective",
    "parallel_jobs": "--parallel",
    "price": "--max-minutes, --instances, --instance",
    "ranges": "--range and --choice",
    "strategy": "--strategy",
}
"""Which option says what stands at a place of a request."""
COMMAND = re.compile(r"`mlstack ([^`]+)`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one step of a plan costs."""

    step: str
    what: str
    usd_per_hour: Decimal | None
    at_most_usd: Decimal | None
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What would be done, at what price."""

    job: str
    """The name of each job of the run."""
    steps: Sequence[Step]
    at_most_usd: Decimal | None
    """The dearest outcome; None where it is not known."""
    warnings: Sequence[str]
    raw: Json
    """All of it."""

    @classmethod
    def read(cls, told: Json) -> Self:
        """Read the function's answer; raise KeyError, TypeError or ValueError where it is something else."""
        price: Mapping[str, Any] = told["price"]
        return cls(
            job=told["job"],
            steps=[
                Step(
                    step=one["step"],
                    what=one["what"],
                    usd_per_hour=_usd(one.get("usd_per_hour")),
                    at_most_usd=_usd(one.get("at_most_usd")),
                    note=one.get("note") or "",
                )
                for one in price["steps"]
            ],
            at_most_usd=_usd(price["at_most_usd"]),
            warnings=list(told.get("warnings") or ()),
            raw=told,
        )

    @property
    def machine(self) -> dict[str, Any]:
        """The same for machines."""
        return {"job": self.job, "price": self.raw["price"], "warnings": list(self.warnings)}


def make(stage: Stage, request: Json, execution: str, *, options: bool = True) -> Plan:
    """Have a request planned; raise UserError where the function refuses it, after saying each problem.

    A problem names the option that it is about, unless there are no ``options`` to name.
    """
    asked = json.dumps({"request": request, "execution": execution}).encode()
    answer = stage.client("lambda").invoke(FunctionName=stage.request_function, Payload=asked)
    said = answer["Payload"].read()
    try:
        told = json.loads(said)
        if "FunctionError" in answer:
            raise _refusal(stage, told, request if options else None)
        return Plan.read(told)
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        message = (
            f"function {stage.request_function} answered what is no plan ({error!r}); "
            "deploy the stage with the same version of mlstack"
        )
        raise UserError(message) from error


def shown_usd(amount: Decimal) -> str:
    """An amount of money, never shown lower than it is."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_UP):,}"


def _usd(text: object) -> Decimal | None:
    return None if text is None else Decimal(str(text))


def _refusal(stage: Stage, told: Json, request: Json | None) -> UserError:
    """What the function said against a request; all but the last problem are said at once."""
    kind, said = told.get("errorType", ""), str(told.get("errorMessage", ""))
    if kind != REQUEST_ERROR:
        why = printable(" ".join(f"{kind}: {said}".split()))
        log = f"/aws/lambda/{stage.request_function}"
        return UserError(f"the request could not be planned ({why}); its log group {log} says more")
    lines = [_with_stage(printable(line.strip()), stage) for line in said.splitlines() if line.strip()]
    return refusal(lines if request is None else [_with_option(line, request) for line in lines])


def refusal(problems: Sequence[str]) -> UserError:
    """What is wrong with an order; where it is several things, each is said at once."""
    if len(problems) < 2:  # noqa: PLR2004 - one is an error as any other
        return UserError("".join(problems) or "the request was refused without a reason; deploy the stage again")
    for problem in problems:
        err.print(f"- {problem}", markup=False)
    return UserError(f"nothing was started, because of {counted(len(problems), 'problem')}; mend them and run it again")


def _with_stage(problem: str, stage: Stage) -> str:
    """A problem whose commands are for the stage that was asked."""
    return COMMAND.sub(lambda found: f"`{stage.target.command(found[1])}`", problem)


def _with_option(problem: str, request: Json) -> str:
    """A problem with the option that said what it is about."""
    place, colon, _ = problem.partition(": ")
    way, _, rest = place.partition(".")
    path = rest if way in {"train", "tune"} & request.keys() else place
    while colon and path:
        if path in OPTIONS:
            return f"{problem} ({OPTIONS[path]})"
        path = path.rpartition(".")[0]
    return problem
