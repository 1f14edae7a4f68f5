"""Refuses a deploy that would hurt a machine, before it touches anything of it."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.function import Function, FunctionProps
from stacks.workstation_settings import Workstation

TIMEOUT = cdk.Duration.minutes(5)
# Lambda may begin late, and begins again after a minute where the function died.
SERVICE_TIMEOUT = cdk.Duration.minutes(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionGuardProps:
    """Whose workstations they are, and how long the function's logs stay."""

    stage: str
    log_retention: logs.RetentionDays


class EditionGuard(Construct):
    """One function for all workstations of the stack.

    What a launch decides cannot change on a machine that is there. Some of it also stands elsewhere, where it would
    change at once: who logs in, how the machine is ended, whether a Spot request is cancelled.
    """

    def __init__(self, scope: Construct, construct_id: str, props: EditionGuardProps) -> None:
        super().__init__(scope, construct_id)
        self._stage = props.stage
        self._function = Function(
            self,
            "Function",
            FunctionProps(
                package="workstation_edition",
                description="Refuses changes of workstations that need another edition",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        self._function.add_to_role_policy(
            iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[cdk.Stack.of(self).stack_id])
        )

    def watch(self, scope: Construct, name: str, settings: Workstation) -> cdk.CustomResource:
        """What everything of a workstation depends on."""
        made = cdk.CustomResource(
            scope,
            "Edition",
            properties={
                "Stage": self._stage,
                "Workstation": name,
                "Edition": str(settings.edition),
                "System": settings.system,
                "Flavour": settings.flavour,
                "Processor": settings.type.processor,
                "Market": settings.purchase,
                "Type": "" if settings.market == "on-demand" else settings.instance_type,
            },
            resource_type="Custom::WorkstationEdition",
            service_timeout=SERVICE_TIMEOUT,
            service_token=self._function.function_arn,
        )
        made.node.add_dependency(self)
        return made
