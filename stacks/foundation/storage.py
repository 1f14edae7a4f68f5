"""The stage's buckets: datasets, models, media and results."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.config import Storage


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageStackProps:
    """The stage's retention mode and its storage settings."""

    retention: Retention
    settings: Storage


class StorageStack(cdk.Stack):
    """Four buckets that every layer shares."""

    def __init__(self, scope: Construct, construct_id: str, props: StorageStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack foundation: the stage's buckets")
        self.datasets = self._bucket("Datasets", props)
        self.models = self._bucket("Models", props)
        self.media = self._bucket("Media", props, event_bridge=True)
        self.results = self._bucket("Results", props)

    def _bucket(self, name: str, props: StorageStackProps, *, event_bridge: bool = False) -> s3.Bucket:
        bucket = PrivateBucket(
            self,
            name,
            PrivateBucketProps(
                retention=props.retention,
                event_bridge=event_bridge,
                incomplete_upload_days=props.settings.incomplete_upload_days,
                old_version_days=props.settings.old_version_days,
                expire_days=dict.fromkeys(props.settings.scratch_prefixes, props.settings.scratch_days),
            ),
        ).resource
        cdk.CfnOutput(self, f"{name}BucketName", value=bucket.bucket_name, description=f"The bucket for {name.lower()}")
        return bucket
