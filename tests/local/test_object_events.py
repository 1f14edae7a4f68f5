"""From an upload to a function: S3, EventBridge, SQS and Lambda by themselves."""

import json
from typing import Any

import pytest

from mlstack.local.aws import LocalAws
from mlstack.local.queue_permission import may_send
from tests.local.patience import eventually
from tests.local.stacks import Stacks, Template
from tests.local.test_event_rules import permission

RULE = "arn:aws:events:us-east-1:123456789012:rule/uploads"
HOSTILE = ["in/plain.jpg", "in/a b+c%20%.jpg", "in/日本 é.jpg", "in/a&b=c?d#e'\"<f>.jpg", "in/%2e%2e", "in/🦊"]
CODE = """
import json, os, boto3
def handle(event, context):
    for record in event["Records"]:
        event = json.loads(record["body"])
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={
            "pk": {"S": event["detail"]["object"]["key"]}, "event": {"S": json.dumps(event)}})
"""


def chain(*, allowed: bool = True, versioned: bool = True) -> dict[str, Template]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"],
        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}},
    }
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [statement]}}
    made: dict[str, Template] = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
                **({"VersioningConfiguration": {"Status": "Enabled"}} if versioned else {}),
            },
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [{"Ref": "Bucket"}]}, "object": {"key": [{"prefix": "in/"}]}},
                },
                "Targets": [{"Id": "Queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
            },
        },
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handle",
                "Role": "arn:aws:iam::123456789012:role/any",
                "Timeout": 20,
                "Code": {"ZipFile": CODE},
                "Environment": {"Variables": {"TABLE": {"Ref": "Table"}}},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": "Function"},
            },
        },
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
    }
    return made if allowed else {name: body for name, body in made.items() if name != "Policy"}


def events(local_aws: LocalAws, table: str) -> dict[str, Any]:
    items = local_aws.client("dynamodb").scan(TableName=table)["Items"]
    return {item["pk"]["S"]: json.loads(item["event"]["S"]) for item in items}


def empty(local_aws: LocalAws, bucket: str) -> None:
    s3 = local_aws.client("s3")
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_uploads_reach_the_function_under_their_very_keys(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(chain())
    bucket, table = stacks.physical_id(name, "Bucket"), stacks.physical_id(name, "Table")
    s3 = local_aws.client("s3")

    s3.put_object(Bucket=bucket, Key="elsewhere/x.jpg", Body=b"x")
    versions = {key: s3.put_object(Bucket=bucket, Key=key, Body=b"abc")["VersionId"] for key in HOSTILE}
    found = eventually(lambda: (seen := events(local_aws, table)) and len(seen) == len(HOSTILE) and seen)

    empty(local_aws, bucket)
    assert isinstance(found, dict)
    assert sorted(found) == sorted(HOSTILE)
    assert {key: event["detail"]["object"]["version-id"] for key, event in found.items()} == versions


def test_the_event_has_the_fields_that_aws_documents(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(chain())
    bucket, table = stacks.physical_id(name, "Bucket"), stacks.physical_id(name, "Table")

    put = local_aws.client("s3").put_object(Bucket=bucket, Key="in/x", Body=b"abc")
    [event] = eventually(lambda: list(events(local_aws, table).values()))

    empty(local_aws, bucket)
    detail = event["detail"]
    assert event["source"] == "aws.s3"
    assert event["detail-type"] == "Object Created"
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["time"].endswith("Z")
    assert detail.keys() == {
        "version",
        "bucket",
        "object",
        "request-id",
        "requester",
        "source-ip-address",
        "reason",
    }
    assert detail["object"].keys() == {"key", "size", "etag", "version-id", "sequencer"}
    assert detail["object"]["etag"] == put["ETag"].strip('"')
    assert detail["object"]["size"] == 3
    assert detail["reason"] == "PutObject"


def test_the_event_of_an_unversioned_bucket_has_no_version(stacks: Stacks, local_aws: LocalAws) -> None:
    name = stacks.create(chain(versioned=False))
    bucket, table = stacks.physical_id(name, "Bucket"), stacks.physical_id(name, "Table")
    s3 = local_aws.client("s3")

    s3.put_object(Bucket=bucket, Key="in/x", Body=b"abc")
    [event] = eventually(lambda: list(events(local_aws, table).values()))

    s3.delete_object(Bucket=bucket, Key="in/x")
    assert "version-id" not in event["detail"]["object"]


def test_a_rule_invokes_a_function(stacks: Stacks, local_aws: LocalAws) -> None:
    code = "def handle(event, context): print(event['detail'], event['time'])"
    name = stacks.create(
        {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {**chain()["Function"]["Properties"], "Code": {"ZipFile": code}, "Environment": {}},
            },
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "EventPattern": {"source": ["test"]},
                    "Targets": [{"Id": "Function", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}}],
                },
            },
            "Permission": permission("Function", "Rule"),
        }
    )
    function = stacks.physical_id(name, "Function")
    event = {"Source": "test", "DetailType": "any", "Detail": json.dumps({"n": 1})}

    local_aws.client("events").put_events(Entries=[event])

    eventually(lambda: function in local_aws.report()["functions"])
    assert local_aws.report()["functions"][function]["errors"] == 0


def test_a_disabled_rule_delivers_nothing(stacks: Stacks, local_aws: LocalAws) -> None:
    made = chain(versioned=False)
    made["Rule"]["Properties"]["State"] = "DISABLED"
    del made["Mapping"]
    name = stacks.create(made)
    bucket, queue = stacks.physical_id(name, "Bucket"), stacks.physical_id(name, "Queue")
    s3 = local_aws.client("s3")

    s3.put_object(Bucket=bucket, Key="in/x", Body=b"abc")

    s3.delete_object(Bucket=bucket, Key="in/x")
    assert "Messages" not in local_aws.client("sqs").receive_message(QueueUrl=queue)


def test_a_queue_whose_policy_does_not_allow_it_gets_nothing_and_that_is_reported(
    stacks: Stacks, local_aws: LocalAws
) -> None:
    name = stacks.create(chain(allowed=False, versioned=False))
    bucket, queue = stacks.physical_id(name, "Bucket"), stacks.physical_id(name, "Queue").rsplit("/", 1)[-1]
    s3 = local_aws.client("s3")

    s3.put_object(Bucket=bucket, Key="in/x", Body=b"abc")

    s3.delete_object(Bucket=bucket, Key="in/x")
    [refused] = [line for line in local_aws.report()["undelivered"] if queue in line]
    assert "policy does not let events.amazonaws.com send" in refused


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}, True),
        ({"Effect": "Allow", "Principal": "*", "Action": "sqs:*"}, True),
        ({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:GetQueueUrl"}, False),
        ({"Effect": "Deny", "Principal": "*", "Action": "*"}, False),
        (
            {
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com"]},
                "Action": ["sqs:SendMessage"],
                "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/other"}},
            },
            False,
        ),
    ],
)
def test_a_policy_lets_eventbridge_send_only_where_it_says_so(statement: Template, *, expected: bool) -> None:
    assert may_send({"Statement": [statement]}, "events.amazonaws.com", RULE) is expected
