"""Acts on flagged objects: tag, quarantine, and the decision of a person who is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.ai_services import review_steps
from stacks.components.acknowledgement import acknowledge
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.function import Function, FunctionProps
from stacks.components.queue import LONGEST
from stacks.components.retention import Retention
from stacks.components.state_machine_logs import state_machine_logs
from stacks.components.table import allow_items

SOURCE, FLAGGED = "mlstack.vision", "Content Flagged"
# What copying the largest video may take, and as long as a function may run.
TIMEOUT = cdk.Duration.minutes(15)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModerationReviewProps:
    """Which objects are acted upon, how, and whether a person decides in the end."""

    media: s3.IBucket
    media_prefixes: Sequence[str]
    """Nothing is done to objects elsewhere; "" stands for the whole bucket."""
    table: dynamodb.ITableV2
    retention: Retention
    log_retention: logs.RetentionDays
    stage: str
    results_days: int
    action: Literal["quarantine", "tag"]
    review: bool
    review_days: int
    """How long a decision is waited for; an execution ends after 365 days whatever it waits for."""


class ModerationReview(Construct):
    """Every event "Content Flagged" about the media bucket starts one execution of ``state_machine``."""

    def __init__(self, scope: Construct, construct_id: str, props: ModerationReviewProps) -> None:
        super().__init__(scope, construct_id)
        self.quarantine: s3.Bucket | None = None
        if props.action == "quarantine":
            self.quarantine = PrivateBucket(self, "Held", PrivateBucketProps(retention=props.retention)).resource
        self._prefixes = _outermost(props.media_prefixes)
        self.function = self._function(props)
        self.state_machine = self._state_machine(props)
        self.dead_letters = self._dead_letters()
        self.rule = self._start_when_flagged(props)

    def _function(self, props: ModerationReviewProps) -> lambda_.Function:
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="moderation_review",
                description="Tags flagged objects, moves them into quarantine, and does what reviewers decide",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
                environment={
                    "QUARANTINE_BUCKET": self.quarantine.bucket_name if self.quarantine else "",
                    "RESULTS_DAYS": str(props.results_days),
                    "REVIEW": "true" if props.review else "false",
                    "REVIEW_DAYS": str(props.review_days),
                    "TABLE_NAME": props.table.table_name,
                },
            ),
        ).resource
        allow_items(function, props.table, "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem")
        self._grant_objects(function, props.media)
        return function

    def _grant_objects(self, function: lambda_.Function, media: s3.IBucket) -> None:
        """Allow what the steps do: no version is ever deleted, and nothing under another prefix is touched."""
        read = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
        mark = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
        move = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
        actions = [*read, *mark, *(move if self.quarantine else ())]
        flagged = [media.arn_for_objects(f"{prefix}*") for prefix in self._prefixes]
        buckets = [media.bucket_arn]
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=flagged))
        if self.quarantine:
            held = [self.quarantine.arn_for_objects("*")]
            kept = ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging", *move]
            function.add_to_role_policy(iam.PolicyStatement(actions=kept, resources=held))
            buckets.append(self.quarantine.bucket_arn)
        # Without it S3 answers AccessDenied for an object that is gone, and "gone" could not be told from "forbidden".
        function.add_to_role_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=buckets))
        for place in [f".../{prefix}*" for prefix in self._prefixes] + ["...Held....Arn>/*"] * bool(self.quarantine):
            acknowledge(
                function.role or function,
                f"AwsSolutions-IAM5[Resource::{place}]",
                "Which objects are flagged is not known before; the prefix bounds what can be touched.",
            )

    def _state_machine(self, props: ModerationReviewProps) -> sfn.StateMachine:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description="What a moderation review may do",
        )
        machine = sfn.StateMachine(
            self,
            "Resource",
            comment="Acts on one flagged object and waits for the decision about it",
            definition_body=sfn.DefinitionBody.from_chainable(
                review_steps.chain(
                    self, self.function, wait=cdk.Duration.days(props.review_days) if props.review else None
                )
            ),
            logs=sfn.LogOptions(
                destination=state_machine_logs(self, props.log_retention),
                include_execution_data=False,
                level=sfn.LogLevel.ERROR,
            ),
            role=role,
        )
        for construct, finding, reason in (
            (machine, "SF1", "Errors are logged; what was done and decided is in the results table."),
            (machine, "SF2", "A review waits for a person; a trace of that tells nothing."),
            (role, "IAM5[Resource::*]", "Log delivery has no resource to name; every logging machine is granted it."),
            (role, "IAM5[Resource::....Arn>:*]", "The versions of the one function; the CDK grants both."),
        ):
            acknowledge(construct, f"AwsSolutions-{finding}", reason)
        return machine

    def _dead_letters(self) -> sqs.Queue:
        """Where an event waits that could not start an execution."""
        queue = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=LONGEST,
        )
        acknowledge(queue, "AwsSolutions-SQS3", "It holds the dead letters of a rule, which cdk-nag does not see.")
        return queue

    def _start_when_flagged(self, props: ModerationReviewProps) -> events.Rule:
        about: dict[str, object] = {"stage": [props.stage], "bucket": [props.media.bucket_name]}
        if "" not in self._prefixes:
            about["key"] = [{"prefix": prefix} for prefix in self._prefixes]
        return events.Rule(
            self,
            "Flagged",
            description="Flagged content is acted upon",
            event_pattern=events.EventPattern(source=[SOURCE], detail_type=[FLAGGED], detail=about),
            targets=[targets.SfnStateMachine(self.state_machine, dead_letter_queue=self.dead_letters)],
        )


def _outermost(prefixes: Sequence[str]) -> list[str]:
    """The prefixes without those that lie under another."""
    return sorted({one for one in prefixes if not any(one != other and one.startswith(other) for other in prefixes)})
