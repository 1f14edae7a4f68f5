"""Rekognition's quotas, as small as a test wants them: calls per second of an operation, video jobs at a time."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any

from mlstack.local.rekognition.failure import Code, RekognitionError

ROUTE = "/_mlstack/rekognition"
"""Where they are read (GET) and set (POST, only what changes)."""
WINDOW_S = 1.0
TOO_FAST = "Provisioned rate exceeded. You can contact AWS Support to request a limit increase"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; an operation without a number is not slowed."""

    calls_per_second: dict[str, float] = field(default_factory=dict)
    video_jobs: int = 20
    video_seconds: float = 0.2
    """How long a video job runs."""
    server_errors: dict[str, int] = field(default_factory=dict)
    """How many of an operation's next calls end in an error of the service's own."""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


class Quota:
    """Counts the calls of the last second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = Limits()
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._lock = Lock()

    def change(self, body: bytes) -> Limits:
        """Take new limits over the old ones; raise ValueError for what is no limit."""
        asked = json.loads(body or b"{}")
        if not isinstance(asked, dict) or asked.keys() - asdict(self.limits).keys():
            message = f"known are {', '.join(asdict(self.limits))}"
            raise ValueError(message)
        with self._lock:
            said = {**asdict(self.limits), **asked}
            self.limits = Limits(
                calls_per_second={str(name): float(rate) for name, rate in said["calls_per_second"].items()},
                video_jobs=int(said["video_jobs"]),
                video_seconds=float(said["video_seconds"]),
                server_errors={str(name): int(number) for name, number in said["server_errors"].items()},
            )
            self._calls.clear()
        return self.limits

    def take(self, operation: str) -> None:
        """Count one call; raise Rekognition's refusal where the second is full, or its own error where one is due."""
        rate, due = self.limits.calls_per_second.get(operation), self.limits.server_errors
        now = self._clock()
        with self._lock:
            if due.get(operation, 0) > 0:
                due[operation] -= 1
                raise RekognitionError(Code.INTERNAL_SERVER_ERROR, "Internal server error", HTTPStatus(500))
            if rate is None:
                return
            calls = self._calls.setdefault(operation, deque())
            while calls and now - calls[0] >= WINDOW_S:
                calls.popleft()
            if len(calls) >= rate:
                raise RekognitionError(Code.PROVISIONED_THROUGHPUT_EXCEEDED, TOO_FAST)
            calls.append(now)
