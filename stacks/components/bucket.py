"""A private bucket that follows the retention mode."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.retention import Retention


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateBucketProps:
    """How long a bucket keeps what nobody needs, and whether it announces new objects on EventBridge."""

    retention: Retention
    incomplete_upload_days: int = 1
    old_version_days: int = 30
    expire_days: Mapping[str, int] = field(default_factory=dict)
    """When the objects under a prefix are deleted, in days after they were written."""
    event_bridge: bool = False


class PrivateBucket(Construct):
    """A bucket that is encrypted, TLS only, closed to the public and cleans up after itself."""

    def __init__(self, scope: Construct, construct_id: str, props: PrivateBucketProps) -> None:
        super().__init__(scope, construct_id)
        self.resource = s3.Bucket(
            self,
            "Resource",
            auto_delete_objects=not props.retention.keeps_data,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=_lifecycle(props),
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=props.retention.removal_policy,
            versioned=props.retention.keeps_data,
        )
        acknowledge(
            self.resource,
            "AwsSolutions-S1",
            "Server access logs need a bucket of their own that outlives this one; CloudTrail data events, which tell "
            "the same, are the organisation's choice and not one stage's.",
        )
        if self.resource.policy:
            self.resource.policy.apply_removal_policy(props.retention.removal_policy)  # a kept bucket stays TLS only
        if props.event_bridge:
            _announce(self.resource)


def _lifecycle(props: PrivateBucketProps) -> list[s3.LifecycleRule]:
    rules = [
        s3.LifecycleRule(
            id="IncompleteUploads",
            abort_incomplete_multipart_upload_after=cdk.Duration.days(props.incomplete_upload_days),
        )
    ]
    if props.retention.keeps_data:
        rules.append(
            s3.LifecycleRule(
                id="OldVersions",
                expired_object_delete_marker=True,
                noncurrent_version_expiration=cdk.Duration.days(props.old_version_days),
            )
        )
    rules += [
        s3.LifecycleRule(
            id=f"Scratch{number}",
            expiration=cdk.Duration.days(days),
            prefix=prefix,
        )
        for number, (prefix, days) in enumerate(props.expire_days.items(), start=1)
    ]
    return rules


def _announce(bucket: s3.Bucket) -> None:
    """Send the bucket's events to EventBridge.

    The L1 property does what ``event_bridge_enabled=True`` does without that one's custom resource, function and role.
    """
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        message = f"{bucket.node.path} has no CfnBucket"
        raise TypeError(message)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )
