"""Time, as every function reads and spends it."""

import random
import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Wait; a past moment is no wait."""
    time.sleep(max(0.0, seconds))


def spread(seconds: float) -> float:
    """About so many seconds, so that what failed together does not come again together."""
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311 (no secret)
