"""One JSON object a line on standard output; nothing that a caller sent is ever in one."""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

FRAMES = 12


class JsonLines(logging.Formatter):
    """Records as JSON, with their ``fields``; of an exception its type and place, as its message may quote a caller."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        fields: Mapping[str, object] = getattr(record, "fields", {})
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage().strip(),
            **fields,
        }
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            frames = traceback.extract_tb(trace)[-FRAMES:]
            line["exception"] = f"{kind.__module__}.{kind.__qualname__}"
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line)


def begin() -> None:
    """Send every logger's records to standard output, uvicorn's too."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def write(event: str, **fields: object) -> None:
    """Write one line."""
    logging.getLogger("inference").info("%s", event, extra={"fields": fields})


def fault(event: str, error: BaseException) -> None:
    """Write one line about what should not have happened."""
    logging.getLogger("inference").error("%s", event, exc_info=error)
