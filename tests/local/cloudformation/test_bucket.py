"""A bucket is made with everything that its template says."""

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template

FULL: Template = {
    "Type": "AWS::S3::Bucket",
    "Properties": {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "Tags": [{"Key": "layer", "Value": "storage"}],
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "old",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                },
                {"Id": "scratch", "Status": "Enabled", "Prefix": "scratch/", "ExpirationInDays": 7},
                {
                    "Id": "cold",
                    "Status": "Enabled",
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                },
            ]
        },
    },
}


def test_bucket_has_all_its_properties(stacks: Stacks, local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3")

    bucket = stacks.physical_id(stacks.create({"Bucket": FULL}), "Bucket")

    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
    [encryption] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "layer", "Value": "storage"}]
    assert rules["old"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert rules["old"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rules["scratch"]["Expiration"] == {"Days": 7}
    assert rules["scratch"]["Filter"] == {"Prefix": "scratch/"}
    assert rules["cold"]["Transitions"] == [{"StorageClass": "GLACIER", "Days": 90}]


def test_bucket_loses_what_its_template_no_longer_says(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({"Bucket": FULL})
    bucket = stacks.physical_id(name, "Bucket")
    changed = {"Tags": [{"Key": "layer", "Value": "other"}]}

    stacks.update(name, {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": changed}})

    s3 = local_aws.client("s3")
    assert stacks.status(name) == "UPDATE_COMPLETE"
    assert stacks.physical_id(name, "Bucket") == bucket
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "layer", "Value": "other"}]


def test_bucket_that_is_not_empty_is_not_deleted(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create({"Bucket": {"Type": "AWS::S3::Bucket"}})
    bucket = stacks.physical_id(name, "Bucket")
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=bucket, Key="a photo", Body=b"x")

    stacks.delete(name)
    refused, why = stacks.status(name), stacks.reasons(name)
    s3.delete_object(Bucket=bucket, Key="a photo")
    stacks.delete(name)

    assert refused == "DELETE_FAILED"
    assert "not empty" in why
    assert stacks.status(name) == "DELETED"
