"""When the agents of machines were last heard of: each puts a metric from time to time."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import Fault, fault_of, reason_of
from shared.silence import Silence

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

logger = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
REFUSED, COMPLETE = "Forbidden", "Complete"
AT_ONCE = 500
"""GetMetricData takes no more queries."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The metric that a kind of agent puts, in CloudWatch's words; its one dimension names the machine."""

    namespace: str
    metric: str
    dimension: str


def last_heard(
    client: "CloudWatchClient", heartbeat: Heartbeat, names: Sequence[str], *, since: datetime, now: datetime
) -> Mapping[str, datetime | Silence]:
    """Of each machine the time of the last heartbeat after ``since``, to the minute, or why there is none.

    All are asked for in one call, so that an outage costs the time of one, however many machines there are.
    """
    heard: dict[str, datetime | Silence] = {}
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        try:
            heard |= _last(client, heartbeat, some, since, now)
        except (BotoCoreError, ClientError) as error:
            silence = Silence.OUTAGE if fault_of(error) in {Fault.WAIT, Fault.RETRY} else Silence.NOT_ALLOWED
            logger.error("the heartbeat of %s cannot be read: %s", ", ".join(some), reason_of(error))  # noqa: TRY400 (its words say all)
            heard |= dict.fromkeys(some, silence)
    return heard


def _last(
    client: "CloudWatchClient", heartbeat: Heartbeat, names: Sequence[str], since: datetime, now: datetime
) -> dict[str, datetime | Silence]:
    asked = {f"heartbeat{number}": name for number, name in enumerate(names)}
    status = dict.fromkeys(asked, COMPLETE)
    times: dict[str, list[datetime]] = {query: [] for query in asked}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(heartbeat, query, name) for query, name in asked.items()],
        StartTime=since,
        EndTime=now + MINUTE,
        ScanBy="TimestampDescending",
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            times[result["Id"]] += result["Timestamps"]
            status[result["Id"]] = result.get("StatusCode", COMPLETE)
    return {name: _read(name, times[query], status[query]) for query, name in asked.items()}


def _read(name: str, times: Sequence[datetime], status: str) -> datetime | Silence:
    if times:
        return max(times)
    if status == COMPLETE:
        return Silence.HEARD_NOTHING
    logger.error("CloudWatch calls the heartbeat of %s %s", name, status)
    return Silence.NOT_ALLOWED if status == REFUSED else Silence.OUTAGE


def _query(heartbeat: Heartbeat, query: str, name: str) -> "MetricDataQueryTypeDef":
    return {
        "Id": query,
        "MetricStat": {
            "Metric": {
                "Namespace": heartbeat.namespace,
                "MetricName": heartbeat.metric,
                "Dimensions": [{"Name": heartbeat.dimension, "Value": name}],
            },
            "Period": int(MINUTE.total_seconds()),
            "Stat": "SampleCount",
        },
    }
