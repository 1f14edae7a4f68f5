"""A test's wish for a newer Deep Learning AMI, as it is asked for; who asks need not have moto."""

import json
from typing import Any

ROUTE = "/_mlstack/images"
"""Where a newer image of a line is published (POST, {"parameter": NAME}) and all lines are seen (GET)."""


def wanted(body: bytes) -> str | None:
    """The line's parameter; nothing where somebody only looks. Raise ValueError for what is no such wish."""
    asked: Any = json.loads(body) if body else None
    if asked is None:
        return None
    match asked:
        case {"parameter": str(parameter)}:
            return parameter
    message = 'ask for a newer image by {"parameter": "/aws/service/deeplearning/ami/..."}'
    raise ValueError(message)
