"""How EventBridge's rules deliver: to queues, functions and state machines, later, and never to the sender's harm."""

import json
from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import uuid4

from moto.awslambda.models import lambda_backends
from moto.events.models import Rule, events_backends
from moto.events.utils import EventMessageType
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from mlstack.local import function_permission, queue_permission, runtime
from mlstack.local.event_input import event_input, told
from mlstack.local.mend import replace

SENDER = "events.amazonaws.com"
Target = dict[str, Any]


def mend() -> None:
    """Replace moto's delivery, which knows no function and no state machine and heeds no disabled rule."""
    moto_send = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: EventMessageType, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's signature
        # A rule without a pattern is one with a schedule; moto takes it for one that matches everything.
        matches = bool(self.event_pattern.get_pattern()) and self.event_pattern.matches_event(original_event)
        if self.state == "ENABLED" and matches:
            for target in list(self.targets):
                _deliver(self, target, original_event, lambda rule, event: moto_send(rule, event, transform_input))

    replace(Rule, "send_to_targets", send_to_targets)


def scheduled() -> Iterator[Rule]:
    """Every enabled rule with a schedule."""
    for regions in list(events_backends.values()):
        for backend in list(regions.values()):
            for bus in list(backend.event_buses.values()):
                yield from (
                    rule for rule in list(bus.rules.values()) if rule.scheduled_expression and rule.state == "ENABLED"
                )


def fire(rule: Rule, event: EventMessageType) -> None:
    """Hand an event to a rule's targets, whatever its pattern: its schedule is due."""
    for target in list(rule.targets):
        _deliver(rule, target, event, _lacking)


def _lacking(_rule: Rule, _event: EventMessageType) -> None:
    message = "the local AWS does not call it on a schedule"
    raise NotImplementedError(message)


def _deliver(
    rule: Rule, target: Target, event: EventMessageType, moto_send: Callable[[Rule, EventMessageType], None]
) -> None:
    """Deliver to one target; whoever sent the event never sees a failure."""
    arn = str(target["Arn"])
    service = arn.split(":")[2]
    try:
        refusal = _refusal(arn, rule.arn)
        if refusal is None and service in SENDS:
            SENDS[service](target, event_input(dict(event), target, rule.arn), event)
        elif refusal is None:
            alone = cast("Rule", Rule.__new__(Rule))
            vars(alone).update(vars(rule), targets=[target])
            moto_send(alone, event)
    except Exception as error:  # noqa: BLE001 - whatever moto raises is the reason
        refusal = repr(error)
    if refusal is not None:
        runtime.running().report.undelivered(f"rule {rule.name} to {arn}: {refusal}")
        _bury(rule, target, event, refusal)


def _refusal(arn: str, rule: str) -> str | None:
    """Why the target may not be sent to."""
    service, region, account = arn.split(":")[2:5]
    if service == "sqs":
        return queue_permission.refusal(arn, SENDER, rule)
    if service == "lambda":
        return function_permission.refusal(lambda_backends[account][region].get_function(arn), SENDER, rule)
    return None


def _bury(rule: Rule, target: Target, event: EventMessageType, why: str) -> None:
    """Hand an event that its target did not get to the target's dead letter queue, with the reason beside it."""
    grave = str(target.get("DeadLetterConfig", {}).get("Arn") or "")
    if not grave:
        return
    refusal = queue_permission.refusal(grave, SENDER, rule.arn)
    if refusal is not None:
        runtime.running().report.undelivered(f"rule {rule.name} to {grave}: {refusal}")
        return
    region, account, name = grave.split(":")[3:6]
    code = "NO_PERMISSIONS" if "policy" in why else "NO_RESOURCE"
    said = {"RULE_ARN": rule.arn, "TARGET_ARN": str(target["Arn"]), "ERROR_CODE": code, "ERROR_MESSAGE": why}
    attributes = {key: {"DataType": "String", "StringValue": value} for key, value in said.items()}
    sqs_backends[account][region].send_message(name, json.dumps(told(event)), message_attributes=attributes)


def _send_message(target: Target, body: str, _event: EventMessageType) -> None:
    region, account, name = str(target["Arn"]).split(":")[3:6]
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    sqs_backends[account][region].send_message(queue_name=name, message_body=body, group_id=group)


def _invoke(target: Target, body: str, _event: EventMessageType) -> None:
    region, account = str(target["Arn"]).split(":")[3:5]
    function = lambda_backends[account][region].get_function(target["Arn"])
    function.invoke(body, {"X-Amz-Invocation-Type": "Event"}, {})


def _start_execution(target: Target, body: str, event: EventMessageType) -> None:
    region, account = str(target["Arn"]).split(":")[3:5]
    name = f"{event['id']}_{uuid4()}"
    stepfunctions_parser_backends[account][region].start_execution(target["Arn"], name, body)


SENDS = {"lambda": _invoke, "sqs": _send_message, "states": _start_execution}
"""How a target of each service gets the text that the rule makes of the event; the others are left to moto."""
