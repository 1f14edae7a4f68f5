"""A topic's messages reach queues, wrapped or raw, where the queue lets them."""

import json

from mlstack.local.aws import LocalAws
from tests.local.stacks import Stacks, Template

ALLOW = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}


def subscription(queue: str, **more: object) -> Template:
    endpoint = {"Fn::GetAtt": [queue, "Arn"]}
    properties = {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": endpoint, **more}
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


RESOURCES: dict[str, Template] = {
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "before"}},
    "TopicPolicy": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Topic"}],
            "PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}]},
        },
    },
    **{name: {"Type": "AWS::SQS::Queue"} for name in ("Wrapped", "Raw", "Closed")},
    "Policy": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": [{"Ref": "Wrapped"}, {"Ref": "Raw"}], "PolicyDocument": {"Statement": [ALLOW]}},
    },
    "ToWrapped": subscription("Wrapped", RawMessageDelivery=False),
    "ToRaw": subscription("Raw", RawMessageDelivery=True, FilterPolicy={"kind": ["done"]}),
    "ToClosed": subscription("Closed"),
}


def test_a_message_comes_wrapped_or_raw_and_only_where_it_may(stacks: Stacks, local_aws: LocalAws) -> None:
    name, sqs, sns = stacks.create(RESOURCES), local_aws.client("sqs"), local_aws.client("sns")
    topic = stacks.physical_id(name, "Topic")
    urls = {queue: stacks.physical_id(name, queue) for queue in ("Wrapped", "Raw", "Closed")}

    done = {"kind": {"DataType": "String", "StringValue": "done"}}
    sns.publish(TopicArn=topic, Message="é", Subject="hello", MessageAttributes=done)
    sns.publish(TopicArn=topic, Message="filtered")

    found = {
        queue: sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10).get(
            "Messages", []
        )
        for queue, url in urls.items()
    }
    wrapped = [json.loads(message["Body"]) for message in found["Wrapped"]]
    assert [(one["Type"], one["Message"], one["TopicArn"]) for one in wrapped] == [
        ("Notification", "é", topic),
        ("Notification", "filtered", topic),
    ]
    assert wrapped[0]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "done"}}
    assert [message["Body"] for message in found["Raw"]] == ["é"]
    assert found["Raw"][0]["MessageAttributes"]["kind"]["StringValue"] == "done"
    assert found["Closed"] == []
    closed = urls["Closed"].rsplit("/", 1)[-1]
    assert any(closed in line and "sns.amazonaws.com" in line for line in local_aws.report()["undelivered"])


def test_a_topic_keeps_its_subscriptions_when_it_changes(stacks: Stacks, local_aws: LocalAws) -> None:
    name, sns = stacks.create(RESOURCES), local_aws.client("sns")
    topic = stacks.physical_id(name, "Topic")
    tagged = {"DisplayName": "after", "Tags": [{"Key": "stage", "Value": "test"}]}

    stacks.update(
        name,
        {
            **RESOURCES,
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": tagged},
            "ToRaw": subscription("Raw", RawMessageDelivery=True),
        },
    )

    assert stacks.status(name) == "UPDATE_COMPLETE"
    assert stacks.physical_id(name, "Topic") == topic
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["DisplayName"] == "after"
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "stage", "Value": "test"}]
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 3
    sns.publish(TopicArn=topic, Message="no longer filtered")
    raw = local_aws.client("sqs").receive_message(QueueUrl=stacks.physical_id(name, "Raw"))["Messages"]
    assert [message["Body"] for message in raw] == ["no longer filtered"]
