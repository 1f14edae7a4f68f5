"""When the agents of workstations were last heard of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from shared import heartbeat
from shared.silence import Silence
from workstation_watch.judging import Workstation, is_over, patience
from workstation_watch.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

HEARTBEAT = heartbeat.Heartbeat("mlstack/Workstation", "IdleMinutes", "InstanceId")


def last_heard(
    client: "CloudWatchClient", workstations: Sequence[Workstation], settings: Settings, now: datetime
) -> Mapping[str, datetime | Silence]:
    """The last heartbeat of each by its id; what is too old anyway is not asked for."""
    asked = [one.id for one in workstations if not is_over(one, settings, now)]
    since = now - 2 * patience(settings)
    return heartbeat.last_heard(client, HEARTBEAT, asked, since=since, now=now)
