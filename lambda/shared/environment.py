"""What every function is told by its environment."""

import json
import os
from datetime import timedelta
from typing import Any


def keep() -> timedelta | None:
    """How long results are kept; None keeps them."""
    days = int(os.environ["RESULTS_DAYS"])
    return timedelta(days=days) if days else None


def document(name: str) -> dict[str, Any]:
    """A variable that holds a JSON object."""
    value: dict[str, Any] = json.loads(os.environ[name])
    return value
