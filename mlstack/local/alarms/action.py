"""What an alarm does when its state changes: stop or terminate the instance, tell a topic, tell the event bus."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudwatch.models import Alarm

from mlstack.local import event_sending, runtime
from mlstack.local.clock import date

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
    event_sending.send(_event(alarm, before))
    for arn in actions(alarm):
        try:
            _do(arn, alarm, before, moment, client)
        except Exception as error:  # noqa: BLE001 - whatever the service answers is the reason
            runtime.running().report.undelivered(f"alarm {alarm.name} to {arn}: {error}")


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


def message(alarm: Alarm, before: str, moment: float) -> dict[str, Any]:
    """What CloudWatch writes to a topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.alarm_arn.split(":")[4],
        "AlarmConfigurationUpdatedTimestamp": f"{alarm.configuration_updated_timestamp.isoformat()}+0000",
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": date(moment).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "OKActions": list(alarm.ok_actions or ()),
        "AlarmActions": list(alarm.alarm_actions or ()),
        "InsufficientDataActions": list(alarm.insufficient_data_actions or ()),
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": str(alarm.statistic).upper(),
            "Unit": alarm.unit,
            "Dimensions": _dimensions(alarm),
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
        },
    }


def _dimensions(alarm: Alarm) -> list[dict[str, Any]]:
    return [{"name": dimension.name, "value": dimension.value} for dimension in alarm.dimensions]


def _event(alarm: Alarm, before: str) -> Any:  # noqa: ANN401 - moto's type
    state = {"value": alarm.state_value, "reason": alarm.state_reason, "reasonData": alarm.state_reason_data}
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {one["name"]: one["value"] for one in _dimensions(alarm)},
    }
    stat = {"metric": metric, "period": alarm.period, "stat": alarm.statistic}
    detail = {
        "alarmName": alarm.name,
        "state": state,
        "previousState": {"value": before},
        "configuration": {"description": alarm.description, "metrics": [{"id": "m1", "metricStat": stat}]},
    }
    return event_sending.service_event(alarm.alarm_arn, "aws.cloudwatch", "CloudWatch Alarm State Change", detail)
