"""Rekognition on every image under some prefixes: S3 → EventBridge → SQS → function → Rekognition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rekognition as rekognition
from aws_cdk import aws_s3 as s3
from constructs import Construct

from shared.analyses import ANALYSES, WITH_COLLECTION
from stacks.components.acknowledgement import acknowledge
from stacks.components.announcing import allow_announcing
from stacks.components.function import Function, FunctionProps
from stacks.components.queue import QueueWithDeadLetters, QueueWithDeadLettersProps
from stacks.components.table import allow_items
from stacks.vision_settings import Vision

BATCH_SIZE = 1  # an image may wait for its slots; it shall not keep neighbours waiting
DOCUMENTS = "vision/*"
TIMEOUT = cdk.Duration.seconds(60)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageAnalysisProps:
    """Where images come from, where results go, and what is done with them."""

    media: s3.IBucket
    results: s3.IBucket
    table: dynamodb.ITableV2
    pace: dynamodb.ITableV2
    collection: rekognition.CfnCollection | None
    """The faces that the stage knows."""
    log_retention: logs.RetentionDays
    stage: str
    settings: Vision


class ImageAnalysis(Construct):
    """Every new image gets the analyses of its prefixes, once each, at the pace that each API allows."""

    def __init__(self, scope: Construct, construct_id: str, props: ImageAnalysisProps) -> None:
        super().__init__(scope, construct_id)
        queues = QueueWithDeadLetters(self, "Queues", QueueWithDeadLettersProps(consumer_timeout=TIMEOUT))
        self.queue, self.dead_letters = queues.queue, queues.dead_letters
        self._route(props)
        self.function = self._function(props)

    def _route(self, props: ImageAnalysisProps) -> None:
        events.Rule(
            self,
            "Uploaded",
            description="New images go to the queue",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [props.media.bucket_name]},
                    "object": {"key": [{"prefix": prefix} for prefix in props.settings.images]},
                },
            ),
            # What cannot be put into the queue waits as it is among the queue's own dead letters, to be sent back.
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )

    def _function(self, props: ImageAnalysisProps) -> lambda_.Function:
        function = Function(
            self,
            "Function",
            FunctionProps(
                package="image_analysis",
                description="Analyses each new image once and records what it found",
                timeout=TIMEOUT,
                log_retention=props.log_retention,
                environment={
                    "ANALYSES": cdk.Stack.of(self).to_json_string(_analyses(props)),
                    "DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
                    "PACE_TABLE": props.pace.table_name,
                    "QUEUE_URL": self.queue.queue_url,
                    "RESULTS_BUCKET": props.results.bucket_name,
                    "RESULTS_DAYS": str(props.settings.results_days),
                    "STAGE": props.stage,
                    "TABLE_NAME": props.table.table_name,
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
        allow_items(function, props.table, "dynamodb:BatchWriteItem", "dynamodb:UpdateItem")
        allow_items(function, props.pace, "dynamodb:UpdateItem")
        self.dead_letters.grant(function, "sqs:SendMessage")
        allow_announcing(function)
        _allow_objects(function, props)
        _allow_analyses(function, props)
        return function


def calls_per_second(settings: Vision, region: str) -> dict[str, float]:
    """What each analysis's API may be asked: the profile's number, or the region's documented quota."""
    return {name: settings.calls_per_second.get(name, ANALYSES[name].quota.of(region)) for name in settings.analyses}


def _analyses(props: ImageAnalysisProps) -> Mapping[str, object]:
    """What the function is told of each analysis."""
    names = props.settings.analyses
    collection = {"collection": props.collection.ref} if props.collection else {}
    options = {name: props.settings.options(name) | (collection if name in WITH_COLLECTION else {}) for name in names}
    return {
        "routes": {prefix: list(chosen) for prefix, chosen in props.settings.images.items()},
        "options": {name: chosen for name, chosen in options.items() if chosen},
        "per_second": calls_per_second(props.settings, cdk.Stack.of(props.table).region),
    }


def _allow_objects(function: lambda_.Function, props: ImageAnalysisProps) -> None:
    """Let the function read images and write results; the L2 grants would add twenty actions."""
    buckets = [
        s3.Bucket.from_bucket_name(function, f"Backfill{number}", name)
        for number, name in enumerate(props.settings.backfill_buckets, start=1)
    ]
    images = [
        *(props.media.arn_for_objects(f"{prefix}*") for prefix in props.settings.images),
        *(bucket.arn_for_objects("*") for bucket in buckets),
    ]
    # Without s3:ListBucket S3 answers AccessDenied for an object that is gone, and "gone" could not be told from
    # "forbidden". No condition on s3:prefix: that key is absent when S3 decides between the two answers.
    listed = [bucket.bucket_arn for bucket in (props.media, props.results, *buckets)]
    documents = props.results.arn_for_objects(DOCUMENTS)
    for actions, resources in (
        (["s3:GetObject", "s3:GetObjectVersion"], images),
        (["s3:ListBucket"], listed),
        (["s3:GetObject", "s3:PutObject"], [documents]),
    ):
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))
    for prefix in props.settings.images:
        acknowledge(
            function.role or function,
            f"AwsSolutions-IAM5[Resource::.../{prefix}*]",
            "The images are not known before they are uploaded; the prefix bounds what can be read.",
        )
    for name in props.settings.backfill_buckets:
        acknowledge(
            function.role or function,
            f"AwsSolutions-IAM5[Resource::...{name}/*]",
            "The profile names the bucket for backfills, which may begin at any prefix.",
        )
    acknowledge(
        function.role or function,
        f"AwsSolutions-IAM5[Resource::.../{DOCUMENTS}]",
        "One document per image and analysis; the prefix bounds what can be written.",
    )


def _allow_analyses(function: lambda_.Function, props: ImageAnalysisProps) -> None:
    """Let the function call exactly the APIs that the profile enables, on named resources where IAM knows some."""
    for resource, names in _by_resource(props).items():
        actions = [f"rekognition:{ANALYSES[name].operation}" for name in names]
        function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        if resource == "*":
            acknowledge(
                function.role or function,
                "AwsSolutions-IAM5[Resource::*]",
                "These APIs have no resource to name: an image is read with the function's own S3 permission.",
            )


def _by_resource(props: ImageAnalysisProps) -> Mapping[str, Sequence[str]]:
    targets_of = {
        "collection": props.collection.attr_arn if props.collection else None,
        "project_version": props.settings.custom_labels.project_version,
    }
    grouped: dict[str, list[str]] = {}
    for name in props.settings.analyses:
        target = ANALYSES[name].target
        grouped.setdefault((targets_of[target] if target else None) or "*", []).append(name)
    return grouped
