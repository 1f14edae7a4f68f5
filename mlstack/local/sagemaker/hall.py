"""What everything that runs has around it: its place, its images, its report, its limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Protocol

from mlstack.local.container.image import Images
from mlstack.local.environment import Place
from mlstack.local.report import Report
from mlstack.local.sagemaker.limits import Limits

Client = Callable[[str], Any]
AT_ONCE_S = 0.2


class Stopping(Protocol):
    """Something that runs and can be ended."""

    def stop(self, grace_s: float | None = None) -> None:
        """End it; what it does has so long."""


@dataclass(kw_only=True)
class Hall:
    """What every workload needs of its surroundings."""

    place: Place
    folder: Path
    images: Images
    client: Client
    report: Report
    limits: Limits = field(default_factory=Limits)
    running: "set[Stopping]" = field(default_factory=set)
    lock: RLock = field(default_factory=RLock)
    closed: bool = False

    def close(self) -> None:
        """End every container at once."""
        with self.lock:
            self.closed = True
            threads = [Thread(target=one.stop, args=[AT_ONCE_S], daemon=True) for one in self.running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=2)
