"""What every function is told by its environment."""

import json
import os
from datetime import timedelta
from typing import Any

MOST = 100_000.0
"""Hours or minutes: beyond that somebody has mistaken the unit, and what is limited would run for years."""


def keep() -> timedelta | None:
    """How long results are kept; None keeps them."""
    days = int(os.environ["RESULTS_DAYS"])
    return timedelta(days=days) if days else None


def document(name: str) -> dict[str, Any]:
    """A variable that holds a JSON object."""
    value: dict[str, Any] = json.loads(os.environ[name])
    return value


def amount(name: str, told: object) -> float:
    """A positive number that time can be reckoned with; not a number (NaN) is greater than none, and less than none.

    Raises:
        ValueError: where it is anything else: a limit that is no number would never be reached.
    """
    number = float(told) if isinstance(told, (int, float, str)) and not isinstance(told, bool) else 0.0
    if not 0 < number <= MOST:
        message = f"{name} must be between 0 and {MOST:,.0f}, not {told!r}"
        raise ValueError(message)
    return number
