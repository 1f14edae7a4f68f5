"""One JSON object a line on standard output; no request's or answer's content is ever in one."""

import json
import sys
import traceback
from datetime import UTC, datetime
from threading import Lock

FRAMES = 12
LONGEST = 1024
"""Of a text in a line; a key in S3 is no longer."""

_whole = Lock()
"""Lines of several threads do not mix."""


def write(event: str, level: str = "info", /, **fields: object) -> None:
    """Write one line."""
    shown = {name: value[:LONGEST] if isinstance(value, str) else value for name, value in fields.items()}
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": event, **shown}
    with _whole:
        sys.stdout.write(f"{json.dumps(line)}\n")
        sys.stdout.flush()


def fault(event: str, error: BaseException, **fields: object) -> None:
    """Write one line about what should not have happened: its type and place, as its message may quote a caller."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    at = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    write(event, "error", exception=f"{type(error).__module__}.{type(error).__qualname__}", at=at, **fields)
