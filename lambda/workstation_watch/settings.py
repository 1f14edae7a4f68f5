"""What the function is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from shared import environment


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Whose workstations are watched, and how patiently."""

    stage: str
    longest: Mapping[str, timedelta]
    """How long each may run at a time, by its name."""
    heartbeat: timedelta
    """How often the agent on each puts its metric."""
    grace: timedelta
    """How long after the start nothing needs to be heard, and how long one may be silent later."""


@cache
def settings() -> Settings:
    """Read the environment once.

    Raises:
        KeyError: where a variable is missing.
        ValueError: where one says nothing that can be gone by: a limit that is no number would never be reached.
    """
    hours: object = environment.document("MAX_HOURS")
    if not isinstance(hours, dict) or not hours:
        message = "MAX_HOURS must be a JSON object with the hours of each workstation"
        raise ValueError(message)
    return Settings(
        stage=_name("STAGE"),
        longest={name: timedelta(hours=environment.amount("MAX_HOURS", told)) for name, told in hours.items()},
        heartbeat=timedelta(minutes=environment.amount("HEARTBEAT_MINUTES", os.environ["HEARTBEAT_MINUTES"])),
        grace=timedelta(minutes=environment.amount("GRACE_MINUTES", os.environ["GRACE_MINUTES"])),
    )


def _name(variable: str) -> str:
    told = os.environ[variable]
    if not told.strip():
        message = f"{variable} is empty"
        raise ValueError(message)
    return told
