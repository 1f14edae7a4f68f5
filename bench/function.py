"""The labelling function's own time per image: real boto3 clients, with the network cut out."""

import io
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

PHOTO = Path(__file__).resolve().parents[1] / "examples" / "photos" / "cat at home.jpg"
BATCH = 10
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/111122223333/dead-letters",
    "MAX_LABELS": "25",
    "MIN_CONFIDENCE": "70.0",
    "RESULTS_BUCKET": "results",
    "RESULTS_PREFIX": "labels/",
    "TABLE_NAME": "labels",
}
LABELS = [
    {"Name": f"Label {number}", "Confidence": 99.0 - number, "Instances": [], "Parents": [], "Categories": []}
    for number in range(25)
]


class Context:
    """As much of Lambda's context as the function uses."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """A minute."""
        return 60_000


class Wire:
    """Answers what AWS would, at once."""

    def __init__(self) -> None:
        self._photo = PHOTO.read_bytes()
        self._labels = json.dumps({"Labels": LABELS, "LabelModelVersion": "3.0"}).encode()
        self.calls = 0

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Stand in for the network, behind everything that botocore does before it and after it."""
        self.calls += 1
        if request.method == "GET":
            body = self._photo
        elif "rekognition" in str(request.url):
            body = self._labels
        elif "dynamodb" in str(request.url):
            body = b"{}"
        else:
            body = b""
        headers = HTTPHeaders.from_dict({"content-length": str(len(body)), "etag": '"0"'})
        return AWSResponse(str(request.url), 200, headers, _Body(body))


class _Body(io.BytesIO):
    """What urllib3 would hand to botocore."""

    def stream(self, amount: int = 65536, **_: object) -> object:
        """The body in pieces."""
        return iter(lambda: self.read(amount), b"")


def measure(rounds: int) -> tuple[float, float]:
    """Median milliseconds per image, and calls to AWS per image."""
    os.environ |= SETTINGS
    from image_labels import clients, handler  # noqa: PLC0415  # its clients read the environment set here

    wire = Wire()
    answer: Callable[..., Any] = wire.answer  # botocore's types forget that this event's handler answers
    for client in (clients.s3(), clients.rekognition(), clients.sqs(), clients.ledger().table.meta.client):
        client.meta.events.register("before-send.*", answer)
    times = []
    for turn in range(rounds + 1):
        batch = {"Records": [_record(turn * BATCH + number) for number in range(BATCH)]}
        calls, started = wire.calls, time.perf_counter()
        if handler.handle(batch, Context())["batchItemFailures"]:
            message = "the function could not label the bench's photo"
            raise RuntimeError(message)
        if turn:  # the first turn makes the clients' caches
            times.append((time.perf_counter() - started) / BATCH)
    return statistics.median(times) * 1000, (wire.calls - calls) / BATCH


def _record(number: int) -> dict[str, str]:
    described = {"key": f"photos/{number}.jpg", "size": PHOTO.stat().st_size, "etag": f"{number}"}
    body = {"detail": {"bucket": {"name": "media"}, "object": described}}
    return {"messageId": str(number), "body": json.dumps(body)}
