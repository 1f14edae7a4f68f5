"""The CDK's own custom resources run: their Node code, as the library ships it."""

import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlstack.local.aws import LocalAws
from tests.local.packing import zipped
from tests.local.stacks import Stacks, Template

HANDLER = "package/custom-resource-handlers/dist/aws-s3/auto-delete-objects-handler/index.js"


@pytest.fixture(scope="module")
def handler() -> str:
    spec = find_spec("aws_cdk")
    assert spec is not None
    assert spec.origin is not None
    [library] = (Path(spec.origin).parent / "_jsii").glob("aws-cdk-lib@*.jsii.tgz")
    with tarfile.open(library, "r|gz") as archive:
        for member in archive:
            if member.name == HANDLER:
                found = archive.extractfile(member)
                assert found is not None
                return found.read().decode()
    pytest.fail(f"{library.name} no longer has {HANDLER}")


def test_a_versioned_bucket_is_emptied_when_its_stack_goes(
    handler: str, stacks: Stacks, local_aws: LocalAws, code_bucket: str
) -> None:
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=code_bucket, Key="handler.zip", Body=zipped({"index.js": handler}))
    name = stacks.create(_template(code_bucket))
    bucket = stacks.physical_id(name, "Bucket")
    for key in ("one", "one", "two words é"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="one")
    deep = len(s3.list_object_versions(Bucket=bucket)["Versions"])

    stacks.delete(name)

    runs = [(run["request"], run["status"]) for run in local_aws.report()["custom_resources"] if run["stack"] == name]
    assert deep == 3
    assert runs == [("Create", "SUCCESS"), ("Delete", "SUCCESS")]
    assert bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]


def _template(code_bucket: str) -> dict[str, Template]:
    return {
        "Empty": {
            "Type": "Custom::S3AutoDeleteObjects",
            "DependsOn": ["Policy"],
            "Properties": {
                "ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]},
                "BucketName": {"Ref": "Bucket"},
            },
        },
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "s3:*",
                            "Resource": [{"Fn::Sub": "${Bucket.Arn}/*"}],
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    ]
                },
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "VersioningConfiguration": {"Status": "Enabled"},
                "Tags": [{"Key": "aws-cdk:auto-delete-objects", "Value": "true"}],
            },
        },
        "Provider": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "nodejs24.x",
                "Handler": "index.handler",
                "Role": "arn:aws:iam::123456789012:role/any",
                "Timeout": 60,
                "Code": {"S3Bucket": code_bucket, "S3Key": "handler.zip"},
            },
        },
    }
