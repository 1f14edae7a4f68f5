"""A task of an optimised integration that waits for what it began: how it fails, and how it is silent once stopped."""

from contextlib import suppress
from typing import Any, cast

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ResourceRuntimePart,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from mlstack.local import service_model

FAILED = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
RUNTIME = StatesErrorName(typ=StatesErrorNameType.StatesRuntime)
Json = dict[str, Any]


class TaskStoppedError(Exception):
    """The execution was stopped, or the task ran out of time, before what it waited for had ended."""


class WaitingTask(StateTaskServiceCallback):
    """A task that calls a service and, with ``.sync``, waits for the end of what the call began."""

    actions: frozenset[str]
    """The operations that the integration has."""
    awaited: frozenset[str]
    """Those that ``.sync`` waits for."""
    names: tuple[str, str, str]
    """The service as botocore, as an error's name and as the Java SDK calls it."""

    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={cast("ResourceCondition", ResourceCondition.Sync)})

    def _validate_service_integration_is_supported(self) -> None:
        action, pattern = self.resource.api_action, self.resource.condition
        supported = {None, ResourceCondition.Sync} if action in self.awaited else {None}
        if action not in self.actions or pattern not in supported:
            message = (
                f"The resource provided {self.resource.resource_arn} is not recognized. The value is not a valid "
                "resource ARN, or the resource is not available in this region."
            )
            raise ValueError(message)

    def _refuse_field(self, env: Environment, unknown: str) -> None:
        if unknown:
            raise self._failure(env, RUNTIME, f'The field "{unknown}" is not supported by Step Functions')

    def _after_eval_execution(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        with suppress(TaskStoppedError):  # nobody is there any more to hear of an end
            super()._after_eval_execution(env, resource_runtime_part, normalised_parameters, state_credentials)

    def _failure(self, env: Environment, error: ErrorName, cause: str) -> FailureEventException:
        return FailureEventException(self._failure_event(env, error, cause))

    def _failure_event(self, env: Environment, error: ErrorName, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            error=error.error_name,
            cause=cause,
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
        )
        return FailureEvent(
            env=env,
            error_name=error,
            event_type=HistoryEventType.TaskFailed,
            event_details=cast("EventDetails", {"taskFailedEventDetails": details}),  # one of its many keys, always
        )

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            error, cause = refusal(ex, *self.names)
            return self._failure_event(env, CustomErrorName(error_name=error), cause)
        return super()._from_error(env=env, ex=ex)


def refusal(error: ClientError, service: str, name: str, sdk: str) -> tuple[str, str]:
    """Error and Cause as the Java SDK, which the integration is made of, has them: what the model lacks is general."""
    said, about = error.response["Error"], error.response["ResponseMetadata"]
    code = said["Code"]
    modelled = {shape.name for shape in service_model.model(service).error_shapes}
    whole = f"{code.removesuffix('Exception')}Exception"
    details = (
        f"Service: {sdk}; Status Code: {about['HTTPStatusCode']}; Error Code: {code}; "
        f"Request ID: {about.get('RequestId', '')}; Proxy: null"
    )
    is_known = bool({code, whole} & modelled)
    return f"{name}.{whole if is_known else f'{sdk}Exception'}", f"{said['Message']} ({details})"
