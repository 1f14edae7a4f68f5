"""Rekognition on the stage's images and videos."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rekognition as rekognition
from aws_cdk import aws_s3 as s3
from constructs import Construct

from shared.analyses import ENROLMENT
from stacks.ai_services.backfill import Backfill, BackfillProps
from stacks.ai_services.image_analysis import ImageAnalysis, ImageAnalysisProps, calls_per_second
from stacks.ai_services.results_table import ResultsTables, ResultsTablesProps
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.vision_settings import Vision


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionStackProps:
    """The stage's buckets, or None where storage is left out: then the stack brings two of its own."""

    media: s3.IBucket | None
    results: s3.IBucket | None
    retention: Retention
    log_retention: logs.RetentionDays
    stage: str
    settings: Vision


class VisionStack(cdk.Stack):
    """Every image and video uploaded under the profile's prefixes is analysed."""

    def __init__(self, scope: Construct, construct_id: str, props: VisionStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 1: Rekognition on S3")
        self.media = props.media or self._bucket("Media", props.retention, event_bridge=True)
        self.results = props.results or self._bucket("Results", props.retention)
        self.tables = ResultsTables(
            self, "Tables", ResultsTablesProps(retention=props.retention, expire=props.settings.results_days > 0)
        )
        self._tell(
            MediaBucketName=(self.media.bucket_name, "Upload images and videos here"),
            ResultsBucketName=(self.results.bucket_name, "Rekognition's full answers"),
            ResultsTableName=(self.tables.results.table_name, "What was found, by object and by name"),
        )
        if props.settings.images:
            self._analyse_images(props)

    def _analyse_images(self, props: VisionStackProps) -> None:
        collection = self._collection(props) if props.settings.needs_collection else None
        images = ImageAnalysis(
            self,
            "Images",
            ImageAnalysisProps(
                media=self.media,
                results=self.results,
                table=self.tables.results,
                pace=self.tables.pace,
                collection=collection,
                log_retention=props.log_retention,
                stage=props.stage,
                settings=props.settings,
            ),
        )
        backfill = Backfill(
            self,
            "Backfill",
            BackfillProps(
                function=images.function,
                results=self.results,
                log_retention=props.log_retention,
                max_concurrency=props.settings.max_concurrency,
            ),
        )
        rates = calls_per_second(props.settings, self.region)
        self._tell(
            Routes=(_json(props.settings.images), "Which analyses the images under each prefix get"),
            CallsPerSecond=(_json(rates), "The most calls a second of each analysis"),
            BackfillBuckets=(
                _json(props.settings.backfill_buckets),
                "What a backfill may read beside the media bucket",
            ),
            QueueUrl=(images.queue.queue_url, "Where new images wait"),
            QueueArn=(images.queue.queue_arn, "Where new images wait"),
            DeadLetterQueueUrl=(images.dead_letters.queue_url, "What someone must look at"),
            DeadLetterQueueArn=(images.dead_letters.queue_arn, "What someone must look at"),
            BackfillStateMachineArn=(backfill.state_machine.state_machine_arn, "Analyses what lay there before"),
        )

    def _collection(self, props: VisionStackProps) -> rekognition.CfnCollection:
        """The faces that the stage knows; they go with an ephemeral stage."""
        collection = rekognition.CfnCollection(self, "Faces", collection_id=f"{self.stack_name}-Faces")
        collection.apply_removal_policy(props.retention.removal_policy)
        self._tell(CollectionId=(collection.ref, "The faces that the stage knows"))
        for prefix, names in props.settings.images.items():
            if ENROLMENT in names:
                self._tell(EnrolmentPrefix=(prefix, "Upload faces here, a folder for each person"))
                break
        return collection

    def _tell(self, **outputs: tuple[str, str]) -> None:
        """What the command line finds the stage by."""
        for name, (value, description) in outputs.items():
            cdk.CfnOutput(self, name, value=value, description=description)

    def _bucket(self, name: str, retention: Retention, *, event_bridge: bool = False) -> s3.Bucket:
        return PrivateBucket(self, name, PrivateBucketProps(retention=retention, event_bridge=event_bridge)).resource


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value)
