"""What an alarm does: stop or terminate the instance, tell a topic, tell the event bus, call a scaling policy."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudwatch.models import Alarm

from mlstack.local import event_sending, runtime
from mlstack.local.alarms.message import event, message
from mlstack.local.service_scaling import policy
from mlstack.local.service_scaling.step import Breach

EC2 = {"reboot": "reboot_instances", "stop": "stop_instances", "terminate": "terminate_instances"}
"""Of the actions arn:aws:automate:REGION:ec2:…; recover needs a host that fails."""
INSTANCE = "InstanceId"
Clients = Callable[[str], Any]
"""A client of a service, by its name."""


def actions(alarm: Alarm) -> list[str]:
    """The ARNs of what the alarm does on entering the state in which it is."""
    if not alarm.actions_enabled:
        return []
    lists: Mapping[str, Any] = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }
    return [str(arn) for arn in lists[alarm.state_value] or ()]


def act(alarm: Alarm, before: str, moment: float, client: Clients) -> None:
    """Tell of a change of state and do what is to be done; what fails is reported, and hinders nothing else."""
    event_sending.send(event(alarm, before))
    for arn in actions(alarm):
        if policy.is_policy(arn):
            continue  # these are called as long as the state lasts
        try:
            _do(arn, alarm, before, moment, client)
        except Exception as error:  # noqa: BLE001 - whatever the service answers is the reason
            runtime.running().report.undelivered(f"alarm {alarm.name} to {arn}: {error}")


def scale(alarm: Alarm, breach: Breach | None, moment: float, client: Clients) -> None:
    """Call the scaling policies of the alarm's state, as is done each minute that it stays; a failure is told once."""
    for arn in actions(alarm):
        if not policy.is_policy(arn):
            continue
        try:
            policy.call(arn, f"{alarm.name} in state {alarm.state_value}", breach, moment, client)
        except Exception as error:  # noqa: BLE001 - whatever the service answers is the reason
            said = f"alarm {alarm.name} to {arn}: {error}"
            with runtime.running().report.writing() as facts:
                if said not in facts["undelivered"]:
                    facts["undelivered"].append(said)


def _do(arn: str, alarm: Alarm, before: str, moment: float, client: Clients) -> None:
    service = arn.split(":")[2]
    verb = arn.rpartition(":")[2]
    if service == "automate" and verb in EC2:
        getattr(client("ec2"), EC2[verb])(InstanceIds=[_instance(alarm)])
    elif service == "sns":
        client("sns").publish(
            TopicArn=arn,
            Subject=f'{alarm.state_value}: "{alarm.name}" in {alarm.region_name}'[:100],
            Message=json.dumps(message(alarm, before, moment)),
        )
    else:
        lacking = "the local AWS lacks this action of an alarm"
        raise NotImplementedError(lacking)


def _instance(alarm: Alarm) -> str:
    found = [str(dimension.value) for dimension in alarm.dimensions if dimension.name == INSTANCE]
    if not found:
        nameless = "an EC2 action needs the dimension InstanceId"
        raise ValueError(nameless)
    return found[0]
