"""A service as ECS describes it."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from mlstack.local.ecs import task
from mlstack.local.ecs.deployment import ACTIVE, PRIMARY, Deployment
from mlstack.local.ecs.rollout import Wanted
from mlstack.local.ecs.task import Task
from mlstack.local.json_service import Json

DRAINING, INACTIVE = "DRAINING", "INACTIVE"
EVENTS = 100
SETTINGS = (
    "loadBalancers",
    "serviceRegistries",
    "placementConstraints",
    "placementStrategy",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "propagateTags",
    "launchType",
    "capacityProviderStrategy",
)
"""What a service tells as it was asked for."""


@dataclass(kw_only=True, eq=False)
class Service:
    """What is to be kept running."""

    arn: str
    name: str
    cluster: str
    cluster_arn: str
    said: Json
    """What was asked for, with every change since."""
    desired: int
    deployments: list[Deployment]
    """The primary one first."""
    tags: list[Json]
    status: str = ACTIVE
    created_at: float = field(default_factory=time.time)
    events: deque[Json] = field(default_factory=lambda: deque(maxlen=EVENTS))
    good: Deployment | None = None
    """The deployment that was completed last."""
    steady: bool = False
    struggling: bool = False
    """Whether it said already that its tasks fail again and again."""
    targets: set[str] = field(default_factory=set)
    """The tasks that load balancers know."""

    @property
    def group(self) -> str:
        """The group of its tasks."""
        return f"service:{self.name}"

    @property
    def primary(self) -> Deployment:
        """The deployment that is to be."""
        return self.deployments[0]

    @property
    def breaks(self) -> bool:
        """Whether a deployment may fail."""
        return bool(self._breaker.get("enable"))

    @property
    def rolls_back(self) -> bool:
        """Whether a failed deployment gives way to the one before it."""
        return bool(self._breaker.get("rollback"))

    @property
    def wanted(self) -> Wanted:
        """What its tasks are to be."""
        said = self.said.get("deploymentConfiguration") or {}
        return Wanted(
            tasks=self.desired,
            least_percent=int(said.get("minimumHealthyPercent", 100)),
            most_percent=int(said.get("maximumPercent", 200)),
        )

    @property
    def _breaker(self) -> Json:
        found: Json = (self.said.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
        return found

    def tell(self, words: str) -> None:
        """Write an event."""
        message = f"(service {self.name}) {words}"
        self.events.appendleft({"id": str(uuid4()), "createdAt": time.time(), "message": message})

    def told(self, tasks: Iterable[Task], *, with_tags: bool = False) -> Json:
        """The service, and how far its tasks are."""
        mine = [one for one in tasks if one.group == self.group]
        running = sum(_runs(one) for one in mine)
        pending = sum(_comes(one) for one in mine)
        configuration = self.said.get("deploymentConfiguration") or {}
        told: dict[str, Any] = {
            "serviceArn": self.arn,
            "serviceName": self.name,
            "clusterArn": self.cluster_arn,
            "status": self.status,
            "desiredCount": self.desired,
            "runningCount": running,
            "pendingCount": pending,
            "loadBalancers": [],
            "serviceRegistries": [],
            "placementConstraints": [],
            "placementStrategy": [],
            "taskDefinition": self.primary.order.definition["taskDefinitionArn"],
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": {"enable": self.breaks, "rollback": self.rolls_back},
                "maximumPercent": self.wanted.most_percent,
                "minimumHealthyPercent": self.wanted.least_percent,
                **{name: value for name, value in configuration.items() if name in {"alarms", "strategy"}},
            },
            "deployments": [] if self.status == INACTIVE else [self._deployment(one, mine) for one in self.deployments],
            "events": list(self.events),
            "createdAt": self.created_at,
            "schedulingStrategy": "REPLICA",
            "deploymentController": {"type": "ECS"},
            "enableECSManagedTags": bool(self.said.get("enableECSManagedTags")),
            "enableExecuteCommand": bool(self.said.get("enableExecuteCommand")),
            "availabilityZoneRebalancing": self.said.get("availabilityZoneRebalancing", "DISABLED"),
            **{name: self.said[name] for name in SETTINGS if self.said.get(name) is not None},
        }
        if not told.get("launchType") and not told.get("capacityProviderStrategy"):
            told["launchType"] = self.primary.order.launch_type
        if self.primary.order.platform:
            told |= {"platformVersion": self.said.get("platformVersion") or "LATEST", "platformFamily": "Linux"}
        return told | ({"tags": self.tags} if with_tags else {})

    def _deployment(self, one: Deployment, tasks: Iterable[Task]) -> Json:
        mine = [task for task in tasks if task.started_by == one.id]
        return one.told(self.desired, sum(_runs(task) for task in mine), sum(_comes(task) for task in mine))

    def replace(self, new: Deployment) -> None:
        """Make another deployment the one that is to be."""
        for one in self.deployments:
            one.status = ACTIVE
        new.status, self.steady = PRIMARY, False
        self.deployments = [new, *(one for one in self.deployments if one is not new)]


def _runs(one: Task) -> bool:
    return one.status == task.RUNNING


def _comes(one: Task) -> bool:
    return one.status in {task.PROVISIONING, task.PENDING, task.ACTIVATING}
