"""Lets a stack with state machines be destroyed while they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps

# Step Functions lets 25 executions a second be stopped in most regions: some ten thousand in one go.
TIMEOUT = cdk.Duration.minutes(15)
# Lambda may begin late, and begins again after a minute where the function died.
SERVICE_TIMEOUT = cdk.Duration.minutes(20)


@dataclass(frozen=True, kw_only=True, slots=True)
class StopExecutionsProps:
    """Whose executions end with the stack, and who starts them."""

    state_machines: Mapping[str, sfn.StateMachine]
    """By the names of their resources here."""
    started_by: Sequence[IConstruct] = ()
    """Deleted before anything is stopped, such as rules."""
    log_retention: logs.RetentionDays


class StopExecutions(Construct):
    """A custom resource a state machine, deleted before it: CloudFormation waits for a machine's last execution.

    One each, so that a machine that leaves the template takes only its own executions with it.
    """

    def __init__(self, scope: Construct, construct_id: str, props: StopExecutionsProps) -> None:
        super().__init__(scope, construct_id)
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="stop_executions",
                description="Stops what state machines run before they are deleted",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
            ),
        ).resource
        for name, machine in props.state_machines.items():
            machine.grant(function, "states:ListExecutions")
            machine.grant_execution(function, "states:StopExecution")
            cdk.CustomResource(
                self,
                name,
                properties={"StateMachineArn": machine.state_machine_arn},
                resource_type="Custom::StopExecutions",
                service_timeout=SERVICE_TIMEOUT,
                service_token=function.function_arn,
            )
        acknowledge(
            function.role or function,
            "AwsSolutions-IAM5[Resource::...:*]",
            "Executions have generated names; the state machine's name bounds them.",
        )
        for starter in props.started_by:
            starter.node.add_dependency(self)
