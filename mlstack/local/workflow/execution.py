"""An execution's life: named where nobody named it, stopped at once, and gone with its state machine."""

import time
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, ServiceException
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from mlstack.local.mend import replace

PATIENCE_S = 5.0


def mend() -> None:
    """Replace how executions begin and end."""
    moto_environment = ExecutionWorker._get_evaluation_environment  # noqa: SLF001 - moto's only way
    moto_start = StepFunctionsParserBackend.start_execution
    moto_delete = StepFunctionsParserBackend.delete_state_machine
    moto_reflect = BaseExecutionWorkerCommunication._reflect_execution_status  # noqa: SLF001 - moto's only way
    moto_error = Environment.set_error

    def environment(self: ExecutionWorker) -> Environment:
        return self.env or moto_environment(self)

    def start_execution(
        self: StepFunctionsParserBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Execution:
        if name:
            self._validate_name(name)
        return moto_start(self, state_machine_arn, name or str(uuid4()), execution_input or "{}", trace_header)

    def delete_state_machine(self: StepFunctionsParserBackend, arn: str) -> None:
        for machine in list(self.state_machines):
            for execution in machine.executions if machine.arn == arn else ():
                stop(execution, datetime.now(UTC), None, "the state machine was deleted")
        moto_delete(self, arn)

    def reflect(self: BaseExecutionWorkerCommunication) -> None:
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            moto_reflect(self)

    def set_error(self: Environment, error: Any) -> None:  # noqa: ANN401 - moto's own
        if not isinstance(self._program_state, ProgramStopped):
            moto_error(self, error)

    for error in ServiceException.__subclasses__():
        error.TYPE = error.code  # moto answers the interpreter's own errors without their name
    replace(ExecutionWorker, "_get_evaluation_environment", environment)
    replace(ExecutionWorker, "start", _begin)
    replace(StepFunctionsParserBackend, "start_execution", start_execution)
    replace(StepFunctionsParserBackend, "delete_state_machine", delete_state_machine)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect)
    replace(Environment, "set_error", set_error)
    replace(Execution, "stop", stop)
    replace(StepFunctionResponse, "stop_execution", _stop_execution)


def _begin(self: ExecutionWorker) -> None:
    """Start the thread with everything in place that other requests look at; moto makes it inside the thread."""
    self.env = self._get_evaluation_environment()
    Thread(target=self._execution_logic, name="execution", daemon=True).start()


def stop(self: Execution, stop_date: datetime, error: str | None, cause: str | None) -> None:
    """Abort a running execution now, whatever it waits for; moto waits until its task has ended."""
    if self.exec_status != ExecutionStatus.RUNNING or self.exec_worker is None:
        return
    env = self.exec_worker.env
    deadline = time.monotonic() + PATIENCE_S
    while env.program_state() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    env.set_stop(stop_date=stop_date, cause=cause, error=error)
    self.exec_status, self.stop_date = ExecutionStatus.ABORTED, stop_date
    self.error, self.cause = error, cause
    for endpoint in list(env.callback_pool_manager._pool.values()):  # noqa: SLF001 - moto has no list of them
        endpoint.interrupt_all()


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    error, cause = self._get_param("error"), self._get_param("cause")
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    execution.stop(datetime.now(UTC), error, cause)
    return ActionResult({"stopDate": execution.stop_date})
