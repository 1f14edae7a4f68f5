"""Step Functions as the project needs them: moto's interpreter, whose executions run, wait, stop and map as on AWS."""

from moto.core.config import default_user_config

from mlstack.local.workflow import (
    clients,
    definition,
    description,
    ecs_task,
    error_match,
    execution,
    history,
    map_result,
    map_run,
    sagemaker_task,
    task_output,
    task_token,
)

PARTS = (
    clients,
    definition,
    description,
    ecs_task,
    error_match,
    execution,
    history,
    map_result,
    map_run,
    sagemaker_task,
    task_output,
    task_token,
)


def mend() -> None:
    """Let state machines run, and mend what runs them."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    for part in PARTS:
        part.mend()
