"""S3 and SQS in memory as far as the worker asks them, and an inference server of a few lines."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from tests.containers.worker.worker_lab import ANSWERS, BUCKET, FAILURES, REQUESTS
from tests.functions.shared.cloud import Cloud
from worker import clients
from worker.errand import Errand, Message
from worker.server import Server
from worker.settings import QueueSettings
from worker.shift import Shift

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
ENVIRONMENT: Mapping[str, str] = {
    "AWS_REGION": "us-east-1",
    "QUEUE_URL": URL,
    "REQUESTS": f"s3://{BUCKET}/{REQUESTS}",
    "ANSWERS": f"s3://{BUCKET}/{ANSWERS}",
    "FAILURES": f"s3://{BUCKET}/{FAILURES}",
}
FINE = b'{"predictions": [{"label": "compost", "score": 0.9}]}'


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer of the server."""

    status: int = 200
    body: bytes = FINE
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: Callable[[], None] = field(default=lambda: None)
    """What it waits for first."""


@dataclass(frozen=True)
class Heard:
    """One request as the server had it."""

    body: bytes
    content_type: str | None


@dataclass
class Replies:
    """The server: what it says next, and what it has heard."""

    port: int = 0
    next: list[Said] = field(default_factory=list)
    always: Said = field(default_factory=Said)
    """Once there is no next one."""
    well: bool = True
    heard: list[Heard] = field(default_factory=list)
    pings: int = 0

    @classmethod
    @contextmanager
    def serving(cls) -> "Iterator[Replies]":
        """Serve on a free port of this machine."""
        replies = cls()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(replies))
        replies.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield replies
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(replies: Replies) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            replies.pings += 1
            self._say(Said(status=200 if replies.well and self.path == "/ping" else 503))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            replies.heard.append(Heard(content, self.headers["Content-Type"]))
            said = replies.next.pop(0) if replies.next else replies.always
            said.hold()
            self._say(said)

        def _say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@dataclass
class Desk:
    """All that a worker meets."""

    replies: Replies
    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """The bucket: content and type by key; a version's key is KEY?VERSION."""
    kinds: dict[str, str] = field(default_factory=dict)
    """What was put as which type."""
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """The queue."""
    deleted: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    lost: int = 0
    """Bytes that are missing at the end of every object that is read."""
    cloud: Cloud = field(init=False)

    def settings(self, **told: str) -> QueueSettings:
        """What the worker is told."""
        return QueueSettings.read({**ENVIRONMENT, "SERVER_PORT": str(self.replies.port), **told})

    def errand(self, **told: str) -> Errand:
        """What runs one message."""
        settings = self.settings(**told)
        return Errand(s3=clients.s3(ENVIRONMENT, 2), server=self.server(), settings=settings, pause=self.pause)

    def shift(self, **told: str) -> Shift:
        """A worker's shift."""
        return Shift(
            sqs=clients.sqs(ENVIRONMENT, 4),
            settings=self.settings(**told),
            server=self.server(),
            run_errand=self.errand(**told).run,
            stop=self.stop,
        )

    def server(self) -> Server:
        """The way to the server."""
        return Server(self.replies.port, 30)

    def pause(self, seconds: float) -> bool:
        """Take no time."""
        self.pauses.append(seconds)
        return self.stop.is_set()

    def put(self, name: str, content: bytes = b"picture", kind: str = "image/jpeg", version: str = "") -> None:
        """Somebody puts a request."""
        self.objects[f"{REQUESTS}{name}{version and f'?{version}'}"] = (content, kind)

    def written(self, key: str) -> Any:  # noqa: ANN401  # a JSON document
        """A document in the bucket."""
        return json.loads(self.objects[key][0])

    def answer(self, _client: BaseClient, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """AWS."""
        found: Mapping[str, Any] = getattr(self, f"_{operation}")(asked)
        return found

    def _GetObject(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802  # AWS's word
        version = asked.get("VersionId")
        key = f"{asked['Key']}?{version}" if version else asked["Key"]
        if key not in self.objects:
            code = "NoSuchVersion" if version else "NoSuchKey"
            raise ClientError({"Error": {"Code": code, "Message": asked["Key"]}}, "GetObject")
        content, kind = self.objects[key]
        body = StreamingBody(io.BytesIO(content[: len(content) - self.lost]), len(content))
        return {"Body": body, "ContentLength": len(content), "ContentType": kind}

    def _PutObject(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self.objects[asked["Key"]] = (asked["Body"], asked["ContentType"])
        return {}

    def _ReceiveMessage(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        most = asked["MaxNumberOfMessages"]
        given, self.waiting = self.waiting[:most], self.waiting[most:]
        if not given:
            self.stop.wait(0.01)
        return {"Messages": given} if given else {}

    def _DeleteMessage(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self.deleted.append(asked["ReceiptHandle"])
        return {}

    def send(self, body: str, receives: int = 1) -> str:
        """Put a message into the queue; its receipt."""
        receipt = f"receipt-{len(self.waiting)}"
        message = {
            "MessageId": f"message-{len(self.waiting)}",
            "ReceiptHandle": receipt,
            "Body": body,
            "Attributes": {"ApproximateReceiveCount": str(receives)},
        }
        self.waiting.append(message)
        return receipt


def message(body: str, receives: int = 1) -> Message:
    """A message in hand."""
    return Message(number="message", receipt="receipt", body=body, receives=receives)


def files(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
