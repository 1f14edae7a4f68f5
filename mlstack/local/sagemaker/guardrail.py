"""The alarms that send a deployment back; nothing evaluates them here, but somebody may set their state."""

from typing import Any

from mlstack.local.json_service import Json, ServiceError
from mlstack.local.sagemaker.registry import INVALID

Client = Any
NO_ALARM = "The alarms {names} of AutoRollbackConfiguration do not exist."
RINGING = "The deployment was rolled back: the alarms {names} are in state ALARM."


def _names(deployment: Json | None) -> list[str]:
    alarms = ((deployment or {}).get("AutoRollbackConfiguration") or {}).get("Alarms", [])
    return [alarm["AlarmName"] for alarm in alarms]


def check(deployment: Json | None, cloudwatch: Client) -> None:
    """Raise ServiceError where a deployment names an alarm that is not there."""
    wanted = _names(deployment)
    if wanted:
        found = {one["AlarmName"] for one in cloudwatch.describe_alarms(AlarmNames=wanted)["MetricAlarms"]}
        if found != set(wanted):
            raise ServiceError(INVALID, NO_ALARM.format(names=", ".join(sorted(set(wanted) - found))))


def alarmed(deployment: Json | None, cloudwatch: Client) -> str:
    """Why a deployment goes back; empty where no alarm of it rings."""
    wanted = _names(deployment)
    if not wanted:
        return ""
    found = cloudwatch.describe_alarms(AlarmNames=wanted)["MetricAlarms"]
    names = ", ".join(sorted(one["AlarmName"] for one in found if one["StateValue"] == "ALARM"))
    return RINGING.format(names=names) if names else ""
