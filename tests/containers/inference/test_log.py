"""Lines are JSON and quote nobody."""

import json
import logging

import pytest

from inference.log import JsonLines

SENT = "what a caller sent\nin two lines"


def line(record: logging.LogRecord) -> dict[str, object]:
    text = JsonLines().format(record)
    assert "\n" not in text
    found: dict[str, object] = json.loads(text)
    return found


def record(message: str, **more: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelname": "INFO", "created": 0.0, **more})


def test_line_has_its_time_level_event_and_fields() -> None:
    found = line(record("invocation", fields={"status": 200}))

    assert found == {"time": "1970-01-01T00:00:00.000+00:00", "level": "info", "event": "invocation", "status": 200}


def test_line_about_an_exception_says_where_and_not_what() -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # its message is the point
        int(SENT)

    found = line(record("fault", exc_info=(raised.type, raised.value, raised.tb)))

    assert found["exception"] == "builtins.ValueError"
    assert "test_log.py" in str(found["at"])
    assert "caller" not in json.dumps(found)
