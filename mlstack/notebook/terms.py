"""What a notebook costs and when it stops itself, as its stack says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from mlstack.clock import span
from mlstack.price import UNKNOWN, HourlyPrice


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The promises of a notebook's stack."""

    running_price: str = UNKNOWN
    """For people, such as "$0.05 an hour"."""
    stopped_price: str = UNKNOWN
    idle_minutes: int | None = None
    """After how long without use it stops itself; None where it does not."""
    max_hours: int | None = None
    """After how long it stops whatever it does; None where it does not."""

    @classmethod
    def read(cls, outputs: Mapping[str, str]) -> Self:
        """Read them from the outputs of the stack."""
        return cls(
            running_price=outputs.get("RunningPrice", UNKNOWN),
            stopped_price=outputs.get("StoppedPrice", UNKNOWN),
            idle_minutes=_positive(outputs.get("IdleMinutes", "")),
            max_hours=_positive(outputs.get("MaxHours", "")),
        )

    @property
    def price(self) -> HourlyPrice:
        """The running price, to count with."""
        return HourlyPrice(self.running_price)

    def latest_stop(self, since: datetime) -> datetime | None:
        """When a notebook that runs since then stops at the latest."""
        return None if self.max_hours is None else since + timedelta(hours=self.max_hours)

    @property
    def promise(self) -> str:
        """When it stops itself, in one line."""
        promises = []
        if self.idle_minutes is not None:
            promises.append(f"when nobody has used it for {span(timedelta(minutes=self.idle_minutes))}")
        if self.max_hours is not None:
            promises.append(f"{span(timedelta(hours=self.max_hours))} after its start at the latest")
        return f"it stops itself {', and '.join(promises)}" if promises else "it never stops itself: stop it yourself"


def _positive(text: str) -> int | None:
    return int(text) if text.isdecimal() and int(text) else None
