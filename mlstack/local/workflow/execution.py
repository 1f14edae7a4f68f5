"""An execution's life: named where nobody named it, stopped at once, and gone with its state machine."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramState,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from mlstack.local.mend import replace
from mlstack.local.workflow import status_event
from mlstack.local.workflow.task_output import plain

PATIENCE_S = 5.0
ENDS: dict[type, ExecutionStatus] = {
    ProgramEnded: ExecutionStatus.SUCCEEDED,
    ProgramError: ExecutionStatus.FAILED,
    ProgramStopped: ExecutionStatus.ABORTED,
    ProgramTimedOut: ExecutionStatus.TIMED_OUT,
}
_starting = Lock()
_ending = Lock()


def mend() -> None:
    """Replace how executions begin and end."""
    for error in AWSError.__subclasses__():
        if error.__module__ == api.__name__:
            error.TYPE = str(error.code)  # moto answers the interpreter's own errors without their name
    _mend_beginning()
    _mend_end()
    replace(Execution, "stop", stop)
    replace(StepFunctionResponse, "stop_execution", _stop_execution)


def _mend_beginning() -> None:
    moto_environment = ExecutionWorker._get_evaluation_environment  # noqa: SLF001 - moto's only way
    moto_start = StepFunctionsParserBackend.start_execution

    def environment(self: ExecutionWorker) -> Environment:
        return self.env or _with_text(moto_environment(self))

    def start_execution(
        self: StepFunctionsParserBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str = "",
    ) -> Execution:
        if name:
            self._validate_name(name)
        with _starting:  # a name is taken once, however many ask for it
            return moto_start(self, state_machine_arn, name or str(uuid4()), execution_input or "{}", trace_header)

    replace(Execution, "__init__", _whole(Execution.__init__))
    replace(Execution, "start", _begin)
    replace(ExecutionWorker, "_get_evaluation_environment", environment)
    replace(StepFunctionsParserBackend, "start_execution", start_execution)


def _with_text(env: Environment) -> Environment:
    """With the time of its start as a state machine reads it: text."""
    said = env.states.context_object.context_object_data["Execution"]
    said["StartTime"] = plain(said["StartTime"])
    return env


def _whole(moto_init: Callable[..., None]) -> Callable[..., None]:
    """An execution that has everything that other requests look at; moto adds it later, inside its thread."""

    @wraps(moto_init)
    def init(self: Execution, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - moto's own
        moto_init(self, *arguments, **named)
        self.exec_status = ExecutionStatus.RUNNING
        self.exec_worker = self._get_start_execution_worker()
        self.exec_worker.env = self.exec_worker._get_evaluation_environment()  # noqa: SLF001 - moto's only way

    return init


def _begin(self: Execution) -> None:
    status_event.tell(self)
    worker: Any = self.exec_worker  # moto's own, without types
    worker.start()


def _mend_end() -> None:
    moto_delete = StepFunctionsParserBackend.delete_state_machine
    moto_error = Environment.set_error

    def delete_state_machine(self: StepFunctionsParserBackend, arn: str) -> None:
        for machine in list(self.state_machines):
            for execution in machine.executions if machine.arn == arn else ():
                execution.stop(datetime.now(UTC), None, "the state machine was deleted")
        moto_delete(self, arn)

    def set_error(self: Environment, error: Any) -> None:  # noqa: ANN401 - moto's own
        if not isinstance(self._program_state, ProgramStopped):
            moto_error(self, error)

    replace(StepFunctionsParserBackend, "delete_state_machine", delete_state_machine)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", _reflect)
    replace(Environment, "set_error", set_error)


def _reflect(self: Any) -> None:  # noqa: ANN401 - moto's types are only half there
    """Take over how the program ended; the status last, because whoever sees it reads the rest."""
    execution = self.execution
    state = execution.exec_worker.env.program_state()
    with _ending:
        if execution.exec_status == ExecutionStatus.RUNNING:
            _end(execution, state)
            status_event.tell(execution)


def _end(execution: Any, state: ProgramState) -> None:  # noqa: ANN401 - moto's types are only half there
    execution.stop_date = datetime.now(UTC)
    if isinstance(state, ProgramError):
        error = state.error or {}
        execution.error, execution.cause = error.get("error"), error.get("cause")
    elif isinstance(state, ProgramEnded):
        execution.output = to_json_str(execution.exec_worker.env.states.get_input())
    elif isinstance(state, ProgramTimedOut):
        execution.error = "States.Timeout"
    execution.exec_status = ENDS[type(state)]


def _ended(execution: Execution) -> bool:
    return execution.exec_status != ExecutionStatus.RUNNING


def stop(self: Execution, stop_date: datetime, error: str | None, cause: str | None) -> None:
    """Abort a running execution now, whatever it waits for; moto waits until its task has ended."""
    env = self.exec_worker.env if self.exec_worker else None
    if _ended(self) or env is None:
        return
    deadline = time.monotonic() + PATIENCE_S
    while env.program_state() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    env.set_stop(stop_date=stop_date, cause=cause, error=error)
    with _ending:
        if _ended(self):
            return
        self.error, self.cause, self.stop_date = error, cause, stop_date
        self.exec_status = ExecutionStatus.ABORTED
        status_event.tell(self)
    for endpoint in list(env.callback_pool_manager._pool.values()):  # noqa: SLF001 - moto has no list of them
        endpoint.interrupt_all()


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    error, cause = self._get_param("error"), self._get_param("cause")
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    execution.stop(datetime.now(UTC), error, cause)
    return ActionResult({"stopDate": execution.stop_date})
