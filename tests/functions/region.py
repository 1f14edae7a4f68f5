"""ECS, Auto Scaling and EC2 in memory: a cluster, the groups of instances that its tasks run on, and its queues."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from tests.functions.ec2 import EC2, ENDING, Instance
from tests.functions.ecs import ECS, refuse_with
from tests.functions.shared.memory import refuse

GROUP_TAG = "aws:autoscaling:groupName"
GROUP_ARN = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1-2-3:autoScalingGroupName"


@dataclass
class Group:
    """One group of instances; ``late`` is how many looks see its deletion go on."""

    name: str
    desired: int = 0
    least: int = 0
    status: str = ""
    late: int = 0


@dataclass
class Region(ECS):
    """What there is."""

    ec2: EC2 = field(default_factory=EC2)
    groups: dict[str, Group] = field(default_factory=dict)
    late: int = 0
    """How many descriptions see a group's deletion go on."""
    providers: dict[str, str] = field(default_factory=dict)
    """The group that a capacity provider launches in, by its name; one of its own name, where nothing is said."""
    queues: list[str] = field(default_factory=list)
    """Those that somebody has asked about."""

    def launch(self, group: str = "spot", **more: Any) -> Instance:  # noqa: ANN401 (an instance's fields)
        """Let a group launch an instance; nobody's, where the group has no name."""
        if group:
            self.groups.setdefault(group, Group(group)).desired += 1
        return self.ec2.launch(tags={GROUP_TAG: group} if group else {}, **more)

    def ask(self, name: str = "spot", desired: int = 1, **more: Any) -> Group:  # noqa: ANN401 (a group's fields)
        """Let a group ask for instances that EC2 does not have."""
        self.groups[name] = Group(name, desired, **more)
        return self.groups[name]

    def answer(self, client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """As AWS does."""
        others: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "DescribeAutoScalingGroups": self._describe_groups,
            "DeleteAutoScalingGroup": self._delete_group,
            "SetDesiredCapacity": self._set_desired,
            "TerminateInstanceInAutoScalingGroup": self._terminate,
            "DescribeCapacityProviders": self._describe_providers,
            "GetQueueAttributes": self._ask_queue,
            "CreateTags": self._create_tags,
            "DeleteTags": self._delete_tags,
        }
        if operation in others:
            return others[operation](asked)
        if client.meta.service_model.service_name == "ecs":
            return self.answered(operation, asked)
        told = self.ec2.answer(client, operation, asked)
        self._settle()
        return told

    def _settle(self) -> None:
        """What runs on an instance ends with it; ECS forgets the instance only where its agent was connected."""
        for host in [*self.hosts.values()]:
            instance = self.ec2.instances.get(host.instance)
            if instance is None or instance.state not in ENDING:
                continue
            for task in self.tasks.values():
                if task.host == host.arn:
                    self.end(task)
            if host.connected and instance.state == "terminated":
                del self.hosts[host.arn]

    def _describe_groups(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        told = []
        for name in asked["AutoScalingGroupNames"]:
            one = self.groups.get(name)
            if one and one.status:
                one.late -= 1
                if one.late < 0:
                    del self.groups[name]
                    continue
            if one:
                told.append(self._group(one))
        return {"AutoScalingGroups": told}

    def _group(self, one: Group) -> Mapping[str, Any]:
        own = [box for box in self.ec2.instances.values() if box.tags.get(GROUP_TAG) == one.name]
        return {
            "AutoScalingGroupName": one.name,
            "DesiredCapacity": one.desired,
            "MinSize": one.least,
            "Instances": [{"InstanceId": box.id} for box in own if box.state != "terminated"],
            **({"Status": one.status} if one.status else {}),
        }

    def _set_desired(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        one = self.groups.get(asked["AutoScalingGroupName"])
        if one is None or asked["DesiredCapacity"] < one.least:
            refuse_with("ValidationError", "New SetDesiredCapacity value is below min value")
        one.desired = asked["DesiredCapacity"]
        return {}

    def _describe_providers(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        names = asked["capacityProviders"]
        told = [
            {
                "name": name,
                "autoScalingGroupProvider": {"autoScalingGroupArn": f"{GROUP_ARN}/{self.providers.get(name, name)}"},
            }
            for name in names
            if name not in self.hidden
        ]
        failures = [{"arn": name, "reason": self.hidden[name]} for name in names if name in self.hidden]
        return {"capacityProviders": told, "failures": failures}

    def _ask_queue(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.queues.append(asked["QueueUrl"])
        return {"Attributes": dict.fromkeys(asked["AttributeNames"], "any")}

    def _delete_group(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        one = self.groups.get(asked["AutoScalingGroupName"])
        if one is None:
            refuse_with("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup is gone not found")
        if one.status:
            refuse("ScalingActivityInProgress")
        if not asked["ForceDelete"]:
            refuse("ResourceInUse")
        one.status, one.late = "Delete in progress", self.late
        for instance in self.ec2.instances.values():
            if instance.tags.get(GROUP_TAG) == one.name and instance.state not in ENDING:
                self._terminated(instance)
        return {}

    def _terminate(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        instance = self.ec2.instances.get(asked["InstanceId"])
        group = self.groups.get(instance.tags.get(GROUP_TAG, "")) if instance else None
        if instance is None or group is None or instance.state in ENDING:
            refuse_with("ValidationError", "Instance Id not found - No managed instance found")
        self._terminated(instance)
        group.desired -= 1
        if not asked["ShouldDecrementDesiredCapacity"]:
            self.launch(group.name)
        return {}

    def _terminated(self, instance: Instance) -> None:
        instance.state, instance.late = ("shutting-down" if self.ec2.dying else "terminated"), self.ec2.dying
        self._settle()

    def _create_tags(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in asked["Resources"]:
            one = self.ec2.instances[name]
            one.tags = {**one.tags, **{tag["Key"]: tag["Value"] for tag in asked["Tags"]}}
        return {}

    def _delete_tags(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        keys = {tag["Key"] for tag in asked["Tags"]}
        for name in asked["Resources"]:
            one = self.ec2.instances[name]
            one.tags = {key: value for key, value in one.tags.items() if key not in keys}
        return {}
