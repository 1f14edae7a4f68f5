"""How long a machine's agent may be silent, and the kinds of silence."""

from datetime import timedelta
from enum import Enum, auto

CLOUDWATCH_DELAY = timedelta(minutes=5)
"""A metric's value shows within two minutes as a rule; the first ones of a new metric take the longest."""
MISSED = 2
"""Heartbeats, one after the other."""


class Silence(Enum):
    """Where there is no heartbeat to go by."""

    HEARD_NOTHING = auto()
    """CloudWatch has none of the time that counts."""
    NOT_ALLOWED = auto()
    """CloudWatch refuses to tell, and will go on until somebody mends it."""
    OUTAGE = auto()
    """CloudWatch fails for the moment. That says nothing of the agent, and an outage must not stop what is in use."""


def patience_for(heartbeat: timedelta) -> timedelta:
    """How long after the last heartbeat the next may be heard of, where one comes this often."""
    return MISSED * heartbeat + CLOUDWATCH_DELAY
