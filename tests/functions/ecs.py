"""ECS in memory: one cluster with its services, tasks and container instances, page by page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

from tests.functions.ec2 import Instance
from tests.functions.shared.memory import refuse

CLUSTER = "mlstack-sandbox"
ARN = "arn:aws:ecs:us-east-1:123456789012"
BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE, SERVICES = 100, 10
"""What ECS lists, and describes of tasks and instances, at a time; and what it describes of services."""


@dataclass
class Task:
    """One task."""

    arn: str
    group: str = "family:mlstack-sandbox-training"
    family: str = "mlstack-sandbox-training"
    status: str = "RUNNING"
    wanted: str = "RUNNING"
    host: str = ""
    provider: str = "FARGATE"
    created: datetime | None = BEGAN
    stopping: datetime | None = None
    stopped: datetime | None = None
    reason: str = ""
    late: int = 0
    """How many descriptions see it run on after it was stopped."""

    def told(self) -> dict[str, Any]:
        """As ECS describes it."""
        said = {
            "taskArn": self.arn,
            "group": self.group,
            "taskDefinitionArn": f"{ARN}:task-definition/{self.family}:7",
            "lastStatus": self.status,
            "desiredStatus": self.wanted,
            "capacityProviderName": self.provider,
            "containerInstanceArn": self.host,
            "createdAt": self.created,
            "stoppingAt": self.stopping,
            "stoppedAt": self.stopped,
            "stoppedReason": self.reason,
        }
        return {key: value for key, value in said.items() if value}


@dataclass
class Host:
    """One container instance."""

    arn: str
    instance: str
    connected: bool = True
    status: str = "ACTIVE"
    registered: datetime = BEGAN


@dataclass
class Service:
    """One service, which starts a task where it has less than it is to have."""

    name: str
    desired: int = 1
    status: str = "ACTIVE"


@dataclass
class ECS:
    """What a cluster has."""

    now: Callable[[], datetime] = lambda: BEGAN
    tasks: dict[str, Task] = field(default_factory=dict)
    hosts: dict[str, Host] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    """Why ECS does not describe what it lists, by its name."""
    gone: bool = False
    """Whether there is no cluster."""

    def run(self, **more: Any) -> Task:  # noqa: ANN401 (a task's fields)
        """Let there be one more task."""
        made = Task(f"{ARN}:task/{CLUSTER}/{len(self.tasks):032x}", **more)
        self.tasks[made.arn] = made
        return made

    def serve(self, name: str = "tagger", desired: int = 1, **more: Any) -> Service:  # noqa: ANN401 (its fields)
        """Let there be a service."""
        self.services[name] = Service(name, desired, **more)
        return self.services[name]

    def join(self, instance: Instance | str, **more: Any) -> Host:  # noqa: ANN401 (its fields)
        """Let an instance register."""
        name = instance if isinstance(instance, str) else instance.id
        made = Host(f"{ARN}:container-instance/{CLUSTER}/{len(self.hosts):032x}", name, **more)
        self.hosts[made.arn] = made
        return made

    @property
    def living(self) -> list[Task]:
        """The tasks that are not over."""
        return [one for one in self.tasks.values() if one.status != "STOPPED"]

    def answered(self, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """As ECS does."""
        known: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "ListTasks": self._list_tasks,
            "DescribeTasks": self._describe_tasks,
            "StopTask": self._stop_task,
            "ListServices": self._list_services,
            "DescribeServices": self._describe_services,
            "UpdateService": self._update_service,
            "ListContainerInstances": lambda asked: _page([*self.hosts], asked, "containerInstanceArns"),
            "DescribeContainerInstances": self._describe_hosts,
            "UpdateContainerInstancesState": self._update_hosts,
            "DeregisterContainerInstance": self._deregister,
        }
        if self.gone or asked["cluster"] != CLUSTER:
            refuse("ClusterNotFoundException")
        return known[operation](asked)

    def end(self, task: Task) -> None:
        """Let a task be over."""
        if task.status != "STOPPED":
            task.status = task.wanted = "STOPPED"
            task.stopped = self.now()

    def _list_tasks(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if "nextToken" not in asked:
            self._schedule()
        return _page(
            [one.arn for one in self.tasks.values() if one.wanted == asked["desiredStatus"]], asked, "taskArns"
        )

    def _schedule(self) -> None:
        for one in self.services.values():
            group = f"service:{one.name}"
            have = sum(task.group == group and task.wanted == "RUNNING" for task in self.tasks.values())
            for _ in range(one.desired - have):
                self.run(group=group, family=f"mlstack-sandbox-{one.name}", created=self.now())

    def _describe_tasks(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        found = [self.tasks[arn] for arn in self._shown(asked["tasks"], self.tasks)]
        for one in found:
            if one.wanted == "STOPPED" and self._hears(one):
                one.late -= 1
                if one.late < 0:
                    self.end(one)
        return {"tasks": [one.told() for one in found], "failures": self._failures(asked["tasks"], self.tasks)}

    def _hears(self, task: Task) -> bool:
        return not task.host or task.host not in self.hosts or self.hosts[task.host].connected

    def _stop_task(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        one = self.tasks.get(asked["task"])
        if one is None:
            refuse_not_found("task")
        if one.wanted != "STOPPED":
            one.wanted, one.stopping, one.reason = "STOPPED", self.now(), asked["reason"]
        return {"task": one.told()}

    def _list_services(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        listed = [name for name, one in self.services.items() if one.status != "INACTIVE"]
        return _page([f"{ARN}:service/{CLUSTER}/{name}" for name in listed], asked, "serviceArns", SERVICES)

    def _describe_services(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if not 0 < len(asked["services"]) <= SERVICES:
            refuse("InvalidParameterException")
        names = [arn.rpartition("/")[2] for arn in asked["services"]]
        found = [self.services[name] for name in names if name in self.services]
        told = [{"serviceName": one.name, "status": one.status, "desiredCount": one.desired} for one in found]
        return {"services": told, "failures": []}

    def _update_service(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        one = self.services.get(asked["service"])
        if one is None:
            refuse("ServiceNotFoundException")
        if one.status != "ACTIVE":
            refuse("ServiceNotActiveException")
        one.desired = asked["desiredCount"]
        return {}

    def _describe_hosts(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        arns = asked["containerInstances"]
        told = [self._told(self.hosts[arn]) for arn in self._shown(arns, self.hosts)]
        return {"containerInstances": told, "failures": self._failures(arns, self.hosts)}

    def _told(self, host: Host) -> dict[str, Any]:
        mine = [one.status for one in self.tasks.values() if one.host == host.arn]
        return {
            "containerInstanceArn": host.arn,
            "ec2InstanceId": host.instance,
            "agentConnected": host.connected,
            "status": host.status,
            "registeredAt": host.registered,
            "runningTasksCount": mine.count("RUNNING"),
            "pendingTasksCount": mine.count("PENDING"),
        }

    def _update_hosts(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for arn in self._shown(asked["containerInstances"], self.hosts):
            self.hosts[arn].status = asked["status"]
        return {"failures": self._failures(asked["containerInstances"], self.hosts)}

    def _deregister(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        arn = asked["containerInstance"]
        if arn not in self.hosts:
            refuse_not_found("container instance")
        mine = [one for one in self.living if one.host == arn]
        if mine and not asked["force"]:
            refuse("InvalidParameterException")
        for one in mine:  # ECS loses sight of them
            self.end(one)
        del self.hosts[arn]
        return {}

    def _shown(self, arns: list[str], known: Mapping[str, Any]) -> Iterator[str]:
        if not 0 < len(arns) <= PAGE:
            refuse("InvalidParameterException")
        return (arn for arn in arns if arn in known and arn not in self.hidden)

    def _failures(self, arns: list[str], known: Mapping[str, Any]) -> list[dict[str, str]]:
        missing = [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]
        return missing + [{"arn": arn, "reason": self.hidden[arn]} for arn in arns if arn in self.hidden]


def refuse_with(code: str, message: str) -> NoReturn:
    """Answer with an error in AWS's own words."""
    refuse(code, Error={"Code": code, "Message": message})


def refuse_not_found(what: str) -> NoReturn:
    """Answer as ECS does where there is no such thing."""
    refuse_with("InvalidParameterException", f"The referenced {what} was not found.")


def _page(names: list[str], asked: Mapping[str, Any], key: str, size: int = PAGE) -> Mapping[str, Any]:
    start = int(asked.get("nextToken", 0))
    more = {"nextToken": str(start + size)} if start + size < len(names) else {}
    return {key: names[start : start + size], **more}
