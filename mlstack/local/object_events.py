"""What S3 tells EventBridge about an object, in AWS's words (moto's differ), and how rules deliver it."""

import json
import time
from typing import Any
from uuid import uuid4

from moto.awslambda.models import lambda_backends
from moto.events.models import Rule, events_backends
from moto.events.utils import EventMessageType
from moto.s3 import notifications
from moto.sqs.models import sqs_backends

from mlstack.local import runtime
from mlstack.local.mend import replace

REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
    "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}
SENDER = "events.amazonaws.com"


def mend() -> None:
    """Replace moto's event, and let rules lead to functions and stop when disabled."""
    replace(notifications, "_send_event_bridge_message", _send)
    moto_send = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: EventMessageType, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's signature
        if self.state == "ENABLED" and self.event_pattern.matches_event(original_event):
            for target in self.targets:
                _deliver(self, target, original_event, moto_send, transform=transform_input)

    replace(Rule, "send_to_targets", send_to_targets)


def detail(event_name: str, bucket: Any, key: Any, account: str) -> dict[str, Any]:  # noqa: ANN401 - moto's own
    """The event's detail; the key as it is, not encoded as in S3's other notifications."""
    thing: dict[str, Any] = {"key": key.name, "sequencer": f"{time.time_ns():016X}"}
    if "ObjectRemoved" not in event_name:
        thing |= {"size": key.size, "etag": key.etag.replace('"', "")}
    if bucket.is_versioned and key.version_id not in {None, "null"}:
        thing["version-id"] = key.version_id
    said = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": thing,
        "request-id": uuid4().hex[:16].upper(),
        "requester": account,
        "source-ip-address": "127.0.0.1",
        "reason": REASONS.get(event_name, event_name),
    }
    if "ObjectRemoved" in event_name:
        said["deletion-type"] = (
            "Delete Marker Created" if event_name.endswith("DeleteMarkerCreated") else "Permanently Deleted"
        )
    return said


def _send(account_id: str, bucket: Any, event_name: str, key: Any) -> None:  # noqa: ANN401 - moto's own
    event: EventMessageType = {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": notifications._detail_type(event_name),  # noqa: SLF001 - moto's table of them
        "source": "aws.s3",
        "account": account_id,
        "time": int(time.time()),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail(str(getattr(event_name, "value", event_name)), bucket, key, account_id),
    }
    for rule in list(events_backends[account_id][bucket.region_name].event_buses["default"].rules.values()):
        rule.send_to_targets(event, transform_input=False)


def _deliver(rule: Rule, target: dict[str, Any], event: EventMessageType, moto_send: Any, *, transform: bool) -> None:  # noqa: ANN401 - moto's method
    """Deliver to one target; EventBridge does so later, and whoever sent the event never sees a failure."""
    arn = str(target["Arn"])
    try:
        refusal = _refusal(rule, arn)
        if refusal is None and arn.split(":")[2] == "lambda":
            _invoke(target, dict(event))
        elif refusal is None:
            alone = Rule.__new__(Rule)
            vars(alone).update(vars(rule), targets=[target])
            plain = not (target.get("InputTransformer") or target.get("InputPath") or target.get("Input"))
            moto_send(alone, event, transform and not plain)
    except Exception as error:  # noqa: BLE001 - whatever moto raises is the reason
        refusal = repr(error)
    if refusal is not None:
        with runtime.running().report.writing() as facts:
            facts["undelivered"].append(f"rule {rule.name} to {arn}: {refusal}")


def _invoke(target: dict[str, Any], event: dict[str, Any]) -> None:
    """Invoke a function, which moto's rules cannot."""
    region, account = str(target["Arn"]).split(":")[3:5]
    function = lambda_backends[account][region].get_function(target["Arn"])
    if isinstance(event["time"], int | float):
        event["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event["time"]))
    function.invoke(target.get("Input") or json.dumps(event), {"X-Amz-Invocation-Type": "Event"}, {})


def _refusal(rule: Rule, arn: str) -> str | None:
    """Why a queue does not take the event: EventBridge may send only where the queue's policy says so."""
    service, region, account, name = arn.split(":")[2:6]
    if service != "sqs":
        return None
    queue = sqs_backends[account][region].queues.get(name)
    if queue is None:
        return "there is no such queue"
    return (
        None
        if may_send(json.loads(queue.policy or "{}"), rule.arn)
        else "the queue's policy does not let events.amazonaws.com send"
    )


def may_send(policy: dict[str, Any], rule_arn: str) -> bool:
    """Whether a queue's policy lets EventBridge send for a rule."""
    return any(_allows(statement, rule_arn) for statement in _listed(policy.get("Statement")))


def _allows(statement: dict[str, Any], rule_arn: str) -> bool:
    principal = statement.get("Principal")
    services = _listed(principal.get("Service") or principal.get("AWS")) if isinstance(principal, dict) else [principal]
    actions = {str(action).lower() for action in _listed(statement.get("Action"))}
    sources = [
        source
        for kind in ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
        for source in _listed(statement.get("Condition", {}).get(kind, {}).get("aws:SourceArn"))
    ]
    return (
        statement.get("Effect") == "Allow"
        and bool({SENDER, "*"} & set(services))
        and bool({"sqs:sendmessage", "sqs:*", "*"} & actions)
        and (not sources or rule_arn in sources)
    )


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [] if value is None else [value]
