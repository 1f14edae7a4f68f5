"""The date by which alarms and schedules are judged: the present, and what a test let pass of the future."""

import json
import time
from datetime import UTC, datetime
from threading import Lock
from typing import Any

ROUTE = "/_mlstack/clock"
"""Where it is read (GET) and moved forward (POST, {"pass_seconds": …})."""
LONGEST_S = 31 * 86400.0
"""What may pass in one request: every minute of it is judged."""


class Clock:
    """Seconds since 1970. It never goes back, as no account's time does."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """The date."""
        return time.time() + self._ahead_s

    def pass_time(self, seconds: float) -> None:
        """Let time pass; raise ValueError for what cannot pass."""
        if not 0 <= seconds <= LONGEST_S:
            message = f"pass_seconds is between 0 and {LONGEST_S:.0f}"
            raise ValueError(message)
        with self._lock:
            self._ahead_s += seconds

    def changed(self, body: bytes) -> None:
        """Do as a request says; raise ValueError for what is no such request."""
        said: Any = json.loads(body or b"{}")
        if not isinstance(said, dict) or said.keys() - {"pass_seconds"}:
            message = "known is pass_seconds"
            raise ValueError(message)
        self.pass_time(float(said.get("pass_seconds", 0.0)))

    def told(self) -> dict[str, Any]:
        """The date, and by how much it is ahead of the present."""
        return {"date": date(self.now()).isoformat(timespec="seconds"), "ahead_seconds": self._ahead_s}


def date(moment: float) -> datetime:
    """A moment in UTC."""
    return datetime.fromtimestamp(moment, UTC)


CLOCK = Clock()
"""The server's own."""
