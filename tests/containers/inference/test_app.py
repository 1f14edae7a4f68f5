"""What the addresses do with a model that can only be had in a test."""

import asyncio
import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from inference import app
from inference.classifier import Answer, Classifier
from inference.gate import Gate
from inference.model import Model
from inference.settings import MIB, Settings

PLAIN = Settings.read({}, processors=2)
PING, ASK = ("GET", "/ping"), ("POST", "/invocations", b"x")


class Broken(Classifier):
    """A model that lost its processor, until it is mended."""

    mended = False

    def answer(self, content_type: str, body: bytes) -> Answer:
        """Fail."""
        self.prove()
        return super().answer(content_type, body)

    def prove(self) -> None:
        """Fail."""
        if not self.mended:
            raise RuntimeError
        super().prove()


async def asked(served: Starlette, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, object]]:
    """One request, without a server."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    await served(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_server_with_a_broken_model_is_not_healthy_until_it_is_mended(colours: Path) -> None:
    broken = Broken(Model.load(colours, cores=1), PLAIN)
    served = app.application(broken, Gate(1), PLAIN)

    async def story() -> list[int]:
        seen = [(await asked(served, *request))[0] for request in (PING, ASK, PING)]
        broken.mended = True
        return [*seen, (await asked(served, *PING))[0]]

    assert asyncio.run(story()) == [200, 500, 503, 200]


@pytest.mark.parametrize(
    ("environment", "at_a_time", "mib"),
    [
        ({}, 2, 6),
        ({"INFERENCE_THREADS": "8"}, 8, 6),
        ({"INFERENCE_THREADS": "64"}, 16, 6),
        ({"INFERENCE_MAX_CONCURRENCY": "1"}, 1, 6),
        ({"INFERENCE_MAX_BYTES": str(100 * MIB)}, 1, 100),
        ({"INFERENCE_MAX_BYTES": "2000"}, 2, 1),
    ],
)
def test_batch_transform_sends_no_more_than_it_may(environment: dict[str, str], at_a_time: int, mib: int) -> None:
    found = app.transform_parameters(Settings.read(environment, processors=2))

    assert found == {"MaxConcurrentTransforms": at_a_time, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": mib}
    assert at_a_time * mib <= app.TRANSFORM_MIB
