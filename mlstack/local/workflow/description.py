"""How Step Functions tells of an execution: with its end, however it ended; moto forgets that at a timeout."""

from collections.abc import Callable
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from mlstack.local.mend import replace

Said = dict[str, Any]


def mend() -> None:
    """Add the end where it is missing, to one execution and to the list of them."""
    moto_describe, moto_list = StepFunctionResponse.describe_execution, StepFunctionResponse.list_executions

    def describe_execution(self: StepFunctionResponse) -> ActionResult:
        return _with_end(self, moto_describe(self), lambda said: [said])

    def list_executions(self: StepFunctionResponse) -> ActionResult:
        return _with_end(self, moto_list(self), lambda said: said["executions"])

    replace(StepFunctionResponse, "describe_execution", describe_execution)
    replace(StepFunctionResponse, "list_executions", list_executions)


def _with_end(
    response: StepFunctionResponse, answer: ActionResult, listed: Callable[[Said], list[Said]]
) -> ActionResult:
    for said in listed(cast("Said", answer.result)):
        ended = response.stepfunction_backend.describe_execution(said["executionArn"]).stop_date
        if ended is not None:
            said["stopDate"] = ended
    return answer
