"""What the function is told by its environment."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Which notebook instance is watched, and how patiently."""

    name: str
    longest: timedelta
    """How long it may run at a time. The agent on it acts first, by the same limit."""
    heartbeat: timedelta
    """How often the agent on it puts its metric."""
    grace: timedelta
    """How long after the start nothing needs to be heard of it."""


@cache
def settings() -> Settings:
    """Read the environment once."""
    return Settings(
        name=os.environ["NOTEBOOK_NAME"],
        longest=timedelta(hours=float(os.environ["MAX_HOURS"])),
        heartbeat=timedelta(minutes=float(os.environ["HEARTBEAT_MINUTES"])),
        grace=timedelta(minutes=float(os.environ["GRACE_MINUTES"])),
    )
