"""What an alarm tells of a change of its state: a topic, and the event bus."""

from collections.abc import Iterable
from typing import Any

from moto.cloudwatch.models import Alarm, Dimension, MetricDataQuery
from moto.events.utils import EventMessageType

from mlstack.local import event_sending
from mlstack.local.clock import date


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
            **_watched(alarm),
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
        },
    }


def _watched(alarm: Alarm) -> dict[str, Any]:
    """What a topic is told of what the alarm watches."""
    if alarm.metric_data_queries:
        return {"Metrics": [_query(one) for one in alarm.metric_data_queries]}
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "StatisticType": "Statistic",
        "Statistic": str(alarm.statistic).upper(),
        "Unit": alarm.unit,
        "Dimensions": _dimensions(alarm.dimensions),
        "Period": alarm.period,
    }


def _query(query: MetricDataQuery) -> dict[str, Any]:
    said = {"Id": query.id, "ReturnData": str(query.return_data).lower() != "false"}
    if query.metric_stat is None:
        return {**said, "Expression": query.expression, "Label": query.label}
    stat = query.metric_stat
    metric = {
        "Dimensions": _dimensions(stat.metric.dimensions),
        "MetricName": stat.metric.metric_name,
        "Namespace": stat.metric.namespace,
    }
    return {**said, "MetricStat": {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat}}


def _dimensions(dimensions: Iterable[Dimension]) -> list[dict[str, Any]]:
    return [{"name": dimension.name, "value": dimension.value} for dimension in dimensions]


def event(alarm: Alarm, before: str) -> EventMessageType:
    """What CloudWatch writes to the event bus."""
    state = {"value": alarm.state_value, "reason": alarm.state_reason, "reasonData": alarm.state_reason_data}
    detail = {
        "alarmName": alarm.name,
        "state": state,
        "previousState": {"value": before},
        "configuration": {"description": alarm.description, "metrics": _metrics(alarm)},
    }
    return event_sending.service_event(alarm.alarm_arn, "aws.cloudwatch", "CloudWatch Alarm State Change", detail)


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    """What the event bus is told of what the alarm watches."""
    queries = alarm.metric_data_queries
    if not queries:
        of = _event_metric(alarm.namespace, alarm.metric_name, alarm.dimensions)
        return [{"id": "m1", "metricStat": {"metric": of, "period": alarm.period, "stat": alarm.statistic}}]
    told = []
    for query in queries:
        said = {"id": query.id, "returnData": str(query.return_data).lower() != "false"}
        if query.metric_stat is None:
            told.append({**said, "expression": query.expression, "label": query.label})
            continue
        stat = query.metric_stat
        of = _event_metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
        told.append({**said, "metricStat": {"metric": of, "period": int(stat.period), "stat": stat.stat}})
    return told


def _event_metric(namespace: str, name: str, dimensions: Iterable[Dimension]) -> dict[str, Any]:
    named = {one["name"]: one["value"] for one in _dimensions(dimensions)}
    return {"namespace": namespace, "name": name, "dimensions": named}
