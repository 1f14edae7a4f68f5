"""Answers to tasks that wait: taken once, refused when the task waits no more, and never taken for a later attempt."""

import json
from collections.abc import Callable
from threading import Lock
from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidOutput, InvalidToken, TaskTimedOut
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from mlstack.local.mend import replace

WAITS_NO_MORE = "Task Timed Out: 'Provided task does not exist anymore'"
_lock = Lock()


def mend() -> None:
    """Replace the three answers, and let every attempt of a task wait for a token of its own."""
    replace(StepFunctionsParserBackend, "send_task_success", _success)
    replace(StepFunctionsParserBackend, "send_task_failure", _failure)
    replace(StepFunctionsParserBackend, "send_task_heartbeat", _heartbeat)
    replace(StepFunctionResponse, "send_task_failure", _failure_response)
    moto_execution = StateTaskServiceCallback._eval_execution  # noqa: SLF001 - moto's only way

    def evaluate(self: StateTaskServiceCallback, env: Any) -> None:  # noqa: ANN401 - moto's environment
        task = env.states.context_object.context_object_data.get("Task")
        endpoint = env.callback_pool_manager.get(task["Token"]) if task else None
        if endpoint is not None and _closed(endpoint):
            env.callback_pool_manager.add(env.states.context_object.update_task_token())
        moto_execution(self, env)

    replace(StateTaskServiceCallback, "_eval_execution", evaluate)


def _success(self: StepFunctionsParserBackend, task_token: str, outcome: str) -> None:
    try:
        json.loads(outcome)
    except ValueError as error:
        message = f"Invalid Output: '{error}'"
        raise InvalidOutput(message) from error
    answer = CallbackOutcomeSuccess(callback_id=task_token, output=outcome)
    _tell(self, task_token, lambda endpoint: endpoint.notify(answer))


def _failure(
    self: StepFunctionsParserBackend, task_token: str, error: str | None = None, cause: str | None = None
) -> None:
    answer = CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
    _tell(self, task_token, lambda endpoint: endpoint.notify(answer))


def _heartbeat(self: StepFunctionsParserBackend, task_token: str) -> None:
    _tell(self, task_token, lambda endpoint: endpoint.notify_heartbeat())


def _failure_response(self: StepFunctionResponse) -> ActionResult:
    token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
    _failure(cast("StepFunctionsParserBackend", self.stepfunction_backend), token, error, cause)
    return EmptyResult()


def _tell(backend: StepFunctionsParserBackend, token: str, tell: Callable[[CallbackEndpoint], object]) -> None:
    for execution in backend._get_executions():  # noqa: SLF001 - moto's only way
        endpoint = execution.exec_worker.env.callback_pool_manager.get(token)
        if endpoint is None:
            continue
        with _lock:
            if execution.exec_status != ExecutionStatus.RUNNING or _closed(endpoint):
                raise TaskTimedOut(WAITS_NO_MORE)
            tell(endpoint)
        return
    raise InvalidToken


def _closed(endpoint: CallbackEndpoint) -> bool:
    """Whether the task that waits here was answered or waits no more."""
    return bool(endpoint._notify_event.is_set())  # noqa: SLF001 - moto has no public way
