"""The optimised integration of ECS: a task is waited for, its end is the state's, and a stopped state stops its task.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html: with ``.sync`` a RunTask that
placed nothing fails with ``AmazonECS.Unknown``. Whether a task did well its essential containers' exit codes say.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ResourceRuntimePart,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for

from mlstack.local import service_model
from mlstack.local.mend import replace
from mlstack.local.workflow import casing
from mlstack.local.workflow.task_output import milliseconds, plain
from mlstack.local.workflow.waiting_task import FAILED, Json, TaskStoppedError, WaitingTask

STEP_S = 0.2
STOPPED = "STOPPED"
STARTED_BY = "AWS Step Functions"
NOT_PLACED = CustomErrorName(error_name="AmazonECS.Unknown")
REASON = "Step Functions stopped the task, whose state ended before it"


def mend() -> None:
    """Take the place of moto's task, which drops parameters and takes every end for a good one."""
    before: Callable[[str], StateTaskService] = vars(state_task_factory)["state_task_service_for"]

    def service(service_name: str) -> StateTaskService:
        return EcsTask() if service_name == "ecs" else before(service_name)

    replace(state_task_factory, "state_task_service_for", service)


class EcsTask(WaitingTask):
    """A state that runs a task."""

    actions = frozenset({"runTask"})
    awaited = frozenset({"runTask"})
    names = ("ecs", "ECS", "AmazonECS")

    def _eval_service_task(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        operation = service_model.model("ecs").operation_model("RunTask")
        try:
            asked = casing.asked(operation.input_shape, normalised_parameters)
        except KeyError as error:
            self._refuse_field(env, str(error.args[0]))
            raise
        client: Any = boto_client_for(resource_runtime_part.region, "ecs", state_credentials)
        waits = self.resource.condition == ResourceCondition.Sync
        said = client.run_task(**{**asked, **({"startedBy": STARTED_BY} if waits else {})})
        env.stack.append(_told("RunTask", said))

    def _eval_integration_pattern(
        self,
        env: Environment,
        resource_runtime_part: ResourceRuntimePart,
        normalised_parameters: Json,
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        del normalised_parameters
        said = env.stack[-1]
        if said.get("Failures") or not said.get("Tasks"):
            raise self._failure(env, NOT_PLACED, _cause(said))
        client: Any = boto_client_for(resource_runtime_part.region, "ecs", state_credentials)
        task = said["Tasks"][0]
        ended = _waited(client, task, env)
        if ended is None:
            with suppress(ClientError):  # it may have ended by itself
                client.stop_task(cluster=task["ClusterArn"], task=task["TaskArn"], reason=REASON)
            raise TaskStoppedError
        if not did_well(ended, _essential(client, ended)):
            raise self._failure(env, FAILED, _cause(ended))
        env.stack[-1] = ended


def did_well(task: Json, essential: frozenset[str] | None) -> bool:
    """Whether every essential container, or each where nobody knows which are, ended with 0; what never ran did not."""
    counted = [one for one in task.get("Containers", []) if essential is None or one.get("Name") in essential]
    return bool(counted) and all(one.get("ExitCode") == 0 for one in counted)


def _waited(client: Any, task: Json, env: Environment) -> Json | None:  # noqa: ANN401 - a client
    """How the task ended; nothing where the state was stopped or ran out of time before."""
    while env.is_running():
        said = _told("DescribeTasks", client.describe_tasks(cluster=task["ClusterArn"], tasks=[task["TaskArn"]]))
        found: Json = said["Tasks"][0] if said.get("Tasks") else {**task, "LastStatus": STOPPED, "Containers": []}
        if found["LastStatus"] == STOPPED:
            return found
        time.sleep(STEP_S)
    return None


def _essential(client: Any, task: Json) -> frozenset[str] | None:  # noqa: ANN401 - a client
    try:
        said = client.describe_task_definition(taskDefinition=task["TaskDefinitionArn"])
    except ClientError:
        return None
    containers = said["taskDefinition"]["containerDefinitions"]
    return frozenset(str(one["name"]) for one in containers if one.get("essential", True))


def _cause(said: Json) -> str:
    """Text as Step Functions writes it, without a space: state machines look for pieces of it."""
    return json.dumps(said, separators=(",", ":"))


def _told(operation: str, said: Json) -> Json:
    shape = service_model.model("ecs").operation_model(operation).output_shape
    answer = {name: value for name, value in said.items() if name != "ResponseMetadata"}
    told: Json = casing.told(shape, plain(answer, milliseconds))
    return told
