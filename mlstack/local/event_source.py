"""Event source mappings from queues to functions: polled as Lambda does, in place of moto's call inside SQS itself."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import Any

from moto.awslambda.models import EventSourceMapping, lambda_backends
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from mlstack.local import runtime

PERIOD_S = 0.05
PARALLEL = 5
"""Batches of one mapping at a time where it sets no maximum; Lambda starts with five as well."""


class Poller:
    """A thread that looks after every mapping, with others that run the batches."""

    def __init__(self) -> None:
        self._stopped = Event()
        self._running: Counter[str] = Counter()
        self._lock = Lock()
        self._batches = ThreadPoolExecutor(max_workers=32, thread_name_prefix="event-source")
        self._thread = Thread(target=self._poll, name="event-sources", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """Stop polling; a batch under way is not waited for."""
        self._stopped.set()
        self._batches.shutdown(wait=False, cancel_futures=True)

    def _poll(self) -> None:
        while not self._stopped.wait(PERIOD_S):
            for mapping in _mappings():
                try:
                    self._serve(mapping)
                except Exception as error:  # noqa: BLE001 - one mapping's trouble must not stop the others
                    runtime.running().report.fault(f"event source {mapping.event_source_arn}: {error!r}")

    def _serve(self, mapping: EventSourceMapping) -> None:
        queue = _queue(mapping)
        while queue is not None and queue.messages and self._running[mapping.uuid] < _parallel(mapping):
            messages = sqs_backends[mapping.account_id][mapping.region].receive_message(
                queue.name, min(mapping.batch_size, 10), 0, int(vars(queue)["visibility_timeout"]), ["All"]
            )
            if not messages:
                return
            with self._lock:
                self._running[mapping.uuid] += 1
            self._batches.submit(self._batch, mapping, queue, messages)

    def _batch(self, mapping: EventSourceMapping, queue: Queue, messages: list[Message]) -> None:
        try:
            failed = _failed(mapping, messages, queue)
            done = [message for message in messages if message.id not in failed]
            backend: SQSBackend = sqs_backends[mapping.account_id][mapping.region]
            for message in done:
                if queue.name in backend.queues:
                    backend.delete_message(queue.name, str(message.receipt_handle))
            name = mapping.function_arn.rsplit(":", 1)[-1]
            runtime.running().report.polled(queue.name, name, received=len(messages), deleted=len(done))
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
            runtime.running().report.fault(f"batch of {queue.name}: {error!r}")
        finally:
            with self._lock:
                self._running[mapping.uuid] -= 1


def record(message: Message, queue: Queue) -> dict[str, Any]:
    """A message as Lambda hands it to a function."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    ordered = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    attributes |= {name: value for name, value in ordered.items() if value is not None}
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": dict(_attributes(message)),
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def failures(payload: object, sent: frozenset[str]) -> frozenset[str]:
    """The ids that a function with ReportBatchItemFailures left; all of them where its answer makes no sense."""
    if payload in (None, ""):
        return frozenset()
    if not isinstance(payload, dict):
        return sent
    listed = payload.get("batchItemFailures")
    if listed is None:
        return frozenset()
    try:
        named = frozenset(item["itemIdentifier"] for item in listed)
    except (TypeError, KeyError):
        return sent
    return named if sent.issuperset(named) else sent


def _failed(mapping: EventSourceMapping, messages: list[Message], queue: Queue) -> frozenset[str]:
    sent = frozenset(message.id for message in messages)
    headers: dict[str, str] = {}
    function = lambda_backends[mapping.account_id][mapping.region].get_function(mapping.function_arn)
    event = {"Records": [record(message, queue) for message in messages]}
    payload = function.invoke(json.dumps(event), {}, headers)
    if "x-amz-function-error" in headers:
        return sent
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return frozenset()
    return failures(json.loads(payload), sent)


def _attributes(message: Message) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in message.message_attributes.items():
        yield (
            name,
            {
                "stringValue": value.get("StringValue"),
                "binaryValue": value.get("BinaryValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value.get("DataType"),
            },
        )


def _mappings() -> list[EventSourceMapping]:
    return [
        mapping
        for regions in list(lambda_backends.values())
        for backend in list(regions.values())
        for mapping in list(backend._event_source_mappings.values())  # noqa: SLF001 - moto's list is by one filter
        if str(mapping.enabled).lower() == "true" and ":sqs:" in mapping.event_source_arn
    ]


def _queue(mapping: EventSourceMapping) -> Queue | None:
    name = mapping.event_source_arn.rsplit(":", 1)[-1]
    return sqs_backends[mapping.account_id][mapping.region].queues.get(name)


def _parallel(mapping: EventSourceMapping) -> int:
    return int((mapping.scaling_config or {}).get("MaximumConcurrency", PARALLEL))
