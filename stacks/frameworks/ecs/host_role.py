"""What an instance of the cluster may do: register itself in it, and hear what it shall run."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.components.acknowledgement import acknowledge

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html: what the managed policy
# AmazonEC2ContainerServiceforEC2Role has, without its making of clusters, logs and pulls: those are the tasks' own.
ON_THE_CLUSTER = (
    "ecs:DeregisterContainerInstance",
    "ecs:RegisterContainerInstance",
    "ecs:SubmitAttachmentStateChanges",
    "ecs:SubmitContainerStateChange",
    "ecs:SubmitTaskStateChange",
)
ON_ITS_INSTANCES = ("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState")


@dataclass(frozen=True, kw_only=True, slots=True)
class HostRoleProps:
    """Which cluster's."""

    cluster_name: str


class HostRole(Construct):
    """Tasks have roles of their own; nobody logs in to an instance, and nothing is pulled or logged in its name."""

    def __init__(self, scope: Construct, construct_id: str, props: HostRoleProps) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.resource = iam.Role(
            self,
            "Resource",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="What an instance of the stage's cluster may do",
        )
        self.profile = iam.InstanceProfile(self, "Profile", role=self.resource)
        cluster = stack.format_arn(service="ecs", resource="cluster", resource_name=props.cluster_name)
        instances = stack.format_arn(
            service="ecs", resource="container-instance", resource_name=f"{props.cluster_name}/*"
        )
        self._allow(ON_THE_CLUSTER, cluster)
        self._allow(ON_ITS_INSTANCES, instances)
        self._allow(("ecs:DiscoverPollEndpoint",), "*")
        for finding, reason in {
            "Resource::*": "Where to ask for work knows no resource.",
            f"Resource::...:container-instance/{props.cluster_name}/*": (
                "An instance gets its number when it registers; the cluster bounds it."
            ),
        }.items():
            acknowledge(self.resource, f"AwsSolutions-IAM5[{finding}]", reason)

    def _allow(self, actions: tuple[str, ...], *resources: str) -> None:
        self.resource.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))
