"""How near many functions come to Rekognition's rate together: real handler, real clients, real HTTP, real time.

Everything but Rekognition is in memory, in the services that the tests hold against moto; moto itself would be what is
measured.
"""

import json
import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from bench.endpoint import Quota, serving
from bench.environment import told
from bench.function import Context
from bench.wire import PHOTO
from image_analysis import handler
from shared import clients
from tests.functions.shared.cloud import Cloud, Original
from tests.functions.shared.memory import Memory

LATENCY_S = 0.3
IN_MEMORY = frozenset({"dynamodb", "events", "s3", "sqs"})


@dataclass(frozen=True, slots=True)
class Throughput:
    """What became of the images, and how long it took."""

    images: int
    functions: int
    per_second: float
    seconds: float
    throttled: int
    """Calls that the endpoint refused."""
    lost: int
    """Images without a final record."""
    twice: int
    """Calls that were paid for beyond one an image."""

    @property
    def ratio(self) -> float:
        """The time it took as a multiple of images / rate."""
        return self.seconds * self.per_second / self.images


@dataclass
class Messages:
    """A queue that hides a message as long as the function says."""

    cloud: Cloud
    left: int = 0
    waiting: "queue.PriorityQueue[tuple[float, str]]" = field(default_factory=queue.PriorityQueue)

    def put(self, body: str, after_s: float = 0.0) -> None:
        """Show a message after a while."""
        self.waiting.put((time.monotonic() + after_s, body))

    def function(self) -> None:
        """Do what Lambda does with a queue's messages, one by one, until none is left."""
        while self.left:
            try:
                visible, body = self.waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            if visible > time.monotonic():
                self.waiting.put((visible, body))
                time.sleep(0.05)
                continue
            receipt = str(id(body))
            record = {"messageId": receipt, "receiptHandle": receipt, "body": body}
            if handler.handle({"Records": [record]}, Context())["batchItemFailures"]:
                self.put(body, self.cloud.hidden[receipt])
            else:
                with self.waiting.mutex:
                    self.left -= 1


def measure(images: int, *, functions: int, per_second: float) -> Throughput:
    """Analyse ``images`` with so many functions in threads, against an endpoint that allows ``per_second``."""
    quota, memory = Quota(per_second, LATENCY_S), Memory()
    logger = logging.getLogger(handler.__name__)
    logger.disabled = True
    try:
        with serving(quota) as url, told(per_second, AWS_ENDPOINT_URL_REKOGNITION=url), _in_memory(memory) as cloud:
            messages = Messages(cloud, images)
            for number in range(images):
                messages.put(_upload(memory, f"photos/{number}.jpg"))
            for table in ("results", "pace"):  # made before the threads: boto3 makes clients in one thread only
                clients.table(table)
            clients.rekognition(), clients.s3(), clients.events(), clients.sqs()
            started = time.perf_counter()
            threads = [threading.Thread(target=messages.function) for _ in range(functions)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            seconds = time.perf_counter() - started
    finally:
        logger.disabled = False
    done = sum(item.get("status") == "analysed" for item in memory.tables.items["results"].values())
    twice = sum(quota.answered.values()) - len(quota.answered)
    return Throughput(images, functions, per_second, seconds, quota.refused, images - done, twice)


def _upload(memory: Memory, key: str) -> str:
    put = memory.answer("PutObject", {"Bucket": "media", "Key": key, "Body": PHOTO.read_bytes()})
    described = {"key": key, "size": PHOTO.stat().st_size, "etag": put["ETag"].strip('"')}
    return json.dumps({"detail": {"bucket": {"name": "media"}, "object": described}})


@contextmanager
def _in_memory(memory: Memory) -> Iterator[Cloud]:
    """Answer every service but Rekognition in memory."""
    original: Original = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001 (no public way)
    cloud = Cloud(memory, original)

    def call(client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Any:  # noqa: ANN401 (as botocore's)
        if client.meta.service_model.service_name in IN_MEMORY:
            return cloud.call(client, operation, asked)
        return original(client, operation, asked)

    BaseClient._make_api_call = call  # type: ignore[attr-defined]  # noqa: SLF001 (as above)
    try:
        yield cloud
    finally:
        BaseClient._make_api_call = original  # type: ignore[attr-defined]  # noqa: SLF001 (as above)
