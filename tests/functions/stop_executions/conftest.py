"""Step Functions in this process, a clock that waits for nobody, and an address like CloudFormation's."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from shared import clock

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ROLE = "arn:aws:iam::123456789012:role/any"
DEFINITION = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}})
Start = Callable[[str, int], str]


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


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(clock, "now", made.now)
    monkeypatch.setattr(clock, "sleep", made.sleep)
    return made


@pytest.fixture(scope="session")
def states_client() -> "SFNClient":
    """Make the test's own way into Step Functions once, which takes longer than a test."""
    return boto3.client("stepfunctions")


@pytest.fixture
def states(aws: None, states_client: "SFNClient") -> "SFNClient":  # noqa: ARG001 (moto must run)
    return states_client


@pytest.fixture
def start(states: "SFNClient") -> Start:
    """Makes a state machine with so many executions."""

    def started(name: str, count: int) -> str:
        machine = states.create_state_machine(name=name, definition=DEFINITION, roleArn=ROLE)["stateMachineArn"]
        for _ in range(count):
            states.start_execution(stateMachineArn=machine)
        return machine

    return started


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
