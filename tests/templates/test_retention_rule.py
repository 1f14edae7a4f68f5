"""The retention mode is checked on every template, whatever a construct did."""

from collections.abc import Mapping, Sequence
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from stacks.components.retention import TRANSIENT, Retention, declare_transient
from stacks.retention_rule import EMPTIED, RetentionRule, violations


def template(resource_type: str, tags: Sequence[Mapping[str, str]] = (), **policies: str) -> dict[str, Any]:
    """A template of one resource."""
    return {"Resources": {"Thing": {"Type": resource_type, "Properties": {"Tags": tags}, **policies}}}


BOTH = ("DeletionPolicy", "UpdateReplacePolicy")


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate", "Snapshot"])
@pytest.mark.parametrize("attribute", BOTH)
def test_nothing_may_outlive_an_ephemeral_stage(attribute: str, policy: str) -> None:
    found = list(violations(template("AWS::SQS::Queue", (), **{attribute: policy}), Retention.EPHEMERAL))

    assert found == [("Thing", "would outlive an ephemeral stage")]


def test_an_ephemeral_bucket_must_be_emptied_on_delete() -> None:
    full = template("AWS::S3::Bucket")
    emptied = template("AWS::S3::Bucket", [EMPTIED])

    assert len(list(violations(full, Retention.EPHEMERAL))) == 1
    assert list(violations(emptied, Retention.EPHEMERAL)) == []


@pytest.mark.parametrize(
    "resource_type",
    [
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        "AWS::Rekognition::Collection",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
    ],
)
def test_durable_data_must_be_retained_on_delete_and_on_replacement(resource_type: str) -> None:
    for kept in BOTH:
        half = template(resource_type, (), **{kept: "Retain"})
        assert len(list(violations(half, Retention.DURABLE))) == 1

    whole = template(resource_type, (), **dict.fromkeys(BOTH, "Retain"))
    assert list(violations(whole, Retention.DURABLE)) == []


def launching(*kept: bool | None) -> dict[str, Any]:
    """A launch template whose instances have such disks."""
    disks = [{"Ebs": {} if one is None else {"DeleteOnTermination": not one}} for one in kept]
    data = {"BlockDeviceMappings": [{"VirtualName": "ephemeral0"}, *disks]}
    return {"Resources": {"Thing": {"Type": "AWS::EC2::LaunchTemplate", "Properties": {"LaunchTemplateData": data}}}}


@pytest.mark.parametrize(
    ("disks", "retention", "faults"),
    [
        ((None,), Retention.EPHEMERAL, 0),
        ((False, False), Retention.EPHEMERAL, 0),
        ((False, True), Retention.EPHEMERAL, 1),
        ((True, True), Retention.DURABLE, 0),
        ((True, None), Retention.DURABLE, 1),
        ((False,), Retention.DURABLE, 1),
        ((), Retention.DURABLE, 0),
    ],
)
def test_disks_of_launched_machines_follow_the_mode_too(
    disks: tuple[bool | None, ...], retention: Retention, faults: int
) -> None:
    assert len(list(violations(launching(*disks), retention))) == faults


def test_disk_that_is_declared_transient_goes_with_a_durable_stage() -> None:
    made = launching(None)
    made["Resources"]["Thing"]["Metadata"] = {TRANSIENT: "it goes whenever the machine is idle"}

    assert list(violations(made, Retention.DURABLE)) == []


def test_what_holds_no_data_goes_with_a_durable_stage() -> None:
    assert list(violations(template("AWS::SQS::Queue"), Retention.DURABLE)) == []


def test_what_is_declared_transient_goes_with_a_durable_stage_and_says_why() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack")
    bucket = s3.Bucket(stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY)

    declare_transient(bucket, "made again in a minute")

    made = dict(Template.from_stack(stack).to_json())
    assert [one["Metadata"][TRANSIENT] for one in made["Resources"].values()] == ["made again in a minute"]
    assert list(violations(made, Retention.DURABLE)) == []


def test_synthesis_fails_where_a_construct_breaks_the_mode() -> None:
    app = cdk.App()
    stage = cdk.Stage(app, "stage")
    s3.Bucket(cdk.Stack(stage, "Stack"), "Bucket", removal_policy=cdk.RemovalPolicy.RETAIN)
    cdk.Validations.of(stage).add_plugins(RetentionRule(Retention.EPHEMERAL))

    with pytest.raises(RuntimeError, match="would outlive an ephemeral stage"):
        app.synth()
