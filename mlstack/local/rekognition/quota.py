"""Rekognition's quotas, as small as a test wants them: calls per second of an operation, video jobs at a time."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from mlstack.local.rekognition.failure import RekognitionError

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
        rates = {str(name): float(rate) for name, rate in asked.get("calls_per_second", {}).items()}
        with self._lock:
            self.limits = Limits(
                calls_per_second=rates if "calls_per_second" in asked else self.limits.calls_per_second,
                video_jobs=int(asked.get("video_jobs", self.limits.video_jobs)),
                video_seconds=float(asked.get("video_seconds", self.limits.video_seconds)),
            )
            self._calls.clear()
        return self.limits

    def take(self, operation: str) -> None:
        """Count one call; raise Rekognition's refusal where the second is full."""
        rate = self.limits.calls_per_second.get(operation)
        if rate is None:
            return
        now = self._clock()
        with self._lock:
            calls = self._calls.setdefault(operation, deque())
            while calls and now - calls[0] >= WINDOW_S:
                calls.popleft()
            if len(calls) >= rate:
                raise RekognitionError("ProvisionedThroughputExceededException", TOO_FAST)
            calls.append(now)
