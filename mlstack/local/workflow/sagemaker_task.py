"""The optimised integration of SageMaker: a job is waited for, its end is the task's, and a stopped task stops its job.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html lists the actions and the names of errors.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceRuntimePart
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.utils import camel_to_snake_case

from mlstack.local import service_model
from mlstack.local.mend import replace
from mlstack.local.workflow.task_output import milliseconds, plain
from mlstack.local.workflow.waiting_task import FAILED, Json, TaskStoppedError, WaitingTask

STEP_S = 0.2
ENDED = frozenset({"Completed", "Failed", "Stopped"})
JOBS = {
    "createHyperParameterTuningJob": "HyperParameterTuningJob",
    "createProcessingJob": "ProcessingJob",
    "createTrainingJob": "TrainingJob",
    "createTransformJob": "TransformJob",
}
ACTIONS = frozenset({"createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint", *JOBS})


def mend() -> None:
    """Take the place of moto's task, which warns, forwards the call and knows no ``.sync``."""
    before: Callable[[str], StateTaskService] = vars(state_task_factory)["state_task_service_for"]

    def service(service_name: str) -> StateTaskService:
        return SageMakerTask() if service_name == "sagemaker" else before(service_name)

    replace(state_task_factory, "state_task_service_for", service)


class SageMakerTask(WaitingTask):
    """A task that calls SageMaker and, with ``.sync``, waits for the job's end."""

    actions = ACTIONS
    awaited = frozenset(JOBS)
    names = ("sagemaker", "SageMaker", "AmazonSageMaker")

    def _eval_service_task(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        action = self.resource.api_action
        unknown = service_model.unknown_field("sagemaker", action[0].upper() + action[1:], normalised_parameters)
        self._refuse_field(env, unknown)
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
