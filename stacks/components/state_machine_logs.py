"""Where a state machine logs."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct


def state_machine_logs(machine: Construct, retention: logs.RetentionDays) -> logs.LogGroup:
    """A log group that goes with the stack, for the state machine that ``machine`` holds.

    Its name is given on purpose. For every group of another name Step Functions writes a statement into the account's
    resource policy of CloudWatch Logs, which has room for 5,120 characters; this prefix has one statement for all.
    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
    """
    return logs.LogGroup(
        machine,
        "Logs",
        log_group_name=f"/aws/vendedlogs/states/{cdk.Stack.of(machine).stack_name}-{machine.node.id}",
        removal_policy=cdk.RemovalPolicy.DESTROY,
        retention=retention,
    )
