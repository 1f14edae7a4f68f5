"""Tells how a workflow ended, and who approved what; ends what an execution left running."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.components.queue import LONGEST

SOURCE = "mlstack.training"
ENDED = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")
KINDS = ("compilation-job", "hyper-parameter-tuning-job", "processing-job", "training-job", "transform-job")
STOPS = ("CompilationJob", "HyperParameterTuningJob", "ProcessingJob", "TrainingJob", "TransformJob")
MAX_AGE = cdk.Duration.hours(6)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingNewsProps:
    """Whose workflow, and whose versions."""

    stage: str
    state_machine: sfn.StateMachine
    groups: Sequence[str]
    """Names of the groups of versions."""
    log_retention: logs.RetentionDays


class TrainingNews(Construct):
    """Every end of an execution, and every approval, becomes an event of ours and a message of ``topic``."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingNewsProps) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self.function = self._function(props)
        self.dead_letters = sqs.Queue(
            self, "DeadLetters", encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, retention_period=LONGEST
        )
        acknowledge(
            self.dead_letters, "AwsSolutions-SQS3", "It holds the dead letters of rules, which cdk-nag does not see."
        )
        # A rule's dead letters are what it could not deliver; what the function failed at three times are these.
        self.function.configure_async_invoke(
            max_event_age=MAX_AGE, on_failure=destinations.SqsDestination(self.dead_letters), retry_attempts=2
        )
        self.rules = [
            self._rule(
                "Ended",
                "A training workflow has ended",
                events.EventPattern(
                    source=["aws.states"],
                    detail_type=["Step Functions Execution Status Change"],
                    detail={"stateMachineArn": [props.state_machine.state_machine_arn], "status": [*ENDED]},
                ),
            ),
            self._rule(
                "Approval",
                "Somebody approved or rejected a version",
                events.EventPattern(
                    source=["aws.sagemaker"],
                    detail_type=["SageMaker Model Package State Change"],
                    detail={"ModelPackageGroupName": [*props.groups], "ModelApprovalStatus": ["Approved", "Rejected"]},
                ),
            ),
        ]

    def _rule(self, name: str, description: str, pattern: events.EventPattern) -> events.Rule:
        target = targets.LambdaFunction(
            self.function, dead_letter_queue=self.dead_letters, max_event_age=MAX_AGE, retry_attempts=10
        )
        return events.Rule(self, name, description=description, event_pattern=pattern, targets=[target])

    def _function(self, props: TrainingNewsProps) -> lambda_.Function:
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="training_outcome",
                description="Tells how a training workflow ended, and ends what it left running",
                timeout=cdk.Duration.minutes(5),
                log_retention=props.log_retention,
                environment={
                    "STAGE": props.stage,
                    "STATE_MACHINE_ARN": props.state_machine.state_machine_arn,
                    "TOPIC_ARN": self.topic.topic_arn,
                },
            ),
        ).resource
        stack = cdk.Stack.of(self)
        self.topic.grant_publish(function)
        props.state_machine.grant_execution(function, "states:DescribeExecution")
        jobs = [
            stack.format_arn(service="sagemaker", resource=kind, resource_name=f"mlstack-{props.stage}-*")
            for kind in KINDS
        ]
        endpoints = stack.format_arn(service="sagemaker", resource="endpoint", resource_name=f"mlstack-{props.stage}-*")
        bus = stack.format_arn(service="events", resource="event-bus", resource_name="default")
        for statement in (
            iam.PolicyStatement(
                actions=[f"sagemaker:{verb}{job}" for job in STOPS for verb in ("Describe", "Stop")], resources=jobs
            ),
            iam.PolicyStatement(
                actions=["sagemaker:DeleteEndpoint", "sagemaker:DescribeEndpoint", "sagemaker:ListTags"],
                resources=[endpoints],
            ),
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[bus],
                conditions={"StringEquals": {"events:source": SOURCE}},
            ),
        ):
            function.add_to_role_policy(statement)
        for finding, reason in {
            "Resource::...mlstack-...-*...": "Runs have many names; the stage's name bounds them.",
            "Resource::...:*": "Executions have generated names; the state machine's name bounds them.",
        }.items():
            acknowledge(function.role or function, f"AwsSolutions-IAM5[{finding}]", reason)
        return function
