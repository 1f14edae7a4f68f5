"""What the worker is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from worker.place import Place, PlaceError

MIB = 1024**2
GIB = 1024**3


class SettingsError(Exception):
    """The environment asks for what cannot be; the message names the variable, in one line."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The whole numbers that a variable may hold."""

    least: int
    most: int


BOUNDS: Mapping[str, Bounds] = {
    "CONCURRENCY": Bounds(1, 64),
    "DRAIN_SECONDS": Bounds(0, 115),
    "MAX_BYTES": Bounds(1024, 100 * MIB),
    "MAX_MODEL_BYTES": Bounds(1024, 200 * GIB),
    "POLL_SECONDS": Bounds(1, 20),
    "REQUEST_SECONDS": Bounds(1, 3600),
    "SERVER_PORT": Bounds(1, 65_535),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Which model, and where it is to lie."""

    source: Place
    folder: Path
    max_bytes: int
    """Of all files together; unpacked."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read and check the variables; raise SettingsError."""
        source = _place(environment, "MODEL_URI")
        if not source.key or source.key.endswith("/"):
            message = "MODEL_URI: it names a folder; give the object itself, s3://bucket/.../model.tar.gz"
            raise SettingsError(message)
        return cls(
            source=source,
            folder=Path(environment.get("MODEL_DIR", "").strip() or "/model"),
            max_bytes=_number(environment, "MAX_MODEL_BYTES", 10 * GIB),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSettings:
    """Which queue, which server, and where requests, answers and failures lie."""

    queue_url: str
    port: int
    """The server's, on this task's own loopback."""
    requests: Place
    answers: Place
    failures: Place
    concurrency: int
    """Messages in hand at a time."""
    max_bytes: int
    """Of a request. As much as the inference server takes by default: more would only be refused by it."""
    request_seconds: int
    """How long the server may take for one answer."""
    poll_seconds: int
    """How long one look into the queue waits for a message; SIGTERM is heard after it."""
    drain_seconds: int
    """How long what is in hand is waited for after that; both together are less than the container's stopTimeout."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read and check the variables; raise SettingsError."""
        url = environment.get("QUEUE_URL", "").strip()
        if not url.startswith(("https://", "http://")):
            message = f"QUEUE_URL: the URL of an SQS queue is needed, not {url!r:.80}"
            raise SettingsError(message)
        requests, answers, failures = (_folder(environment, name) for name in ("REQUESTS", "ANSWERS", "FAILURES"))
        if any(place.within(requests) for place in (answers, failures)):
            message = "ANSWERS, FAILURES: they lie within REQUESTS, so that every answer would become a request"
            raise SettingsError(message)
        return cls(
            queue_url=url,
            port=_number(environment, "SERVER_PORT", 8080),
            requests=requests,
            answers=answers,
            failures=failures,
            concurrency=_number(environment, "CONCURRENCY", 2),
            max_bytes=_number(environment, "MAX_BYTES", 6 * MIB),
            request_seconds=_number(environment, "REQUEST_SECONDS", 300),
            poll_seconds=_number(environment, "POLL_SECONDS", 5),
            drain_seconds=_number(environment, "DRAIN_SECONDS", 50),
        )


def _place(environment: Mapping[str, str], name: str) -> Place:
    try:
        return Place.read(environment.get(name, "").strip())
    except PlaceError as error:
        message = f"{name}: {error}"
        raise SettingsError(message) from error


def _folder(environment: Mapping[str, str], name: str) -> Place:
    place = _place(environment, name)
    if not place.key.endswith("/"):
        message = f"{name}: a prefix that ends in / is needed, such as s3://bucket/classifier/{name.lower()}/"
        raise SettingsError(message)
    return place


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text, bounds = environment.get(name, "").strip(), BOUNDS[name]
    if not text:
        return default
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else -1  # noqa: PLR2004  # far beyond all
    if not bounds.least <= number <= bounds.most:
        message = f"{name}: a whole number from {bounds.least} to {bounds.most} is needed, not {text!r:.40}"
        raise SettingsError(message)
    return number
