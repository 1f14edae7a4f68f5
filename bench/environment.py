"""The function's environment on the bench: names of resources, and analyses without an end to their rate."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from image_analysis.settings import settings
from shared import clients

QUEUE, DEAD_LETTERS = (
    f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}" for name in ("images", "dead-letters")
)
OPTIONS = {
    "labels": {"min_confidence": 70.0, "max_labels": 25, "image_properties": False},
    "faces": {"attributes": "default"},
    "moderation": {"min_confidence": 50.0, "act_at": 80.0, "action": "tag"},
    "text": {"min_confidence": 80.0},
}
ROUTES: Mapping[str, Sequence[str]] = {"photos/": ["labels"], "four/": list(OPTIONS)}
CACHED = (settings, clients.rekognition, clients.s3, clients.sqs, clients.events, clients.table)


@contextmanager
def told(per_second: float, **more: str) -> Iterator[None]:
    """Set the function's environment, and make its clients anew."""
    analyses = {"routes": ROUTES, "options": OPTIONS, "per_second": dict.fromkeys(OPTIONS, per_second)}
    values = {
        "ANALYSES": json.dumps(analyses),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "DEAD_LETTER_QUEUE_URL": DEAD_LETTERS,
        "PACE_TABLE": "pace",
        "QUEUE_URL": QUEUE,
        "RESULTS_BUCKET": "results",
        "RESULTS_DAYS": "0",
        "STAGE": "bench",
        "TABLE_NAME": "results",
        **more,
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    _forget()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        _forget()


def _forget() -> None:
    for cached in CACHED:
        cached.cache_clear()
