"""The optimised integration of SageMaker: a job is waited for, its end is the task's, and a stopped task stops its job.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html lists the actions and the names of errors.
"""

import json
import time
from contextlib import suppress
from typing import Any, cast

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ResourceRuntimePart,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory import (
    state_task_service_for,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.utils import camel_to_snake_case

from mlstack.local import service_model
from mlstack.local.mend import replace
from mlstack.local.workflow.task_output import milliseconds, plain

STEP_S = 0.2
ENDED = frozenset({"Completed", "Failed", "Stopped"})
JOBS = {
    "createHyperParameterTuningJob": "HyperParameterTuningJob",
    "createProcessingJob": "ProcessingJob",
    "createTrainingJob": "TrainingJob",
    "createTransformJob": "TransformJob",
}
ACTIONS = frozenset({"createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint", *JOBS})
FAILED = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
RUNTIME = StatesErrorName(typ=StatesErrorNameType.StatesRuntime)
Json = dict[str, Any]


class TaskStoppedError(Exception):
    """The execution was stopped, or the task ran out of time, before the job had ended."""


def mend() -> None:
    """Take the place of moto's task, which warns, forwards the call and knows no ``.sync``."""

    def service(service_name: str) -> StateTaskService:
        return SageMakerTask() if service_name == "sagemaker" else state_task_service_for(service_name)

    replace(state_task_factory, "state_task_service_for", service)


class SageMakerTask(StateTaskServiceCallback):
    """A task that calls SageMaker and, with ``.sync``, waits for the job's end."""

    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={cast("ResourceCondition", ResourceCondition.Sync)})

    def _validate_service_integration_is_supported(self) -> None:
        action, pattern = self.resource.api_action, self.resource.condition
        supported = {None, ResourceCondition.Sync} if action in JOBS else {None}
        if action not in ACTIONS or pattern not in supported:
            message = (
                f"The resource provided {self.resource.resource_arn} is not recognized. The value is not a valid "
                "resource ARN, or the resource is not available in this region."
            )
            raise ValueError(message)

    def _eval_service_task(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        action = self.resource.api_action
        unknown = service_model.unknown_field("sagemaker", action[0].upper() + action[1:], normalised_parameters)
        if unknown:
            cause = f'The field "{unknown}" is not supported by Step Functions'
            raise self._failure(env, RUNTIME, cause)
        client = boto_client_for(resource_runtime_part.region, "sagemaker", state_credentials)
        said = getattr(client, camel_to_snake_case(action))(**normalised_parameters)
        env.stack.append(_told(said))

    def _eval_integration_pattern(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        kind = JOBS[self.resource.api_action]
        client = boto_client_for(resource_runtime_part.region, "sagemaker", state_credentials)
        named = {f"{kind}Name": normalised_parameters[f"{kind}Name"]}
        said = _waited(client, kind, named, env)
        if said is None:
            with suppress(ClientError):  # it may have ended by itself
                _call(client, f"Stop{kind}", named)
            raise TaskStoppedError
        if said[f"{kind}Status"] != "Completed":
            raise self._failure(env, FAILED, json.dumps(said))
        env.stack[-1] = said

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
            error, cause = refusal(ex)
            return self._failure_event(env, CustomErrorName(error_name=error), cause)
        return super()._from_error(env=env, ex=ex)


def refusal(error: ClientError) -> tuple[str, str]:
    """Error and Cause as the Java SDK, which the integration is made of, has them: what the model lacks is general."""
    said, about = error.response["Error"], error.response["ResponseMetadata"]
    code = said["Code"]
    modelled = {shape.name for shape in service_model.model("sagemaker").error_shapes}
    name = f"{code.removesuffix('Exception')}Exception" if code in modelled else "AmazonSageMakerException"
    details = (
        f"Service: AmazonSageMaker; Status Code: {about['HTTPStatusCode']}; Error Code: {code}; "
        f"Request ID: {about.get('RequestId', '')}; Proxy: null"
    )
    return f"SageMaker.{name}", f"{said['Message']} ({details})"


def _waited(client: Any, kind: str, named: Json, env: Environment) -> Json | None:  # noqa: ANN401 - a client
    """How the job ended; nothing where the task was stopped or ran out of time before."""
    while env.is_running():
        said = _told(_call(client, f"Describe{kind}", named))
        if said[f"{kind}Status"] in ENDED:
            return said
        time.sleep(STEP_S)
    return None


def _call(client: Any, operation: str, asked: Json) -> Json:  # noqa: ANN401 - a client
    said: Json = getattr(client, camel_to_snake_case(operation))(**asked)
    return said


def _told(said: Json) -> Json:
    told: Json = plain({name: value for name, value in said.items() if name != "ResponseMetadata"}, milliseconds)
    return told
