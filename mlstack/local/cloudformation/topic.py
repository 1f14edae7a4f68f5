"""AWS::SNS::Topic, which moto replaces when it changes, and its subscriptions and policies, which moto skips."""

import contextlib
import json
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.cloudformation.called import Kind, Properties, tags

SETTINGS = ("ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion")
DELIVERY = {
    "DeliveryPolicy": "",
    "FilterPolicyScope": "MessageAttributes",
    "FilterPolicy": "",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
}
"""What a subscription's settings become that a template leaves out; the scope goes before the policy that it is of."""


def _text(value: object) -> str:
    """A value as SNS takes it: everything is text there."""
    return value if isinstance(value, str) else json.dumps(value)


def _topic(sns: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    settings = {key: _text(properties[key]) for key in SETTINGS if key in properties}
    labels = [{"Key": key, "Value": value} for key, value in tags(properties).items()]
    arn = str(sns.create_topic(Name=name, Attributes=settings, Tags=labels)["TopicArn"])
    for one in properties.get("Subscription", []):
        sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    return arn


def _topic_again(sns: Any, arn: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    for key in ("DisplayName", "KmsMasterKeyId"):
        if new.get(key) != old.get(key):
            sns.set_topic_attributes(TopicArn=arn, AttributeName=key, AttributeValue=_text(new.get(key, "")))
    gone = [key for key in tags(old) if key not in tags(new)]
    if gone:
        sns.untag_resource(ResourceArn=arn, TagKeys=gone)
    if tags(new):
        sns.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags(new).items()])


def _subscribe(sns: Any, _name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    asked = {key: properties[key] for key in ("TopicArn", "Protocol", "Endpoint")}
    arn = str(sns.subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"])
    _deliver(sns, arn, properties, {})
    return arn


def _deliver(sns: Any, arn: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    for key, absent in DELIVERY.items():
        if new.get(key) != old.get(key):
            value = _text(new[key]) if key in new else absent
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=key, AttributeValue=value)


def _policy(sns: Any, name: str, properties: Properties) -> str:  # noqa: ANN401 - a client
    for arn in properties["Topics"]:
        policy = json.dumps(properties["PolicyDocument"])
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return name


def _policy_again(sns: Any, name: str, new: Properties, old: Properties) -> None:  # noqa: ANN401 - a client
    _no_policy(sns, name, {"Topics": [arn for arn in old["Topics"] if arn not in new["Topics"]]})
    _policy(sns, name, new)


def _no_policy(sns: Any, _name: str, properties: Properties) -> None:  # noqa: ANN401 - a client
    empty = json.dumps({"Version": "2012-10-17", "Statement": []})
    for arn in properties["Topics"]:
        with contextlib.suppress(ClientError):  # the topic may be gone already
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=empty)


TOPIC = Kind(
    type="AWS::SNS::Topic",
    service="sns",
    fixed=("TopicName", "FifoTopic"),
    create=_topic,
    update=_topic_again,
    delete=lambda sns, arn, _: sns.delete_topic(TopicArn=arn),
    attributes=lambda _, arn: {"TopicArn": arn, "TopicName": arn.rsplit(":", 1)[-1]},
)
SUBSCRIPTION = Kind(
    type="AWS::SNS::Subscription",
    service="sns",
    fixed=("", "TopicArn", "Protocol", "Endpoint"),
    create=_subscribe,
    update=_deliver,
    delete=lambda sns, arn, _: sns.unsubscribe(SubscriptionArn=arn),
    attributes=lambda _, arn: {"Arn": arn},
)
TOPIC_POLICY = Kind(
    type="AWS::SNS::TopicPolicy",
    service="sns",
    fixed=(),
    create=_policy,
    update=_policy_again,
    delete=_no_policy,
)
