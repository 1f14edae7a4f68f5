"""Step Functions Execution Status Change: a standard execution's start and its end, as EventBridge hears of them.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html has the fields and examples.
"""

from typing import Any

from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import Execution

from mlstack.local import event_sending
from mlstack.local.workflow.task_output import milliseconds

REDRIVABLE = frozenset({"ABORTED", "FAILED", "TIMED_OUT"})


def tell(execution: Execution) -> None:
    """Send what an execution's status is now."""
    if execution.sm_type == StateMachineType.STANDARD:
        event = event_sending.service_event(
            execution.exec_arn, "aws.states", "Step Functions Execution Status Change", detail(execution)
        )
        event_sending.send(event)


def detail(execution: Execution) -> dict[str, Any]:
    """The event's detail; input and output are left out where they are too long for an event."""
    status = str(execution.status)
    given = str(execution.execution_input)
    came = _text(execution.output) if status == "SUCCEEDED" else None
    shown_output = event_sending.fitting(came)
    shown_input = event_sending.fitting(given, besides=[came])
    redrivable = status in REDRIVABLE
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": status,
        "startDate": milliseconds(execution.start_date),
        "stopDate": milliseconds(execution.stop_date) if execution.stop_date else None,
        "input": shown_input,
        "inputDetails": {"included": shown_input is not None},
        "output": shown_output,
        "outputDetails": None if came is None else {"included": shown_output is not None},
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "REDRIVABLE" if redrivable else "NOT_REDRIVABLE",
        "redriveStatusReason": f"Execution is {status} and {'is redrivable' if redrivable else 'cannot be redriven'}",
        "error": execution.error,
        "cause": execution.cause,
    }


def _text(output: Any) -> str:  # noqa: ANN401 - text already, or JSON
    return output if isinstance(output, str) else to_json_str(output)
