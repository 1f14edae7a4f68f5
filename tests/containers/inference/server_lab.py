"""The server as it runs in its container: a process of its own that may write no file, asked over HTTP."""

import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "containers" / "inference"
INTERPRETER = (sys.executable, "-W", "error")
# Not one byte into any file, as with a read-only root.
COMMAND = f"ulimit -f 0; exec {shlex.join(INTERPRETER)} -m inference serve"
PATIENCE_S = 30


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """The body, which is always a JSON object."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def code(self) -> str:
        """Why it was refused."""
        return str(self.document["error"]["code"])


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    _reader: threading.Thread | None = None

    def ask(
        self,
        body: bytes | Iterator[bytes] | None = None,
        kind: str | None = "image/png",
        *,
        path: str = "/invocations",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        """One request on a connection of its own."""
        sent = {**({"Content-Type": kind} if kind else {}), **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body=body, headers=sent)
            return received(connection)
        finally:
            connection.close()

    def ping(self) -> Said:
        """Ask for its health."""
        return self.ask(path="/ping", method="GET", kind=None)

    @contextmanager
    def begun(self, body: bytes, kind: str = "image/png") -> Iterator[socket.socket]:
        """A request that was let in and whose body is sent but for its last byte."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            described = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
            connection.sendall(f"POST /invocations HTTP/1.1\r\nHost: a\r\n{described}\r\n".encode())
            if not connection.recv(1000).startswith(b"HTTP/1.1 100"):  # it is read only once it is inside
                raise AssertionError
            connection.sendall(body[:-1])
            yield connection

    def stop(self) -> int:
        """Send SIGTERM and give the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """The exit code."""
        code = self.process.wait(timeout=PATIENCE_S)
        if self._reader:
            self._reader.join()
        return code

    def listen(self) -> None:
        """Read its log until it is ready, and on in a thread."""
        output = self.process.stdout
        if output is None:
            raise AssertionError
        first = output.readline()
        if not first:
            raise AssertionError(self.process.communicate()[1])
        self.port = json.loads(first)["port"]
        self._reader = threading.Thread(target=lambda: self.log.extend(map(json.loads, output)))
        self._reader.start()

    @property
    def peak_mib(self) -> float:
        """The most memory that it had at a time."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def received(connection: http.client.HTTPConnection) -> Said:
    """The answer that a connection waits for."""
    response = connection.getresponse()
    return Said(
        response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    )


def answered(connection: socket.socket) -> Said:
    """The answer on a bare connection."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Said(
        response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
    )


def environment(model: Path, **more: str) -> dict[str, str]:
    """What the server is told, and nothing of the person's environment that runs the tests."""
    inherited = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **inherited,
        "PYTHONPATH": str(SOURCE),
        "SM_MODEL_DIR": str(model),
        "SAGEMAKER_BIND_TO_PORT": "0",
        "INFERENCE_THREADS": "2",
        **more,
    }


def started(model: Path, **more: str) -> subprocess.Popen[str]:
    """The process, which may not get far."""
    return subprocess.Popen(
        ["/bin/sh", "-c", COMMAND],
        env=environment(model, **more),
        cwd=SOURCE,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@contextmanager
def serving(model: Path, **more: str) -> Iterator[Server]:
    """A server that is ready; it is killed at the end if it has not ended by itself."""
    with started(model, **more) as process:
        server = Server(process)
        try:
            server.listen()
            yield server
        finally:
            if process.poll() is None:
                process.kill()
            server.ended()
