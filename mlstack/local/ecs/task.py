"""A task as ECS describes it."""

import time
from dataclasses import dataclass, field
from typing import Any

from mlstack.local.ecs.container import Container
from mlstack.local.ecs.health import HEALTHY, UNHEALTHY, UNKNOWN
from mlstack.local.ecs.network import Interface
from mlstack.local.ecs.requirement import FARGATE
from mlstack.local.json_service import Json

SPOT = "FARGATE_SPOT"
PROVISIONING, PENDING, ACTIVATING, RUNNING = "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"
DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED = "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"


@dataclass(kw_only=True, eq=False)
class Task:
    """One run of a task definition."""

    arn: str
    cluster: str
    cluster_arn: str
    definition: Json
    containers: list[Container]
    group: str
    launch_type: str
    provider: str = ""
    network: Json = field(default_factory=dict)
    """Its subnets and security groups; nothing where it uses its host's network."""
    overrides: Json = field(default_factory=dict)
    started_by: str = ""
    platform: str = ""
    tags: list[Json] = field(default_factory=list)
    execute_command: bool = False
    created_at: float = field(default_factory=time.time)
    desired: str = RUNNING
    status: str = PROVISIONING
    stop_code: str = ""
    stopped_reason: str = ""
    instance_arn: str = ""
    interface: Interface | None = None
    started_at: float | None = None
    stopping_at: float | None = None
    executed_until: float | None = None
    stopped_at: float | None = None
    version: int = 1
    well_since: float | None = None
    """Since when it is all that was hoped for, on the monotonic clock."""
    proved: bool = False
    """Whether it has once been that for as long as counts."""

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def fargate(self) -> bool:
        """Whether it needs no instance of anybody's."""
        return self.launch_type == FARGATE

    @property
    def live(self) -> bool:
        """Whether it has not stopped and shall not."""
        return self.desired == RUNNING and self.status != STOPPED

    @property
    def health(self) -> str:
        """How its essential containers are that somebody asks."""
        said = {one.health for one in self.containers if one.essential and one.checked}
        if UNHEALTHY in said:
            return UNHEALTHY
        return HEALTHY if said == {HEALTHY} else UNKNOWN

    @property
    def well(self) -> bool:
        """Whether it runs, and is healthy where somebody asks."""
        return self.status == RUNNING and (self.health == HEALTHY or not self._asked)

    def prove(self, steady_s: float) -> None:
        """Notice for how long it is well; who is healthy has nothing more to prove."""
        now = time.monotonic()
        self.well_since = (self.well_since or now) if self.well else None
        enough_s = 0.0 if self._asked else steady_s
        self.proved = self.proved or (self.well_since is not None and now - self.well_since >= enough_s)

    def needs(self, kind: str) -> int:
        """How much of CPU units or MiB it asks for."""
        whole = self.overrides.get(kind) or self.definition.get(kind)
        if whole:
            return int(whole)
        alternative = {"memory": "memoryReservation"}.get(kind, kind)
        return sum(one.said.get(kind) or one.said.get(alternative) or 0 for one in self.containers)

    @property
    def gpus(self) -> int:
        """How many GPUs it asks for."""
        asked = (said for one in self.containers for said in one.said.get("resourceRequirements") or ())
        return sum(int(said["value"]) for said in asked if said["type"] == "GPU")

    def told(self) -> Json:
        """What DescribeTasks tells."""
        stopped = self.status == STOPPED
        address = self.interface.of_container if self.interface else None
        attachment = "DELETED" if stopped else "ATTACHED" if self.status != PROVISIONING else "PRECREATED"
        told: dict[str, Any] = {
            "attachments": [self.interface.told(attachment)] if self.interface else [],
            "attributes": [{"name": "ecs.cpu-architecture", "value": self._architecture}],
            "availabilityZone": self.interface.zone if self.interface else None,
            "capacityProviderName": self.provider,
            "clusterArn": self.cluster_arn,
            "connectivity": "CONNECTED" if self.status != PROVISIONING else None,
            "containerInstanceArn": self.instance_arn,
            "containers": [one.told(stopped=stopped, address=address) for one in self.containers],
            "cpu": str(self.needs("cpu")),
            "createdAt": self.created_at,
            "desiredStatus": self.desired,
            "enableExecuteCommand": self.execute_command,
            "executionStoppedAt": self.executed_until,
            "group": self.group,
            "healthStatus": self.health,
            "lastStatus": self.status,
            "launchType": self.launch_type,
            "memory": str(self.needs("memory")),
            "overrides": {"containerOverrides": [{"name": one.name} for one in self.containers], **self.overrides},
            "platformVersion": self.platform,
            "platformFamily": "Linux" if self.fargate else None,
            "startedAt": self.started_at,
            "startedBy": self.started_by,
            "stopCode": self.stop_code,
            "stoppedAt": self.stopped_at,
            "stoppedReason": self.stopped_reason,
            "stoppingAt": self.stopping_at,
            "tags": self.tags,
            "taskArn": self.arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
            "version": self.version,
            "ephemeralStorage": self.definition.get("ephemeralStorage")
            or ({"sizeInGiB": 20} if self.fargate else None),
        }
        return {name: value for name, value in told.items() if value is not None and value != ""}

    @property
    def _asked(self) -> bool:
        """Whether somebody asks how it is."""
        return any(one.essential and one.checked for one in self.containers)

    @property
    def _architecture(self) -> str:
        said = (self.definition.get("runtimePlatform") or {}).get("cpuArchitecture", "X86_64")
        return str(said).lower()
