"""Analyses what lay in a bucket before the stage: one Distributed Map over a manifest of batches."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.lambda_faults import CUT_OFF, PASSING
from stacks.components.state_machine_logs import state_machine_logs

PREFIX = "vision/backfill/"
LONGEST_RUN = cdk.Duration.days(30)
FUNCTION_TIMEOUT_S = 60
COME_AGAIN = "ComeAgainError"
# What a function that was cut off did by then is recorded, so one more try gets further.
TRIED_ONCE_MORE = (*CUT_OFF, "States.Timeout")
# An express child lives for five minutes. Seven waits are three of them at the most, so the work has two for itself;
# a batch that needs more is counted as failed and taken up again by a later run over the same manifest.
BACKOFF: Mapping[str, object] = {
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxAttempts": 7,
    "MaxDelaySeconds": 60,
    "JitterStrategy": "FULL",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BackfillProps:
    """Who analyses a batch, where manifests and outcomes lie, and how many batches are worked on at a time."""

    function: lambda_.IFunction
    results: s3.IBucket
    log_retention: logs.RetentionDays
    max_concurrency: int


class Backfill(Construct):
    """A state machine whose input names a manifest: ``{"manifest": key, "analyses": [name, ...] or null}``."""

    def __init__(self, scope: Construct, construct_id: str, props: BackfillProps) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description="What a backfill may do",
        )
        self.state_machine = sfn.StateMachine(
            self,
            "Resource",
            comment="Analyses every object of a manifest",
            definition_body=sfn.DefinitionBody.from_chainable(
                sfn.CustomState(self, "Batches", state_json=_batches(props))
            ),
            logs=sfn.LogOptions(
                destination=state_machine_logs(self, props.log_retention),
                include_execution_data=False,
                level=sfn.LogLevel.ERROR,
            ),
            role=role,
            timeout=LONGEST_RUN,
        )
        self._grant(role, props)
        self._acknowledge(role)

    def _grant(self, role: iam.Role, props: BackfillProps) -> None:
        """Allow what the Map does; CDK's DistributedMap would allow it on the whole bucket."""
        executions = cdk.Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{self.state_machine.state_machine_name}:*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        manifests, outcomes = (props.results.arn_for_objects(f"{PREFIX}{rest}") for rest in ("*", "*/results/*"))
        allowed = {
            ("lambda:InvokeFunction",): props.function.function_arn,
            ("s3:GetObject",): manifests,
            ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"): outcomes,
            ("states:StartExecution",): self.state_machine.state_machine_arn,
            ("states:DescribeExecution", "states:StopExecution"): executions,
        }
        # A policy of its own: the state machine waits for its role's default policy, which therefore cannot name it.
        iam.Policy(
            self,
            "Runs",
            roles=[role],
            statements=[
                iam.PolicyStatement(actions=list(actions), resources=[resource])
                for actions, resource in allowed.items()
            ],
        )

    def _acknowledge(self, role: iam.Role) -> None:
        for finding, reason in (
            (
                "AwsSolutions-SF1",
                "Each of a million batches would log a dozen events; errors are logged, and every outcome lies in S3.",
            ),
            (
                "AwsSolutions-SF2",
                "A trace a batch would cost more than the batch's Lambda calls; the Map Run counts and times them.",
            ),
        ):
            acknowledge(self.state_machine, finding, reason)
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "CloudWatch's log delivery actions have no resource to name; the CDK grants them to every logging machine.",
        )
        for resource, reason in (
            (f".../{PREFIX}*", "A manifest is named by its run; the prefix bounds what can be read."),
            (f".../{PREFIX}*/results/*", "Outcomes are named by their run; the prefix bounds what can be written."),
            ("...:*", "The Map's own executions have generated names; the state machine's name bounds them."),
        ):
            acknowledge(self, f"AwsSolutions-IAM5[Resource::{resource}]", reason)


def _batches(props: BackfillProps) -> dict[str, object]:
    """The Map in Amazon States Language: one express child a batch, its outcome in S3."""
    integration = f"arn:{cdk.Aws.PARTITION}:states:::"
    return {
        "Type": "Map",
        "ItemReader": {
            "Resource": f"{integration}s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": props.results.bucket_name, "Key.$": "$.manifest"},
        },
        "ItemSelector": {
            "backfill.$": "$$.Execution.Name",
            "analyses.$": "$.analyses",
            "bucket.$": "$$.Map.Item.Value.bucket",
            "objects.$": "$$.Map.Item.Value.objects",
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Analyse",
            "States": {"Analyse": _analyse(props.function, integration)},
        },
        "MaxConcurrency": props.max_concurrency,
        # A batch that fails is counted and ends no other. Catching its error would count it as a success.
        "ToleratedFailurePercentage": 100,
        "ResultWriter": {
            "Resource": f"{integration}s3:putObject",
            "Parameters": {
                "Bucket": props.results.bucket_name,
                "Prefix.$": f"States.Format('{PREFIX}{{}}/results', $$.Execution.Name)",
            },
        },
        "ResultSelector": {"map_run.$": "$.MapRunArn", "results.$": "$.ResultWriterDetails"},
        "End": True,
    }


def _analyse(function: lambda_.IFunction, integration: str) -> dict[str, object]:
    return {
        "Type": "Task",
        "Resource": f"{integration}lambda:invoke",
        "Parameters": {"FunctionName": function.function_arn, "Payload.$": "$"},
        "ResultSelector": {"answer.$": "$.Payload"},
        "TimeoutSeconds": FUNCTION_TIMEOUT_S + 15,
        "Retry": [
            {"ErrorEquals": [*PASSING, COME_AGAIN], **BACKOFF},
            {"ErrorEquals": [*TRIED_ONCE_MORE], **BACKOFF, "MaxAttempts": 1},
        ],
        "End": True,
    }
