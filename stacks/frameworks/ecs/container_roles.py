"""The two roles of a task: what starts it, and what it may do itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerRolesProps:
    """Whose task it is, from where its images come, and where its containers log."""

    name: str
    repositories: Sequence[ecr.IRepository]
    log_group: logs.ILogGroup


class ContainerRoles(Construct):
    """ECS pulls and logs with one; the containers have the other, which can do nothing until it is told what."""

    def __init__(self, scope: Construct, construct_id: str, props: ContainerRolesProps) -> None:
        super().__init__(scope, construct_id)
        self.execution = self._role("Execution", f"Starts the containers of {props.name}")
        self._allow(self.execution, ["*"], "ecr:GetAuthorizationToken")
        self._allow(self.execution, [one.repository_arn for one in props.repositories], *PULL)
        self._allow(self.execution, [props.log_group.log_group_arn], "logs:CreateLogStream", "logs:PutLogEvents")
        acknowledge(self.execution, "AwsSolutions-IAM5[Resource::*]", "ecr:GetAuthorizationToken knows no resource.")
        self.task = self._role("Task", f"What the containers of {props.name} may do")

    def allow(self, resources: Sequence[str], *actions: str) -> None:
        """Let the containers do something."""
        self._allow(self.task, resources, *actions)

    def _role(self, name: str, description: str) -> iam.Role:
        stack = cdk.Stack.of(self)
        return iam.Role(
            self,
            name,
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html: no other account's tasks
            assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com").with_conditions(
                {
                    "ArnLike": {"aws:SourceArn": stack.format_arn(service="ecs", resource="*")},
                    "StringEquals": {"aws:SourceAccount": stack.account},
                }
            ),
            description=description,
        )

    @staticmethod
    def _allow(role: iam.Role, resources: Sequence[str], *actions: str) -> None:
        role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))
