"""What a machine costs by the hour, as its stack says it in words for people."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

UNKNOWN = "not known"
USD = re.compile(r"\$(\d[\d,]*(?:\.\d+)?) an hour")


@dataclass(frozen=True, slots=True)
class HourlyPrice:
    """Such as "$0.05 an hour"; it may say as well that nobody knows it."""

    words: str

    @property
    def usd(self) -> Decimal | None:
        """The same as a number, where it is known."""
        found = USD.search(self.words)
        return Decimal(found[1].replace(",", "")) if found else None

    def usd_for(self, time: timedelta) -> Decimal | None:
        """What so long a time costs, where that is known."""
        if self.usd is None:
            return None
        return (self.usd * Decimal(max(time.total_seconds(), 0)) / 3600).quantize(Decimal("0.01"))


def number(amount: Decimal | None) -> float | None:
    """An amount for JSON."""
    return None if amount is None else float(amount)
