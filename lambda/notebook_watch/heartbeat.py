"""When the agent of a notebook instance was last heard of."""

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from notebook_watch.judging import Silence
from shared.fault import Fault, fault_of, reason_of

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

logger = logging.getLogger(__name__)

NAMESPACE, METRIC, DIMENSION = "mlstack/Notebook", "IdleMinutes", "NotebookInstanceName"
MINUTE = timedelta(minutes=1)
REFUSED = "Forbidden"
COMPLETE = "Complete"


def last_heard(client: "CloudWatchClient", name: str, *, since: datetime, now: datetime) -> datetime | Silence:
    """The time of the last heartbeat after ``since``, to the minute, or why there is none."""
    try:
        return _last(client, name, since, now)
    except (BotoCoreError, ClientError) as error:
        passes = fault_of(error) in {Fault.WAIT, Fault.RETRY}
        logger.error("the heartbeat of %s cannot be read: %s", name, reason_of(error))  # noqa: TRY400 (its words say all)
        return Silence.OUTAGE if passes else Silence.NOT_ALLOWED


def _last(client: "CloudWatchClient", name: str, since: datetime, now: datetime) -> datetime | Silence:
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[_query(name)], StartTime=since, EndTime=now + MINUTE, ScanBy="TimestampDescending"
    )
    status, heard = COMPLETE, []
    for page in pages:
        for result in page["MetricDataResults"]:
            heard += result["Timestamps"]
            status = result.get("StatusCode", COMPLETE)
    if heard:
        return max(heard)
    if status == COMPLETE:
        return Silence.HEARD_NOTHING
    logger.error("CloudWatch calls the heartbeat of %s %s", name, status)
    return Silence.NOT_ALLOWED if status == REFUSED else Silence.OUTAGE


def _query(name: str) -> "MetricDataQueryTypeDef":
    return {
        "Id": "heartbeat",
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": METRIC,
                "Dimensions": [{"Name": DIMENSION, "Value": name}],
            },
            "Period": int(MINUTE.total_seconds()),
            "Stat": "SampleCount",
        },
    }
