"""What becomes of a message: decided from the server's reply alone, so that it can be looked at without a server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

OWN_FAULT = frozenset({400, 413, 414, 415, 422})
"""What a server says of a request that no repetition mends; every other error may be its own, or the way to it."""
OK, FULL = 200, 503
SOONEST_S, LATEST_S = 10, 120
"""Between the deliveries of a message that failed."""
LONGEST_REASON = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the server said."""

    status: int
    body: bytes
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is written down, and the message done."""

    document: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no answer is written down, and the message done."""

    status: int
    error: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Again:
    """The message is delivered once more after so many seconds, or to the dead letters if that was often enough."""

    seconds: int
    why: str


Fate = Answered | Refused | Again


def of(reply: Reply, receives: int) -> Fate:
    """What becomes of a message that was received so often."""
    if reply.status == OK:
        if _document(reply.body) is None:
            return Again(later(receives), "no_json")
        return Answered(reply.body)
    if reply.status in OWN_FAULT:
        return Refused(reply.status, _error(reply.body))
    return Again(later(receives, reply.retry_after_s or 0), f"status_{reply.status}")


def later(receives: int, asked_s: int = 0) -> int:
    """Seconds until a message comes again: twice as long each time, and no sooner than the server has asked for."""
    doubled = SOONEST_S << max(0, min(receives, 10) - 1)
    return min(LATEST_S, max(doubled, asked_s))


def _error(body: bytes) -> Mapping[str, object]:
    """The server's own words, where they have the form that they should have."""
    document = _document(body)
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        return {"code": "refused", "reason": "the server gave no reason"}
    return {
        name: value[:LONGEST_REASON] for name in ("code", "reason") if isinstance(value := error.get(name), str)
    } or {"code": "refused", "reason": "the server gave no reason"}


def _document(body: bytes) -> object:
    """JSON; None where it is none."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found
