"""CloudFormation's side of a custom resource: requests, an address for answers, and a clock that waits for nobody."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shared import clock


@dataclass
class Time:
    """The present, which goes on only while somebody waits."""

    present: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.present

    def sleep(self, seconds: float) -> None:
        self.present += timedelta(seconds=seconds)


@dataclass
class Address:
    """Takes answers, after some refusals."""

    url: str = ""
    refusals: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)


class Context:
    """Lambda's, with so many seconds left."""

    def __init__(self, seconds: int = 900) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000


def request(kind: str, url: str, known: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (fields of an event)
    """A request as CloudFormation makes it, about a resource that it knows by a name, unless it is new."""
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/mlstack-sandbox-Any/1",
        "RequestId": "request",
        "LogicalResourceId": "Any",
        "ResourceType": "Custom::Any",
        "ResourceProperties": {"ServiceToken": "function"},
        **({} if kind == "Create" else {"PhysicalResourceId": known}),
        **more,
    }


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(clock, "now", made.now)
    monkeypatch.setattr(clock, "sleep", made.sleep)
    return made


@pytest.fixture
def address() -> Iterator[Address]:
    told = Address()

    class Taker(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            refused = told.refusals > 0
            told.refusals -= 1
            if not refused:
                told.bodies.append(json.loads(body))
                told.sizes.append(len(body))
                told.content_types.append(self.headers["Content-Type"])
            self.send_response(503 if refused else 200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}/signed?Signature=a%2Bb"
        yield told
        server.shutdown()
