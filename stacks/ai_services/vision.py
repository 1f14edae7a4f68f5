"""Rekognition on the stage's images."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.ai_services.image_labels import ImageLabels, ImageLabelsProps
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.config import Vision


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionStackProps:
    """The stage's buckets, or None where storage is left out: then the stack brings two of its own."""

    media: s3.IBucket | None
    results: s3.IBucket | None
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Vision


class VisionStack(cdk.Stack):
    """Every image uploaded to the media bucket is labelled."""

    def __init__(self, scope: Construct, construct_id: str, props: VisionStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 1: Rekognition on S3")
        media = props.media or self._bucket("Media", props.retention, event_bridge=True)
        results = props.results or self._bucket("Results", props.retention)
        labels = ImageLabels(
            self,
            "Labels",
            ImageLabelsProps(
                media=media,
                results=results,
                retention=props.retention,
                log_retention=props.log_retention,
                settings=props.settings,
            ),
        )
        for name, value, description in (
            ("MediaBucketName", media.bucket_name, "Upload images here"),
            ("MediaPrefix", props.settings.prefix, "Only objects under this prefix are labelled"),
            ("ResultsBucketName", results.bucket_name, "The full Rekognition responses"),
            ("LabelsTableName", labels.table.table_name, "One item per image"),
            ("DeadLetterQueueArn", labels.dead_letters.queue_arn, "Messages that could not be processed"),
            ("QueueArn", labels.queue.queue_arn, "Redrive dead letters to this queue"),
        ):
            cdk.CfnOutput(self, name, value=value, description=description)

    def _bucket(self, name: str, retention: Retention, *, event_bridge: bool = False) -> s3.Bucket:
        return PrivateBucket(self, name, PrivateBucketProps(retention=retention, event_bridge=event_bridge)).resource
