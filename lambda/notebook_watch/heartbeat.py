"""When the agent of a notebook instance was last heard of."""

from datetime import datetime
from typing import TYPE_CHECKING

from shared import heartbeat
from shared.silence import Silence

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

HEARTBEAT = heartbeat.Heartbeat("mlstack/Notebook", "IdleMinutes", "NotebookInstanceName")


def last_heard(client: "CloudWatchClient", name: str, *, since: datetime, now: datetime) -> datetime | Silence:
    """The time of the last heartbeat after ``since``, to the minute, or why there is none."""
    return heartbeat.last_heard(client, HEARTBEAT, [name], since=since, now=now)[name]
