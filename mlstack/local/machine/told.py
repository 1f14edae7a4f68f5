"""What is told of a machine."""

from typing import TypedDict


class Told(TypedDict):
    """How one is."""

    state: str
    """off, booting, running, terminated, or why nothing runs."""
    uptime_seconds: float
    timers: list[str]
    """Those that are active."""
    busy: bool
    log: str
    """The path of what happened on it."""
