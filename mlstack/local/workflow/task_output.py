"""What a task's service answered, as JSON has it: dates as text, or as optimised integrations' milliseconds."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService

from mlstack.local.mend import replace

Date = Callable[[datetime], int | str]
EPOCH = datetime.fromtimestamp(0, UTC)


def mend() -> None:
    """Clean every answer before anything else sees it; moto keeps Python's own dates in a state's data."""
    moto_after = StateTaskService._after_eval_execution  # noqa: SLF001 - moto's only way

    def after(
        self: StateTaskService,
        env: Any,  # noqa: ANN401 - moto's environment
        resource_runtime_part: Any,  # noqa: ANN401 - moto's own
        normalised_parameters: dict[str, Any],
        state_credentials: Any,  # noqa: ANN401 - moto's own
    ) -> None:
        env.stack[-1] = plain(env.stack[-1])
        moto_after(self, env, resource_runtime_part, normalised_parameters, state_credentials)

    replace(StateTaskService, "_after_eval_execution", after)


def text(date: datetime) -> str:
    """A date as the SDK integrations write it: ``2026-11-22T06:40:00.123Z``."""
    return date.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def milliseconds(date: datetime) -> int:
    """A date as the optimised integrations write it, and as the events that they wait for have it."""
    return (date - EPOCH) // timedelta(milliseconds=1)


def plain(said: Any, date: Date = text) -> Any:  # noqa: ANN401 - JSON
    """An answer of botocore's in what JSON has."""
    if isinstance(said, dict):
        return {name: plain(value, date) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [plain(value, date) for value in said]
    if isinstance(said, datetime):
        return date(said)
    if isinstance(said, bytes):
        return base64.b64encode(said).decode()
    return said
