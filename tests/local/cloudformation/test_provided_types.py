"""The types that moto skips act on its services."""

import json

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template

BUCKET: Template = {"Type": "AWS::S3::Bucket"}
QUEUE: Template = {"Type": "AWS::SQS::Queue"}
STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
TLS_ONLY = {**STATEMENT, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def policy(*statements: Template) -> Template:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_bucket_policy_is_put_changed_and_taken_away(stacks: Stacks, local_aws: LocalAws) -> None:
    def resources(*statements: Template) -> Template:
        properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy(*statements)}
        return {"Bucket": BUCKET, "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}

    def read() -> list[Template]:
        found: list[Template] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        return found

    s3 = local_aws.client("s3")
    name = stacks.create(resources(TLS_ONLY))
    bucket = stacks.physical_id(name, "Bucket")
    created = read()
    s3.put_object(Bucket=bucket, Key="tls", Body=b"over the loopback, which counts as TLS")
    s3.delete_object(Bucket=bucket, Key="tls")
    stacks.update(name, resources(TLS_ONLY, {**TLS_ONLY, "Sid": "Second"}))
    updated = read()
    stacks.update(name, {"Bucket": BUCKET})

    assert created == [TLS_ONLY]
    assert len(updated) == 2
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        read()


def test_bucket_policy_that_forbids_is_obeyed(stacks: Stacks, local_aws: LocalAws) -> None:
    forbid = {**STATEMENT, "Action": "s3:PutObject"}
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": policy(forbid)}

    name = stacks.create({"Bucket": BUCKET, "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}})

    bucket = stacks.physical_id(name, "Bucket")
    with pytest.raises(ClientError, match="Forbidden"):
        local_aws.client("s3").put_object(Bucket=bucket, Key="k", Body=b"")


def test_queue_policy_is_put_and_taken_away(stacks: Stacks, local_aws: LocalAws) -> None:
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    properties = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": policy(allow)}
    sqs = local_aws.client("sqs")
    name = stacks.create({"Queue": QUEUE, "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}})
    url = stacks.physical_id(name, "Queue")

    put = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    stacks.update(name, {"Queue": QUEUE})
    taken = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert json.loads(put["Policy"])["Statement"] == [allow]
    assert "Policy" not in taken


def global_table(**more: object) -> Template:
    return {
        "Type": "AWS::DynamoDB::GlobalTable",
        "Properties": {
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "TimeToLiveSpecification": {"AttributeName": "gone_at", "Enabled": True},
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "Replicas": [
                {
                    "Region": {"Ref": "AWS::Region"},
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "Tags": [{"Key": "layer", "Value": "vision"}],
                }
            ],
            **more,
        },
    }


def test_global_table_is_a_table_with_its_replicas_settings(stacks: Stacks, local_aws: LocalAws) -> None:
    attributes = {name: {"Value": {"Fn::GetAtt": ["Table", name]}} for name in ("Arn", "StreamArn")}
    name = stacks.create({"Table": global_table()}, Outputs={**attributes, "Name": {"Value": {"Ref": "Table"}}})

    outputs, dynamodb = stacks.outputs(name), local_aws.client("dynamodb")
    table = dynamodb.describe_table(TableName=outputs["Name"])["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=outputs["Name"])["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=outputs["Name"])["ContinuousBackupsDescription"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=outputs["Arn"])["Tags"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TableArn"] == outputs["Arn"]
    assert table["LatestStreamArn"] == outputs["StreamArn"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "gone_at"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert tags == [{"Key": "layer", "Value": "vision"}]


def test_global_table_keeps_its_items_through_an_update(stacks: Stacks, local_aws: LocalAws) -> None:
    dynamodb = local_aws.client("dynamodb")
    name = stacks.create({"Table": global_table()})
    table = stacks.physical_id(name, "Table")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "kept"}})

    stacks.update(name, {"Table": global_table(BillingMode="PROVISIONED")})
    kept = dynamodb.scan(TableName=table)["Items"]
    stacks.delete(name)

    assert kept == [{"pk": {"S": "kept"}}]
    assert table not in dynamodb.list_tables()["TableNames"]


def index(name: str, **more: object) -> Template:
    key = [{"AttributeName": "pk", "KeyType": "HASH"}]
    return {"IndexName": name, "KeySchema": key, "Projection": {"ProjectionType": "ALL"}, **more}


def test_global_table_has_the_indexes_and_the_expiry_that_its_template_says(
    stacks: Stacks, local_aws: LocalAws
) -> None:
    dynamodb = local_aws.client("dynamodb")
    name = stacks.create({"Table": global_table(GlobalSecondaryIndexes=[index("kept"), index("dropped")])})
    table = stacks.physical_id(name, "Table")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "item"}})
    keys_only = {"ProjectionType": "KEYS_ONLY"}
    changed = global_table(GlobalSecondaryIndexes=[index("kept"), index("added", Projection=keys_only)])
    del changed["Properties"]["TimeToLiveSpecification"]

    stacks.update(name, {"Table": changed})

    described = dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]
    expiry = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    found = dynamodb.query(
        TableName=table,
        IndexName="added",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "item"}},
    )
    assert sorted(one["IndexName"] for one in described) == ["added", "kept"]
    assert expiry["TimeToLiveStatus"] == "DISABLED"
    assert found["Count"] == 1


def test_global_table_with_a_replica_elsewhere_is_refused(stacks: Stacks) -> None:
    name = stacks.create({"Table": global_table(Replicas=[{"Region": "us-east-1"}, {"Region": "eu-west-1"}])})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert "replicas elsewhere: eu-west-1" in stacks.reasons(name)
