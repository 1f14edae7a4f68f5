"""What is said of a thing that was looked at."""

import json
import logging
from collections.abc import Mapping

logger = logging.getLogger(__name__)

LEAVE = "leave"
Line = dict[str, str]
"""What was found of a task or an instance, and done with it."""


def line(about: Mapping[str, str], action: str, reason: str, error: str | None, *, ends: bool) -> Line:
    """Say it, and log it; louder where something is ended, or could not be."""
    told = {**about, "action": action, "reason": reason, **({} if error is None else {"error": error})}
    level = logging.ERROR if error is not None else logging.WARNING if ends else logging.INFO
    logger.log(level, "%s", json.dumps(told))
    return told
