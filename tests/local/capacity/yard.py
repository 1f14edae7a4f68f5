"""A cluster with capacity of its own, made by the services' own calls."""

import base64
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.project import ROOT
from tests.local.patience import eventually

Json = dict[str, Any]
GPU_IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
PLAIN_IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
SPOT = {"OnDemandBaseCapacity": 0, "OnDemandPercentageAboveBaseCapacity": 0}
ON_DEMAND = {"OnDemandBaseCapacity": 0, "OnDemandPercentageAboveBaseCapacity": 100}


def boot_script(cluster: str) -> str:
    """The user data of a container instance of a cluster."""
    text = (ROOT / "machines/container_instance/bootstrap.sh").read_text(encoding="utf-8")
    return text.replace("@CLUSTER@", cluster)


@dataclass
class Yard:
    """What tests make and look at."""

    aws: LocalAws
    cluster: str = field(default_factory=lambda: f"yard-{uuid4().hex[:8]}")
    groups: list[str] = field(default_factory=list)
    providers: list[str] = field(default_factory=list)

    @property
    def ec2(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("ec2")

    @property
    def autoscaling(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("autoscaling")

    @property
    def ecs(self) -> Any:  # noqa: ANN401 - a client
        return self.aws.client("ecs")

    def set(self, **changed: object) -> Json:
        """Let something happen to capacity; how it is then."""
        return dict(self.aws.capacity(**changed))

    def template(self, *, cluster: str | None = None, image: str = GPU_IMAGE, **more: object) -> str:
        """A launch template; its id."""
        data = {
            "ImageId": f"resolve:ssm:{image}",
            "InstanceType": "g4dn.xlarge",
            "UserData": base64.b64encode(boot_script(cluster or self.cluster).encode()).decode(),
            **more,
        }
        name = f"template-{uuid4().hex[:8]}"
        made = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return str(made["LaunchTemplate"]["LaunchTemplateId"])

    def subnets(self) -> list[str]:
        """Two subnets of the account's own network, in two zones."""
        found = self.ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        return [one["SubnetId"] for one in found[:2]]

    def policy(self, template: str, *types: str, **distribution: object) -> Json:
        """A mixed instances policy."""
        specification = {"LaunchTemplateId": template, "Version": "$Latest"}
        overrides = [{"InstanceType": one} for one in types]
        return {
            "LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides},
            "InstancesDistribution": distribution or SPOT,
        }

    def group(self, **more: object) -> str:
        """An Auto Scaling group of Spot instances with one GPU each, empty; its name."""
        name = f"group-{uuid4().hex[:8]}"
        wanted: Json = {"MinSize": 0, "MaxSize": 3, **more}
        if "AvailabilityZones" not in wanted:
            wanted["VPCZoneIdentifier"] = ",".join(self.subnets())
        if not {"LaunchTemplate", "MixedInstancesPolicy"} & wanted.keys():
            wanted["MixedInstancesPolicy"] = self.policy(self.template(), "g4dn.xlarge", "g5.xlarge")
        self.autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **wanted)
        self.groups.append(name)
        return name

    def desire(self, group: str, count: int) -> None:
        self.autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=count)

    def described(self, group: str) -> Json:
        [found] = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
        return dict(found)

    def instances(self, group: str) -> list[str]:
        return [one["InstanceId"] for one in self.described(group)["Instances"]]

    def state(self, instance: str) -> str:
        said = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return str(said["State"]["Name"])

    def activities(self, group: str) -> list[Json]:
        said = self.autoscaling.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
        return [dict(one) for one in said]

    def provider(self, group: str, **scaling: object) -> str:
        """A capacity provider with managed scaling, associated with the cluster; its name."""
        name = f"provider-{uuid4().hex[:8]}"
        managed = {"status": "ENABLED", "targetCapacity": 100, "maximumScalingStepSize": 1, **scaling}
        details = {
            "autoScalingGroupArn": self.described(group)["AutoScalingGroupARN"],
            "managedScaling": managed,
            "managedTerminationProtection": "DISABLED",
            "managedDraining": "DISABLED",
        }
        self.ecs.create_capacity_provider(name=name, autoScalingGroupProvider=details)
        self.providers.append(name)
        self.associate(*self.providers)
        return name

    def associate(self, *providers: str) -> None:
        self.ecs.put_cluster_capacity_providers(
            cluster=self.cluster, capacityProviders=[*providers], defaultCapacityProviderStrategy=[]
        )

    def registered(self, count: int = 1) -> list[Json]:
        """The container instances, as soon as there are so many."""

        def look() -> list[str]:
            found: list[str] = self.ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"]
            return found if len(found) == count else []

        arns = eventually(look)
        said = self.ecs.describe_container_instances(cluster=self.cluster, containerInstances=arns)
        return [dict(one) for one in said["containerInstances"]]

    def empty(self) -> bool:
        return not self.ecs.list_container_instances(cluster=self.cluster)["containerInstanceArns"]

    def definition(self, image: str, *command: str, gpus: int = 1, memory: int = 4096, **more: object) -> str:
        """A task definition for instances."""
        gpu = [{"type": "GPU", "value": str(gpus)}] if gpus else []
        container = {"name": "one", "image": image, "command": [*command], "memory": memory, "cpu": 1024, **more}
        made = self.ecs.register_task_definition(
            family=f"family-{uuid4().hex[:8]}",
            requiresCompatibilities=["EC2"],
            networkMode="bridge",
            containerDefinitions=[{**container, "resourceRequirements": gpu}],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def run(self, definition: str, provider: str, **more: object) -> str:
        """Run a task on a provider; its ARN."""
        strategy = [{"capacityProvider": provider, "weight": 1}]
        asked = {"cluster": self.cluster, "taskDefinition": definition, "capacityProviderStrategy": strategy, **more}
        [made] = self.ecs.run_task(**asked)["tasks"]
        return str(made["taskArn"])

    def task(self, arn: str) -> Json:
        [found] = self.ecs.describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"]
        return dict(found)

    def reached(self, arn: str, status: str) -> Json:
        """The task once it has come so far."""

        def look() -> Json | None:
            found = self.task(arn)
            return found if found["lastStatus"] == status else None

        return eventually(look) or {}

    def open(self) -> None:
        self.ecs.create_cluster(clusterName=self.cluster)

    def close(self) -> None:
        """Leave nothing."""
        self.set(no_spot=[], no_on_demand=[])
        with suppress(ClientError):
            for arn in self.ecs.list_tasks(cluster=self.cluster)["taskArns"]:
                self.ecs.stop_task(cluster=self.cluster, task=arn)
        for group in self.groups:
            with suppress(ClientError):
                self.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
        eventually(lambda: not self.ecs.list_tasks(cluster=self.cluster)["taskArns"])
        eventually(self._dissociated)
        for provider in self.providers:
            with suppress(ClientError):
                self.ecs.delete_capacity_provider(capacityProvider=provider)
        self.ecs.delete_cluster(cluster=self.cluster)

    def _dissociated(self) -> bool:
        try:
            self.associate()
        except ClientError:
            return False
        return True
