"""The alarm outside the machine: whether it has just stopped one that was started again, or still may.

An alarm acts when its state changes. CloudWatch looks at more periods than the three that must be missing, and one
heartbeat among them keeps the alarm quiet: it rings when the last one has left them all, some 25 to 30 minutes later.
A machine that is stopped and started again within that time is stopped by it once more, unless its agent has spoken.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.heartbeat import Metric
from mlstack.workstation.machine import Machine

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

HEARTBEATS = Metric(namespace="mlstack/Workstation", dimension="InstanceId")
ALARMED = "ALARM"
SLACK = timedelta(minutes=1)
"""By how much the clocks of two services may differ."""
REMEMBERS = timedelta(minutes=35)
"""How long after the last heartbeat it rings at the latest."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
STOP, TERMINATE = "ec2:stop", "ec2:terminate"
"""What the alarm's actions end in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """That an alarm may ring for a time that is over."""

    until: datetime
    terminates: bool


def has_hit(cloudwatch: "CloudWatchClient", machine: Machine) -> bool:
    """Whether an alarm on the machine's heartbeats went off since its start; no, where nobody can say."""
    try:
        alarms = alarms_of(cloudwatch, machine)
    except (BotoCoreError, ClientError):  # the machine's own reason is told instead
        return False
    return went_off(alarms, since=machine.launched_at)


def alarms_of(cloudwatch: "CloudWatchClient", machine: Machine) -> Iterable[Mapping[str, Any]]:
    """The alarms on a machine's heartbeats."""
    found = cloudwatch.describe_alarms_for_metric(
        Namespace=HEARTBEATS.namespace,
        MetricName=HEARTBEATS.name,
        Dimensions=HEARTBEATS.dimensions(machine.id),
    )
    return [alarm for alarm in found["MetricAlarms"] if machine.id in _watched(alarm, machine)]


def _watched(alarm: Mapping[str, Any], machine: Machine) -> set[str]:
    """Whose heartbeats an alarm watches; the local AWS names those of other machines too."""
    return {one["Value"] for one in alarm.get("Dimensions", HEARTBEATS.dimensions(machine.id))}


def went_off(alarms: Iterable[Mapping[str, Any]], *, since: datetime) -> bool:
    """Whether one of these went off since then."""
    return any(alarm.get("StateValue") == ALARMED and changed(alarm) >= since - SLACK for alarm in alarms)


def yet_to_ring(cloudwatch: "CloudWatchClient", machine: Machine, now: datetime) -> Ring | None:
    """Whether its alarm may still ring for the time before the machine's start; None, where nobody can say."""
    try:
        alarms = alarms_of(cloudwatch, machine)
        beat = HEARTBEATS.last(cloudwatch, machine.id, now)
    except (BotoCoreError, ClientError):  # it runs all the same
        return None
    if beat is None or beat.at >= machine.launched_at or beat.at + REMEMBERS <= now:
        return None
    actions = [action for alarm in alarms if alarm.get("StateValue") != ALARMED for action in ends(alarm)]
    if not actions:
        return None
    return Ring(until=beat.at + REMEMBERS, terminates=any(action.endswith(TERMINATE) for action in actions))


def ends(alarm: Mapping[str, Any]) -> list[str]:
    """Those of its actions that end a machine."""
    actions = alarm.get("AlarmActions", ()) if alarm.get("ActionsEnabled", True) else ()
    return [action for action in actions if action.endswith((STOP, TERMINATE))]


def changed(alarm: Mapping[str, Any]) -> datetime:
    """When its state changed last; long ago, where CloudWatch does not say."""
    found: datetime | None = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return found.astimezone(UTC) if found else NEVER
