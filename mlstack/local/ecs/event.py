"""What ECS tells the default event bus: how tasks and deployments come along."""

from datetime import UTC, datetime
from typing import Any

from mlstack.local import event_sending
from mlstack.local.ecs.task import Task

SOURCE = "aws.ecs"
TASK = "ECS Task State Change"
DEPLOYMENT = "ECS Deployment State Change"
DATES = frozenset({"createdAt", "executionStoppedAt", "startedAt", "stoppedAt", "stoppingAt"})
LEVEL = {"SERVICE_DEPLOYMENT_FAILED": "ERROR"}


def task_changed(task: Task) -> None:
    """Tell that a task's status changed."""
    detail = {name: _dated(value) if name in DATES else value for name, value in task.told().items() if name != "tags"}
    detail["updatedAt"] = _dated(datetime.now(UTC).timestamp())
    event_sending.send(event_sending.service_event(task.arn, SOURCE, TASK, detail))


def deployment_changed(service_arn: str, deployment: str, name: str, reason: str) -> None:
    """Tell that a service's deployment began, was completed or failed."""
    detail: dict[str, Any] = {
        "eventType": LEVEL.get(name, "INFO"),
        "eventName": name,
        "deploymentId": deployment,
        "updatedAt": _dated(datetime.now(UTC).timestamp()),
        "reason": reason,
    }
    event_sending.send(event_sending.service_event(service_arn, SOURCE, DEPLOYMENT, detail))


def _dated(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
