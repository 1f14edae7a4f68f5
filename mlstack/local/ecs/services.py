"""Services: made, changed, deleted, told of."""

from typing import Any

from moto.ecs.models import Cluster

from mlstack.local.ecs import cluster, event, requirement_of_service, target
from mlstack.local.ecs.definition import Definitions
from mlstack.local.ecs.deployment import ACTIVE, Deployment
from mlstack.local.ecs.hall import Hall, named
from mlstack.local.ecs.order import Order
from mlstack.local.ecs.page import page
from mlstack.local.ecs.refusal import NO_SERVICE, invalid
from mlstack.local.ecs.scheduler import Scheduler
from mlstack.local.ecs.service_record import DRAINING, INACTIVE, Service
from mlstack.local.ecs.tasks import Tasks
from mlstack.local.json_service import Answer, Json, ServiceError

NOT_ACTIVE = "ServiceNotActiveException"
EXISTS = "Creation of service was not idempotent."
STILL_DRAINING = "Unable to Start a service that is still Draining."
MOST_DESCRIBED = 10
SCALED = "The service cannot be stopped while it is scaled above 0."
NEW_DEPLOYMENT = frozenset({"networkConfiguration", "capacityProviderStrategy", "platformVersion", "loadBalancers"})
"""What of an UpdateService makes new tasks, besides another task definition."""
SHOWN = ("launchType", "capacityProviderStrategy", "networkConfiguration")


class Services:
    """Every service of one account and region."""

    def __init__(self, hall: Hall, definitions: Definitions, tasks: Tasks) -> None:
        self._hall = hall
        self._definitions = definitions
        self._tasks = tasks
        self._kept: dict[str, Service] = {}
        self.scheduler = Scheduler(hall, tasks, lambda: list(self._kept.values()), self._task_tags)

    def answers(self) -> dict[str, Answer]:
        """Its operations."""
        return {
            "CreateService": self._create,
            "DeleteService": self._delete,
            "DescribeServices": self._describe,
            "ListServices": self._list,
            "UpdateService": self._update,
        }

    def active(self, cluster_name: str) -> int:
        """How many active services a cluster has."""
        return sum(one.cluster == cluster_name and one.status == ACTIVE for one in list(self._kept.values()))

    def tagged(self, arn: str) -> Service | None:
        """A service by its ARN."""
        return self._kept.get(arn)

    def _find(self, asked: Json) -> Service:
        where = cluster.find(self._hall, asked.get("cluster"))
        found = self._kept.get(self._arn(where.name, named(asked["service"])))
        if found is None:
            message = "Service not found."
            raise ServiceError(NO_SERVICE, message)
        return found

    def _arn(self, cluster_name: str, name: str) -> str:
        return self._hall.arn("service", cluster_name, name)

    def _create(self, asked: Json) -> Json:
        requirement_of_service.check(asked)
        where = cluster.find(self._hall, asked.get("cluster"))
        arn = self._arn(where.name, asked["serviceName"])
        order = self._order(asked, where)
        with self._hall.lock:
            known = self._kept.get(arn)
            if known is not None and known.status != INACTIVE:
                raise invalid(EXISTS if known.status == ACTIVE else STILL_DRAINING)
            made = Service(
                arn=arn,
                name=asked["serviceName"],
                cluster=where.name,
                cluster_arn=where.arn,
                said=dict(asked),
                desired=int(asked.get("desiredCount") or 0),
                deployments=[_deployment(asked, order)],
                tags=list(asked.get("tags") or []),
            )
            self._kept[arn] = made
        self._began(made)
        return {"service": self._told(made, with_tags=True)}

    def _update(self, asked: Json) -> Json:
        found = self._find(asked)
        if found.status != ACTIVE:
            message = "Service was not ACTIVE."
            raise ServiceError(NOT_ACTIVE, message)
        changed = {name: value for name, value in asked.items() if name not in {"cluster", "service", "desiredCount"}}
        said = {**found.said, **changed}
        requirement_of_service.check({**said, "serviceName": found.name})
        if "capacityProviderStrategy" in changed:
            said.pop("launchType", None)
        force = bool(said.pop("forceNewDeployment", False)) or _differs(changed, found)
        # Where nothing is new, nothing is looked up: a service whose definition was deregistered can still be scaled.
        named_anew = said["taskDefinition"] != found.primary.order.definition["taskDefinitionArn"]
        looked_up = force or ("taskDefinition" in changed and named_anew)
        order = self._order(said, cluster.find(self._hall, asked.get("cluster"))) if looked_up else None
        with self._hall.lock:
            found.said = said
            if asked.get("desiredCount") is not None:
                found.steady = found.steady and found.desired == asked["desiredCount"]
                found.desired = int(asked["desiredCount"])
            if order is not None and (force or _another(order.definition, found)):
                found.replace(_deployment(said, order))
                self._began(found)
        return {"service": self._told(found, with_tags=True)}

    def _delete(self, asked: Json) -> Json:
        found = self._find(asked)
        if found.status == INACTIVE:
            message = "Service not found."
            raise ServiceError(NO_SERVICE, message)
        if found.desired > 0 and not asked.get("force"):
            raise invalid(SCALED)
        with self._hall.lock:
            found.desired, found.status = 0, DRAINING
        return {"service": self._told(found, with_tags=True)}

    def _describe(self, asked: Json) -> Json:
        where = cluster.find(self._hall, asked.get("cluster"))
        arns = [self._arn(where.name, named(one)) for one in asked["services"]]
        if not 1 <= len(arns) <= MOST_DESCRIBED:
            message = f"Services cannot be empty, nor more than {MOST_DESCRIBED}."
            raise invalid(message)
        with_tags = "TAGS" in asked.get("include", ())
        with self._hall.lock:
            return {
                "services": [self._told(self._kept[arn], with_tags=with_tags) for arn in arns if arn in self._kept],
                "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in self._kept],
            }

    def _list(self, asked: Json) -> Json:
        where = cluster.find(self._hall, asked.get("cluster"))
        launch_type = asked.get("launchType")
        found = [
            one.arn
            for one in self._kept.values()
            if one.cluster == where.name
            and one.status != INACTIVE
            and launch_type in {None, one.primary.order.launch_type}
        ]
        return page("serviceArns", found, asked)

    def _order(self, said: Json, where: Cluster) -> Order:
        """What its tasks are to be, or the refusal."""
        if not said.get("taskDefinition"):
            message = "TaskDefinition can not be blank."
            raise invalid(message)
        definition = self._definitions.runnable(said["taskDefinition"])
        target.check(self._hall.client, said.get("loadBalancers") or (), definition)
        return Order.of(said, where, definition, self._hall)

    def _told(self, service: Service, *, with_tags: bool) -> Json:
        return service.told(self._tasks.of(service.cluster), with_tags=with_tags)

    @staticmethod
    def _began(service: Service) -> None:
        primary = service.primary
        event.deployment_changed(service.arn, primary.id, "SERVICE_DEPLOYMENT_IN_PROGRESS", primary.reason)

    def _task_tags(self, service: Service, deployment: Deployment) -> list[Json]:
        """What a service's tasks are labelled with."""
        said, found = service.said, []
        if said.get("propagateTags") == "SERVICE":
            found = list(service.tags)
        elif said.get("propagateTags") == "TASK_DEFINITION":
            found = list(self._definitions.tags(deployment.order.definition["taskDefinitionArn"]) or ())
        if said.get("enableECSManagedTags"):
            managed = {"aws:ecs:clusterName": service.cluster, "aws:ecs:serviceName": service.name}
            found += [{"key": name, "value": value} for name, value in managed.items()]
        return found


def _differs(changed: Json, found: Service) -> bool:
    """Whether a request names anything that tasks are made of but their definition, and not as it is."""
    return any(changed.get(name, found.said.get(name)) != found.said.get(name) for name in NEW_DEPLOYMENT)


def _another(definition: Json, found: Service) -> bool:
    """Whether a definition is not that of the tasks that are to be."""
    before: Json = found.primary.order.definition
    return bool(definition["taskDefinitionArn"] != before["taskDefinitionArn"])


def _deployment(said: Json, order: Order) -> Deployment:
    shown: dict[str, Any] = {name: said.get(name) for name in SHOWN}
    if not shown["capacityProviderStrategy"]:
        shown["launchType"] = order.launch_type
    asked = {name: said.get(name) for name in (*NEW_DEPLOYMENT, "taskDefinition")}
    return Deployment(order=order, said=shown, asked=asked)
