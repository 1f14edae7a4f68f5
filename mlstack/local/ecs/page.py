"""Long lists in pages."""

from collections.abc import Sequence

from mlstack.local.ecs.refusal import invalid
from mlstack.local.json_service import Json

MOST = 100


def page(key: str, found: Sequence[str], asked: Json) -> Json:
    """A page of a list, and where the next one begins."""
    token, size = str(asked.get("nextToken") or 0), int(asked.get("maxResults") or MOST)
    if not token.isdecimal() or not 1 <= size <= MOST:
        message = "Invalid token or page size."
        raise invalid(message)
    end = int(token) + size
    more = {"nextToken": str(end)} if end < len(found) else {}
    return {key: [*found[int(token) : end]], **more}
