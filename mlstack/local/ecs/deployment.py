"""A service's deployment: which tasks it is to have, and how far that is."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from mlstack.local.ecs.order import Order
from mlstack.local.json_service import Json

PRIMARY, ACTIVE = "PRIMARY", "ACTIVE"
IN_PROGRESS, COMPLETED, FAILED = "IN_PROGRESS", "COMPLETED", "FAILED"


def _new_id() -> str:
    return f"ecs-svc/{uuid4().int % 10**19:019}"


@dataclass(kw_only=True, eq=False)
class Deployment:
    """One version of a service."""

    order: Order
    said: Json
    """The request's words that it shows: launch type, strategy, network."""
    asked: Json
    """The request's words that its tasks are made of."""
    id: str = field(default_factory=_new_id)
    status: str = PRIMARY
    state: str = IN_PROGRESS
    reason: str = ""
    failed: int = 0
    created_at: float = field(default_factory=time.time)
    updated_at: float = field(default_factory=time.time)
    seen_proved: set[str] = field(default_factory=set)
    """Tasks that were all that was hoped for, for as long as counts."""
    seen_ended: set[str] = field(default_factory=set)
    not_before: float = 0.0
    """When the next task may be started, on the monotonic clock."""

    def __post_init__(self) -> None:
        """Say that it is under way."""
        self.become(IN_PROGRESS, f"ECS deployment {self.id} in progress.")

    def become(self, state: str, reason: str) -> None:
        """How far it is, and why."""
        self.state, self.reason, self.updated_at = state, reason, time.time()

    def told(self, desired: int, running: int, pending: int) -> Json:
        """The deployment as ECS describes it."""
        told: dict[str, Any] = {
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.order.definition["taskDefinitionArn"],
            "desiredCount": desired if self.status == PRIMARY else 0,
            "pendingCount": pending,
            "runningCount": running,
            "failedTasks": self.failed,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "rolloutState": self.state,
            "rolloutStateReason": self.reason,
            **{name: value for name, value in self.said.items() if value},
        }
        if self.order.platform:
            told |= {"platformVersion": self.order.platform, "platformFamily": "Linux"}
        return told
