"""When a service goes to sleep, if nobody asks it any more: decided from what its queue has had to do lately."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.clock import moment, span
from mlstack.ecs.service.condition import Condition
from mlstack.ecs.service.service import Service

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

MINUTE, MOST_POINTS = timedelta(minutes=1), 1_440
SLACK = timedelta(minutes=5)
"""How late SQS's metrics may be."""
Point = tuple[datetime, float]


def told(condition: Condition, now: datetime) -> str:
    """When it sleeps next, for people; empty where it does already, or nobody knows how it is."""
    service, tasks, letters = condition.service, condition.tasks, condition.letters
    if not tasks or not tasks.desired:
        return ""
    if service.min_tasks:
        return f"never: min_tasks is {service.min_tasks}"
    quiet = span(timedelta(minutes=service.sleep_minutes))
    also = " nor through its load balancer" if service.url else ""
    if letters and letters.all:
        return f"{quiet} after its last request is answered"
    try:
        period = period_of(service.sleep_minutes)
        points = list(_points(service, now, period))
    except (BotoCoreError, ClientError):
        points = []
    if not points:  # of a queue that nobody touches SQS says nothing, and what it says comes minutes late
        return f"{quiet} after its last request"
    since = last_busy(points, period) or now - timedelta(minutes=service.sleep_minutes)
    at = max(since + timedelta(minutes=service.sleep_minutes), now)
    return f"about {moment(at)}, if nothing comes into its queue{also}"


def last_busy(points: Iterable[Point], period: timedelta) -> datetime | None:
    """The end of the last period in which there was something to do; None where there was nothing throughout."""
    busy = [at.astimezone(UTC) for at, value in points if value > 0]
    return max(busy) + period if busy else None


def asked_of(alarms: Iterable[Mapping[str, Any]], queue: str) -> list[Mapping[str, Any]]:
    """The metrics that the service's alarm adds up to know whether it may sleep; none where there is no such alarm.

    They are read from the alarm itself, so that what is said is what it does: behind a load balancer it counts what
    comes through that as well.
    """
    for alarm in alarms:
        metrics = [one for one in alarm.get("Metrics") or () if "MetricStat" in one]
        if len(metrics) > 1 and any(_is_of(one, queue) for one in metrics):
            return metrics
    return []


def _is_of(metric: Mapping[str, Any], queue: str) -> bool:
    dimensions = metric["MetricStat"]["Metric"].get("Dimensions", ())
    return any((one["Name"], one["Value"]) == ("QueueName", queue) for one in dimensions)


def _points(service: Service, now: datetime, period: timedelta) -> Iterator[Point]:
    """What there was to do, minute by minute, for as long as decides."""
    cloudwatch: CloudWatchClient = service.target.account.client("cloudwatch")
    prefix = f"mlstack-{service.target.stage}-"
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"])
    alarms = (alarm for page in pages for alarm in page.get("MetricAlarms", ()))
    queries: Any = [
        {"Id": one["Id"], "MetricStat": {**one["MetricStat"], "Period": int(period.total_seconds())}}
        for one in asked_of(alarms, service.queue_url.rpartition("/")[2])
    ]
    if not queries:
        return
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=service.sleep_minutes) - SLACK
    for page in cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=now + MINUTE
    ):
        for result in page.get("MetricDataResults", ()):
            yield from zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False)


def period_of(minutes: int) -> timedelta:
    """Of a data point: whole minutes, so that there are no more points than CloudWatch gives at once."""
    return MINUTE * (1 + (minutes + SLACK // MINUTE + 2) // MOST_POINTS)
