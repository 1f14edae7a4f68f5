"""The buckets: private, encrypted, TLS only, and gone with an ephemeral stage."""

from typing import Any

import pytest
from aws_cdk.assertions import Match

from tests.templates.synthesis import Synthesize, Synthesized

PURPOSES = ("Datasets", "Media", "Models", "Results")


def buckets(profile: Synthesized) -> dict[str, dict[str, Any]]:
    """The storage stack's buckets by logical id."""
    return profile.stacks["Storage"].of_type("AWS::S3::Bucket")


def test_storage_has_a_bucket_for_each_purpose_and_names_it_in_an_output(sandbox: Synthesized) -> None:
    outputs = sandbox.stacks["Storage"].template["Outputs"]

    assert len(buckets(sandbox)) == len(PURPOSES)
    assert all(f"{purpose}BucketName" in outputs for purpose in PURPOSES)


def test_every_bucket_is_encrypted_and_closed_to_the_public(sandbox: Synthesized) -> None:
    sandbox.template("Storage").all_resources_properties(
        "AWS::S3::Bucket",
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        },
    )


def test_every_bucket_refuses_plain_http_and_old_tls(sandbox: Synthesized) -> None:
    template = sandbox.template("Storage")

    for condition in ({"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": 1.2}}):
        refusal = {"Action": "s3:*", "Condition": condition, "Effect": "Deny", "Principal": {"AWS": "*"}}
        template.resource_properties_count_is(
            "AWS::S3::BucketPolicy",
            {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(refusal)])}},
            len(PURPOSES),
        )


def test_every_bucket_throws_away_uploads_that_never_finished(sandbox: Synthesized) -> None:
    sandbox.template("Storage").all_resources_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {
                "Rules": Match.array_with(
                    [
                        Match.object_like(
                            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Status": "Enabled"}
                        )
                    ]
                )
            }
        },
    )


@pytest.mark.parametrize(("prefix", "days"), [("tmp/", 3), ("checkpoints/run-1/", 3)])
def test_scratch_prefixes_expire_after_the_days_of_the_profile(synthesize: Synthesize, prefix: str, days: int) -> None:
    profile = synthesize(
        "sandbox", {"storage": {"scratch_prefixes": ["tmp/", "checkpoints/run-1/"], "scratch_days": days}}
    )

    profile.template("Storage").all_resources_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {
                "Rules": Match.array_with([Match.object_like({"ExpirationInDays": days, "Prefix": prefix})])
            }
        },
    )


def test_durable_buckets_keep_old_versions_for_the_days_of_the_profile(production: Synthesized) -> None:
    old_versions = {"ExpiredObjectDeleteMarker": True, "NoncurrentVersionExpiration": {"NoncurrentDays": 90}}

    production.template("Storage").all_resources_properties(
        "AWS::S3::Bucket",
        {
            "LifecycleConfiguration": {"Rules": Match.array_with([Match.object_like(old_versions)])},
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    )


def test_durable_buckets_stay_and_are_never_emptied(production: Synthesized) -> None:
    assert {bucket["DeletionPolicy"] for bucket in buckets(production).values()} == {"Retain"}
    assert {bucket["UpdateReplacePolicy"] for bucket in buckets(production).values()} == {"Retain"}
    production.template("Storage").resource_count_is("Custom::S3AutoDeleteObjects", 0)


def test_a_kept_bucket_keeps_its_policy(production: Synthesized) -> None:
    policies = production.stacks["Storage"].of_type("AWS::S3::BucketPolicy").values()

    assert len(policies) == len(PURPOSES)
    assert {policy["DeletionPolicy"] for policy in policies} == {"Retain"}


def test_ephemeral_buckets_are_emptied_and_go(sandbox: Synthesized) -> None:
    assert {bucket["DeletionPolicy"] for bucket in buckets(sandbox).values()} == {"Delete"}
    sandbox.template("Storage").resource_count_is("Custom::S3AutoDeleteObjects", len(PURPOSES))


def test_only_the_media_bucket_announces_its_objects_and_without_a_custom_resource(sandbox: Synthesized) -> None:
    announcing = [
        logical_id
        for logical_id, bucket in buckets(sandbox).items()
        if bucket["Properties"].get("NotificationConfiguration")
        == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    ]

    assert len(announcing) == 1
    assert announcing[0].startswith("Media")
    sandbox.template("Storage").resource_count_is("Custom::S3BucketNotifications", 0)
