"""What a workstation and its people may do: use the stage's data, be reached by Session Manager, say that it lives."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.data_access import data_access

HEARTBEATS = "mlstack/Workstation"
"""The namespace of the metric by which a workstation says that it lives."""
# What AWS's managed policy AmazonSSMManagedInstanceCore has for Session Manager and Run Command, without its reading
# of every parameter of the account.
SESSIONS = (
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:GetEndpoint",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkstationRoleProps:
    """The buckets that it reads, or reads and writes; the parameter and the files that it takes at each boot."""

    name: str
    read: Sequence[s3.IBucket]
    write: Sequence[s3.IBucket]
    parameter: str
    files: Sequence[assets.Asset]


class WorkstationRole(Construct):
    """No managed policy, nothing that starts what bills, and not even its own stop: it shuts itself down."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkstationRoleProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = iam.Role(
            self,
            "Resource",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description=f"What the workstation {props.name} may do",
        )
        self.profile = iam.InstanceProfile(self, "Profile", role=self.resource)
        stack = cdk.Stack.of(self)
        self._allow(["*"], *SESSIONS)
        parameter = stack.format_arn(
            service="ssm", resource="parameter", resource_name=props.parameter.removeprefix("/")
        )
        self._allow([parameter], "ssm:GetParameter")
        self._allow([file.bucket.arn_for_objects(file.s3_object_key) for file in props.files], "s3:GetObject")
        self._allow([stack.stack_id], "cloudformation:SignalResource")
        self._allow(
            ["*"], "cloudwatch:PutMetricData", conditions={"StringEquals": {"cloudwatch:namespace": HEARTBEATS}}
        )
        for statement in data_access(props.read, props.write):
            self.resource.add_to_policy(statement)
        for finding, reason in {
            "Resource::*": "Sessions and metrics have no resource to name.",
            **(
                {"Resource::.../*": "Objects have many names; the bucket bounds them."}
                if props.read or props.write
                else {}
            ),
        }.items():
            acknowledge(self.resource, f"AwsSolutions-IAM5[{finding}]", reason)

    def _allow(self, resources: Sequence[str], *actions: str, conditions: dict[str, object] | None = None) -> None:
        self.resource.add_to_policy(
            iam.PolicyStatement(actions=list(actions), conditions=conditions, resources=list(resources))
        )
