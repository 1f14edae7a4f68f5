"""What SNS hands to queues: AWS's envelope or the raw message, where the queue's policy lets it."""

import json
from datetime import UTC, datetime
from typing import Any

from moto.sns.models import Subscription
from moto.sqs.models import sqs_backends

from mlstack.local import queue_permission, runtime
from mlstack.local.mend import replace

SENDER = "sns.amazonaws.com"
NOT_SIGNED = "EXAMPLE"
"""moto makes a key and a certificate for every subscription, which takes longer than all the rest."""


def mend() -> None:
    """Replace moto's delivery to queues; the rest is left to it."""
    moto_publish = Subscription.publish

    def publish(  # noqa: PLR0913, PLR0917 - moto's signature
        self: Subscription,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        if self.protocol != "sqs":
            moto_publish(
                self, message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure
            )
            return
        matcher = self._filter_policy_matcher
        if matcher is None or matcher.matches(message_attributes, message):
            text = self._parse_message_structure(message, "sqs") if message_structure == "json" else message
            _send(
                self, envelope(self.topic.arn, text, message_id, subject, message_attributes), text, message_attributes
            )

    replace(Subscription, "publish", publish)


def envelope(
    topic: str, message: str, message_id: str, subject: str | None, attributes: dict[str, Any] | None
) -> dict[str, Any]:
    """A message as SNS wraps it."""
    return {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic,
        **({"Subject": subject} if subject else {}),
        "Message": message,
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "SignatureVersion": "1",
        "Signature": NOT_SIGNED,
        "SigningCertURL": NOT_SIGNED,
        "UnsubscribeURL": NOT_SIGNED,
        **({"MessageAttributes": attributes} if attributes else {}),
    }


def _send(subscription: Subscription, wrapped: dict[str, Any], text: str, attributes: dict[str, Any] | None) -> None:
    endpoint = str(subscription.endpoint)
    region, account, name = endpoint.split(":")[3:6]
    refusal = queue_permission.refusal(endpoint, SENDER, subscription.topic.arn)
    if refusal is not None:
        runtime.running().report.undelivered(f"topic {subscription.topic.name} to {endpoint}: {refusal}")
    elif str(subscription.attributes.get("RawMessageDelivery")).lower() == "true":
        told = {name: _attribute(value) for name, value in (attributes or {}).items()}
        sqs_backends[account][region].send_message(name, text, message_attributes=told)
    else:
        sqs_backends[account][region].send_message(name, json.dumps(wrapped))


def _attribute(said: dict[str, Any]) -> dict[str, Any]:
    """An attribute of SNS as SQS has it."""
    kind = "BinaryValue" if str(said["Type"]).startswith("Binary") else "StringValue"
    return {"DataType": said["Type"], kind: str(said["Value"]) if kind == "StringValue" else said["Value"]}
