"""Labels for every image that lands in a bucket: S3 → EventBridge → SQS → function → Rekognition."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.function import Function, FunctionProps
from stacks.components.retention import Retention
from stacks.config import Vision

BATCH_SIZE = 10
DELIVERIES_BEFORE_DEAD_LETTER = 5
RESULTS_PREFIX = "labels/"
TIMEOUT = cdk.Duration.seconds(60)
# AWS asks for six times the function's timeout, so that a throttled batch is not delivered twice at once.
VISIBILITY_TIMEOUT = cdk.Duration.seconds(6 * TIMEOUT.to_seconds())


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageLabelsProps:
    """Where images come from, where results go, and how they are labelled."""

    media: s3.IBucket
    results: s3.IBucket
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Vision


class ImageLabels(Construct):
    """Every new image under a prefix gets one item in ``table`` and one JSON document in the results bucket."""

    def __init__(self, scope: Construct, construct_id: str, props: ImageLabelsProps) -> None:
        super().__init__(scope, construct_id)
        self.table = self._table(props.retention)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            dead_letter_queue=sqs.DeadLetterQueue(
                max_receive_count=DELIVERIES_BEFORE_DEAD_LETTER, queue=self.dead_letters
            ),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=VISIBILITY_TIMEOUT,
        )
        self._route(props)
        self.function = self._function(props)

    def _table(self, retention: Retention) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            "Table",
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
            partition_key=dynamodb.Attribute(name="object", type=dynamodb.AttributeType.STRING),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=retention.keeps_data
            ),
            removal_policy=retention.removal_policy,
            sort_key=dynamodb.Attribute(name="version", type=dynamodb.AttributeType.STRING),
        )

    def _route(self, props: ImageLabelsProps) -> None:
        events.Rule(
            self,
            "Uploaded",
            description="New images go to the queue",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [props.media.bucket_name]},
                    "object": {"key": [{"prefix": props.settings.prefix}]},
                },
            ),
            targets=[targets.SqsQueue(self.queue)],
        )

    def _function(self, props: ImageLabelsProps) -> lambda_.Function:
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="image_labels",
                description="Labels each new image once and records what it found",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
                environment={
                    "DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
                    "MAX_LABELS": str(props.settings.max_labels),
                    "MIN_CONFIDENCE": str(props.settings.min_confidence),
                    "RESULTS_BUCKET": props.results.bucket_name,
                    "RESULTS_PREFIX": RESULTS_PREFIX,
                    "TABLE_NAME": self.table.table_name,
                },
            ),
        ).resource
        function.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=BATCH_SIZE,
                max_concurrency=props.settings.max_concurrency,
                report_batch_item_failures=True,
            )
        )
        self.table.grant(function, "dynamodb:PutItem")
        self.dead_letters.grant(function, "sqs:SendMessage")
        _grant_objects(function, props)
        return function


def _grant_objects(function: lambda_.Function, props: ImageLabelsProps) -> None:
    """Let the function read images, write results and call Rekognition; the L2 grants would add twenty actions."""
    images = f"{props.settings.prefix}*"
    results = f"{RESULTS_PREFIX}*"
    for statement in (
        iam.PolicyStatement(
            actions=["s3:GetObject", "s3:GetObjectVersion"], resources=[props.media.arn_for_objects(images)]
        ),
        # Without it S3 answers AccessDenied for an object that is gone, and "gone" could not be told from "forbidden".
        # No condition on s3:prefix: that key is absent when S3 decides between the two answers.
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[props.media.bucket_arn]),
        iam.PolicyStatement(actions=["s3:PutObject"], resources=[props.results.arn_for_objects(results)]),
        iam.PolicyStatement(actions=["rekognition:DetectLabels"], resources=["*"]),
    ):
        function.add_to_role_policy(statement)
    for resource, reason in (
        (f".../{images}", "The images are not known before they are uploaded; the prefix bounds what can be read."),
        (f".../{results}", "One document per image; the prefix bounds what can be written."),
        ("*", "DetectLabels has no resource to name: its image is read with the function's own S3 permission."),
    ):
        acknowledge(function.role or function, f"AwsSolutions-IAM5[Resource::{resource}]", reason)
