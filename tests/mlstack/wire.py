"""Real AWS clients whose answers a test writes: all goes through botocore's models, and nothing through a network."""

import json
from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from moto.core.models import botocore_stubber

from mlstack.account import Account


@dataclass(frozen=True)
class Spoken:
    """One answer of AWS."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def said(**body: Any) -> Spoken:  # noqa: ANN401 (fields of any type)
    """An answer in JSON."""
    return Spoken(json.dumps(body).encode(), headers={"Content-Type": "application/json"})


def refused(code: str, message: str = "no", status: int = 400, **more: Any) -> Spoken:  # noqa: ANN401
    """An error as AWS's JSON protocols send it."""
    body = json.dumps({"__type": code, "message": message, "Message": message, **more}).encode()
    return Spoken(body, status, {"x-amzn-ErrorType": code, "Content-Type": "application/json"})


class Raw(BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield from iter(lambda: self.read(1024), b"")


@dataclass
class Wire:
    """What AWS answers to each operation; the last answer is repeated for ever."""

    answers: dict[str, deque[Spoken | Exception]] = field(default_factory=dict)
    requests: dict[str, list[AWSPreparedRequest]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, operation: str, *answers: Spoken | Exception) -> None:
        """Answer an operation with these, one after the other."""
        self.answers[operation] = deque(answers)

    def calls(self, *operations: str) -> list[str]:
        """Which of these were asked for; all, if none is named."""
        return [name for name, asked in self.requests.items() for _ in asked if not operations or name in operations]

    def send(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        """Stand in for the network."""
        operation = event_name.rpartition(".")[2]
        self.requests[operation].append(request)
        answers = self.answers[operation]
        found = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        raw = Raw(found.body)
        headers = HTTPHeaders.from_dict({"Content-Length": str(len(found.body)), **found.headers})
        return AWSResponse(request.url, found.status, headers, raw)


@cache
def client(service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients' types at run time)
    """A client that tries once; making one takes longer than most tests."""
    return boto3.client(cast("Any", service), config=Config(retries={"total_max_attempts": 1}))


@cache
def _wired_client(service: str) -> Any:  # noqa: ANN401 (as above)
    """Another one, which moto does not hear of."""
    found = client.__wrapped__(service)
    found.meta.events.unregister("before-send", botocore_stubber)
    return found


def wired(wire: Wire, services: Collection[str]) -> Iterator[Account]:
    """An account with the clients of some services on the wire, and all others in moto."""

    def choose(service: str) -> Any:  # noqa: ANN401 (as above)
        return (_wired_client if service in services else client)(service)

    for service in services:
        _wired_client(service).meta.events.register("before-send", wire.send)
    yield Account(shown="the lab", is_local=True, client=choose)
    for service in services:
        _wired_client(service).meta.events.unregister("before-send", wire.send)


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        monkeypatch.setattr("mlstack.patience.sleep", self.sleep)
        monkeypatch.setattr("mlstack.patience.monotonic", lambda: self.now)

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.slept.append(seconds)
        self.now += seconds
