"""What a group has launched and terminated, and why a launch failed: its scaling activities, the last first."""

from datetime import datetime
from threading import Lock
from typing import Any

from moto.autoscaling.models import Activity
from moto.core.utils import utcnow

ACTIVITIES = "mlstack_activities"
KEPT = 100
"""AWS keeps those of six weeks."""
_writing = Lock()


def note(group: Any, description: str, cause: str, *, failure: str = "", status: str = "Successful") -> Activity:  # noqa: ANN401 - moto's group
    """Write an activity down."""
    made = Activity(description, f"At {moment(utcnow())} {cause}", group)
    made.status_code = "Failed" if failure else status
    made.progress = 100 if made.status_code != "InProgress" else 50
    vars(made)["status_message"] = failure or None
    vars(made)["auto_scaling_group_arn"] = group.arn
    with _writing:
        kept: list[Activity] = vars(group).setdefault(ACTIVITIES, [])
        kept.insert(0, made)
        del kept[KEPT:]
    return made


def noted(group: Any) -> list[Activity]:  # noqa: ANN401 - moto's group
    """A group's activities."""
    with _writing:
        return list(vars(group).get(ACTIVITIES, []))


def moment(date: datetime) -> str:
    """A date as a cause has it."""
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"
