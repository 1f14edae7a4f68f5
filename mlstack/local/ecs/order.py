"""What is to be run: a request's or a service's words, checked against the task definition and the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from moto.ecs.models import Cluster

from mlstack.local.ecs import network
from mlstack.local.ecs.cluster import AMAZONS, associated
from mlstack.local.ecs.hall import Hall
from mlstack.local.ecs.refusal import invalid
from mlstack.local.ecs.requirement import AWSVPC, FARGATE
from mlstack.local.ecs.strategy import Share
from mlstack.local.json_service import Json

EC2 = "EC2"
LATEST = "1.4.0"
BOTH = "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
NO_NETWORK = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
NEEDLESS_NETWORK = "Network Configuration is not valid for the given networkMode of this task definition."
NO_FARGATE = "Task definition does not support launch_type FARGATE."
NO_PUBLIC_ADDRESS = "Assign public IP is not supported for this launch type."
NO_PLATFORM = "The platform version must be null when specifying an EC2 launch type."
NO_INSTANCES = "No Container Instances were found in your cluster."


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A task to be, as often as wanted."""

    cluster: Cluster
    definition: Json
    launch_type: str
    """FARGATE or EC2, where no strategy says so."""
    strategy: tuple[Share, ...] = ()
    network: Json = field(default_factory=dict)
    platform: str = ""
    execute_command: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, Any], cluster: Cluster, definition: Json, hall: Hall) -> Self:
        """What is asked for, or the service's refusal."""
        if asked.get("launchType") and asked.get("capacityProviderStrategy"):
            raise invalid(BOTH)
        said = asked.get("capacityProviderStrategy")
        if not said and not asked.get("launchType"):
            said = cluster.default_capacity_provider_strategy
        strategy = tuple(associated(cluster, said)) if said else ()
        amazons = bool(strategy) and strategy[0].provider in AMAZONS
        launch_type = (FARGATE if amazons else EC2) if strategy else asked.get("launchType") or EC2
        vpc = (asked.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
        _check(asked, definition, launch_type, vpc)
        if vpc:
            network.check(hall.client, vpc)
        if launch_type == EC2 and not strategy and not hall.moto.container_instances.get(cluster.name):
            raise invalid(NO_INSTANCES)
        return cls(
            cluster=cluster,
            definition=definition,
            launch_type=launch_type,
            strategy=strategy,
            network=vpc,
            platform=_platform(asked) if launch_type == FARGATE else "",
            execute_command=bool(asked.get("enableExecuteCommand")),
        )


def _check(asked: Mapping[str, Any], definition: Json, launch_type: str, vpc: Json) -> None:
    mode = definition["networkMode"]
    if mode == AWSVPC and not vpc:
        raise invalid(NO_NETWORK)
    if mode != AWSVPC and vpc:
        raise invalid(NEEDLESS_NETWORK)
    if launch_type == FARGATE and FARGATE not in definition["compatibilities"]:
        raise invalid(NO_FARGATE)
    if launch_type == EC2 and vpc.get("assignPublicIp") == "ENABLED":
        raise invalid(NO_PUBLIC_ADDRESS)
    if launch_type == EC2 and asked.get("platformVersion"):
        raise invalid(NO_PLATFORM)


def _platform(asked: Mapping[str, Any]) -> str:
    said = str(asked.get("platformVersion") or "LATEST")
    return LATEST if said == "LATEST" else said


def check_overrides(said: Json, definition: Json) -> None:
    """Refuse changes of containers that a task does not have."""
    names = {one["name"] for one in definition["containerDefinitions"]}
    for one in said.get("containerOverrides") or ():
        if one.get("name") not in names:
            message = f"Override for container named {one.get('name')} is not a container in the TaskDefinition."
            raise invalid(message)
