"""Clusters: kept by moto, counted and refused here."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.ecs.models import Cluster

from mlstack.local.ecs import strategy, task
from mlstack.local.ecs.hall import DEFAULT, Hall, named
from mlstack.local.ecs.refusal import NO_CLUSTER, invalid
from mlstack.local.ecs.strategy import Share
from mlstack.local.ecs.task import SPOT, Task
from mlstack.local.json_service import Answer, Json, ServiceError

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
AMAZONS = frozenset({"FARGATE", SPOT})
INSTANCES, SERVICES, TASKS = "Container Instances", "Services", "Tasks"
DRAINING = "active or draining"
NOT_ASSOCIATED = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
    "cluster. Associate the capacity provider with the cluster and try again."
)


class InUseError(ServiceError):
    """A cluster that cannot be deleted for what is in it."""

    def __init__(self, what: str, how: str = "active") -> None:
        code = f"ClusterContains{what.replace(' ', '')}Exception"
        super().__init__(code, f"The Cluster cannot be deleted while {what} are {how}.")


def find(hall: Hall, reference: str | None) -> Cluster:
    """A cluster that is active; ClusterNotFoundException where it is not."""
    found = hall.moto.clusters.get(named(reference))
    if found is None:
        message = "Cluster not found."
        raise ServiceError(NO_CLUSTER, message)
    if found.status != ACTIVE:
        message = "The referenced cluster was inactive."
        raise ServiceError(NO_CLUSTER, message)
    return found


def associated(found: Cluster, said: Iterable[Json]) -> list[Share]:
    """A strategy that a cluster can follow."""
    shares = [Share.of(one) for one in said]
    trouble = strategy.complaint(shares)
    if trouble:
        raise invalid(trouble)
    if not {one.provider for one in shares} <= {named(one) for one in found.capacity_providers or ()}:
        raise invalid(NOT_ASSOCIATED)
    return shares


class Clusters:
    """The operations on clusters that have to know what runs."""

    def __init__(self, hall: Hall, tasks: Callable[[str], list[Task]], services: Callable[[str], int]) -> None:
        self._hall = hall
        self._tasks = tasks
        """The tasks of a cluster."""
        self._services = services
        """How many active services a cluster has."""

    def answers(self) -> dict[str, Answer]:
        """Its operations."""
        return {
            "CreateCluster": self._create,
            "DeleteCluster": self._delete,
            "DescribeClusters": self._describe,
            "ListClusters": self._list,
        }

    def _create(self, asked: Json) -> Json:
        """Make it; one that is there already is answered with, as on AWS."""
        name, moto = str(asked.get("clusterName") or DEFAULT), self._hall.moto
        with self._hall.lock:
            known = moto.clusters.get(name)
            if known is None or known.status != ACTIVE:
                providers = asked.get("capacityProviders")
                self._check_providers(providers or [])
                known = moto.create_cluster(
                    name,
                    asked.get("tags"),
                    asked.get("settings"),
                    asked.get("configuration"),
                    providers,
                    None,
                    service_connect_defaults=asked.get("serviceConnectDefaults"),
                )
                default = asked.get("defaultCapacityProviderStrategy")
                if default:
                    associated(known, default)
                    known.default_capacity_provider_strategy = default
        return {"cluster": self._told(known, {"TAGS", "SETTINGS", "CONFIGURATIONS"})}

    def _check_providers(self, providers: list[str]) -> None:
        for one in providers:
            if one not in AMAZONS and self._hall.moto._get_provider(one) is None:  # noqa: SLF001 - moto's only way
                message = f"The specified capacity provider '{one}' does not exist."
                raise invalid(message)

    def _delete(self, asked: Json) -> Json:
        if not asked.get("cluster"):
            message = "Cluster can not be blank."
            raise invalid(message)
        found = find(self._hall, asked["cluster"])
        if self._instances(found):
            raise InUseError(INSTANCES, DRAINING)
        if self._services(found.name):
            raise InUseError(SERVICES)
        if any(one.status != task.STOPPED for one in self._tasks(found.name)):
            raise InUseError(TASKS)
        found.status, found.capacity_providers = INACTIVE, []
        found.default_capacity_provider_strategy = []
        return {"cluster": self._told(found, set())}

    def _describe(self, asked: Json) -> Json:
        names = [named(one) for one in asked.get("clusters") or [DEFAULT]]
        known = self._hall.moto.clusters
        return {
            "clusters": [self._told(known[name], set(asked.get("include", ()))) for name in names if name in known],
            "failures": [
                {"arn": self._hall.arn("cluster", name), "reason": "MISSING"} for name in names if name not in known
            ],
        }

    def _list(self, _asked: Json) -> Json:
        return {"clusterArns": [one.arn for one in self._hall.moto.clusters.values() if one.status == ACTIVE]}

    def _instances(self, found: Cluster) -> int:
        return len(self._hall.moto.container_instances.get(found.name, {}))

    def _told(self, found: Cluster, include: set[str]) -> Json:
        tasks = self._tasks(found.name)
        running = sum(one.status == task.RUNNING for one in tasks)
        pending = sum(one.status in {task.PROVISIONING, task.PENDING} for one in tasks)
        told: dict[str, Any] = {
            "clusterArn": found.arn,
            "clusterName": found.name,
            "status": found.status,
            "registeredContainerInstancesCount": self._instances(found),
            "runningTasksCount": running,
            "pendingTasksCount": pending,
            "activeServicesCount": self._services(found.name),
            "statistics": [],
            "capacityProviders": found.capacity_providers or [],
            "defaultCapacityProviderStrategy": found.default_capacity_provider_strategy or [],
            "tags": (found.tags or []) if "TAGS" in include else [],
            "settings": (found.settings or []) if "SETTINGS" in include else [],
        }
        if "CONFIGURATIONS" in include and found.configuration:
            told["configuration"] = found.configuration
        if found.service_connect_defaults:
            told["serviceConnectDefaults"] = found.service_connect_defaults
        return told
