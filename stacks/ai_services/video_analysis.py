"""Rekognition on every video under some prefixes: S3 → EventBridge → SQS → Start → SNS → SQS → Get, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared.video_analyses import STARTS_PER_SECOND, VIDEO_ANALYSES, gets_per_second
from stacks.ai_services.video_completions import VideoCompletions
from stacks.ai_services.video_permissions import VideoPermissions
from stacks.components.announcing import allow_announcing
from stacks.components.function import Function, FunctionProps
from stacks.components.queue import DELIVERIES, LONGEST

START_TIMEOUT, RESULTS_TIMEOUT = cdk.Duration.seconds(60), cdk.Duration.minutes(15)
# AWS asks for six times the function's timeout, so that a throttled batch is not delivered twice at once. A result's
# delivery may last a quarter of an hour, and its job holds others back by itself: who dies is followed at once.
START_VISIBILITY, RESULTS_VISIBILITY = cdk.Duration.seconds(360), cdk.Duration.minutes(16)
SWEEP = cdk.Duration.hours(1)
CONCURRENCY = 5  # beyond it functions would only wait for the rate of their API
BATCH_SIZE = 1  # a video may wait for its place, a result take minutes; neither shall keep neighbours waiting
RESULTS_MEMORY_MIB = 512  # a page of a thousand faces with all attributes has some megabytes


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoAnalysisProps:
    """Where videos come from, where results go, and what is done with them."""

    media: s3.IBucket
    results: s3.IBucket
    table: dynamodb.ITableV2
    pace: dynamodb.ITableV2
    log_retention: logs.RetentionDays
    stage: str
    results_days: int
    """How long results stay in the table; 0 keeps them."""
    routes: Mapping[str, Sequence[str]]
    """Which analyses the videos under each key prefix get."""
    options: Mapping[str, Mapping[str, Any]]
    """Each analysis's table of the profile."""
    jobs: int
    """The most jobs at a time."""

    @property
    def analyses(self) -> tuple[str, ...]:
        """Every analysis that some prefix gets, in the catalogue's order."""
        named = {name for names in self.routes.values() for name in names}
        return tuple(name for name in VIDEO_ANALYSES if name in named)


class VideoAnalysis(Construct):
    """Every new video gets the analyses of its prefixes, as many at a time as the account may have jobs."""

    def __init__(self, scope: Construct, construct_id: str, props: VideoAnalysisProps) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=LONGEST,
        )
        self.start_queue = self._queue("StartQueue", START_VISIBILITY)
        self.results_queue = self._queue("ResultsQueue", RESULTS_VISIBILITY)
        self.completions = VideoCompletions(self, "Completions", self.results_queue)
        self.start_function = self._start(props)
        self.results_function = self._results(props)
        self._route(props)

    def _queue(self, name: str, visibility: cdk.Duration) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=DELIVERIES, queue=self.dead_letters),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=LONGEST,
            visibility_timeout=visibility,
        )

    def _route(self, props: VideoAnalysisProps) -> None:
        events.Rule(
            self,
            "Uploaded",
            description="New videos go to the queue",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [props.media.bucket_name]},
                    "object": {"key": [{"prefix": prefix} for prefix in props.routes]},
                },
            ),
            targets=[targets.SqsQueue(self.start_queue, dead_letter_queue=self.dead_letters)],
        )
        sweep = events.RuleTargetInput.from_object({"sweep": True})
        events.Rule(
            self,
            "Sweep",
            description="Asks after video jobs that nobody has told of for long",
            schedule=events.Schedule.rate(SWEEP),
            targets=[targets.LambdaFunction(self.results_function, event=sweep)],
        )

    def _start(self, props: VideoAnalysisProps) -> lambda_.Function:
        told: Mapping[str, object] = {
            "routes": {prefix: list(names) for prefix, names in props.routes.items()},
            "options": _options(props),
            "per_second": STARTS_PER_SECOND,
        }
        environment = {
            "JOBS": str(props.jobs),
            "QUEUE_URL": self.start_queue.queue_url,
            "ROLE_ARN": self.completions.role.role_arn,
            "TOPIC_ARN": self.completions.topic.topic_arn,
        }
        function = Function(
            self,
            "Start",
            FunctionProps(
                package="video_start",
                description="Starts the analyses of each new video",
                timeout=START_TIMEOUT,
                log_retention=props.log_retention,
                environment=self._environment(props, told) | environment,
            ),
        ).resource
        _feed(function, self.start_queue)
        self.dead_letters.grant(function, "sqs:SendMessage")
        allow_announcing(function)
        _permissions(props).allow_starts(function, self.completions.role)
        return function

    def _results(self, props: VideoAnalysisProps) -> lambda_.Function:
        rate = gets_per_second(cdk.Stack.of(self).region)
        told: Mapping[str, object] = {"options": _options(props), "per_second": rate}
        environment = {"QUEUE_URL": self.results_queue.queue_url, "RESULTS_BUCKET": props.results.bucket_name}
        function = Function(
            self,
            "Results",
            FunctionProps(
                package="video_results",
                description="Records what Rekognition found in each video",
                timeout=RESULTS_TIMEOUT,
                log_retention=props.log_retention,
                memory_mib=RESULTS_MEMORY_MIB,
                environment=self._environment(props, told) | environment,
            ),
        ).resource
        _feed(function, self.results_queue)
        self.dead_letters.grant(function, "sqs:SendMessage")
        self.results_queue.grant(function, "sqs:SendMessage")
        allow_announcing(function)
        _permissions(props).allow_results(function)
        return function

    def _environment(self, props: VideoAnalysisProps, told: Mapping[str, object]) -> dict[str, str]:
        return {
            "ANALYSES": cdk.Stack.of(self).to_json_string(told),
            "DEAD_LETTER_QUEUE_URL": self.dead_letters.queue_url,
            "PACE_TABLE": props.pace.table_name,
            "RESULTS_DAYS": str(props.results_days),
            "STAGE": props.stage,
            "TABLE_NAME": props.table.table_name,
        }


def _permissions(props: VideoAnalysisProps) -> VideoPermissions:
    return VideoPermissions(
        analyses=props.analyses,
        media=props.media,
        prefixes=tuple(props.routes),
        results=props.results,
        table=props.table,
        pace=props.pace,
    )


def _options(props: VideoAnalysisProps) -> dict[str, dict[str, Any]]:
    return {name: dict(props.options[name]) for name in props.analyses if props.options.get(name)}


def _feed(function: lambda_.Function, queue: sqs.Queue) -> None:
    function.add_event_source(
        sources.SqsEventSource(
            queue, batch_size=BATCH_SIZE, max_concurrency=CONCURRENCY, report_batch_item_failures=True
        )
    )
