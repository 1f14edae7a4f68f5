"""A workstation in a folder, and a server on the loopback interface: EC2's metadata, or a Jupyter without TLS."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.machines.workstation.booting import Box
from tests.machines.workstation.workstation import Workstation

TOKEN = "AQAE"  # noqa: S105 (of no service)


@dataclass
class Web:
    """What it answers, by path, and which requests it had."""

    port: int = 0
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tagged(self, text: str) -> None:
        """Let the instance have the tag that keeps it awake."""
        self.answers["/latest/meta-data/tags/instance/mlstack:keep-awake"] = (200, text)


def serve() -> Iterator[Web]:
    """Until the test is over."""
    told = Web()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            told.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, body = told.answers.get(self.path, (404, ""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_PUT = answer  # noqa: N815 (http.server's names)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        told.port = served.server_port
        yield told
        served.shutdown()


@pytest.fixture(scope="session")
def first_boot(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """A machine that has booted; what the boot said stands in its log."""
    made = Box(tmp_path_factory.mktemp("booted") / "box")
    booted = made.boot()
    assert (booted.returncode, booted.stderr, booted.stdout) == (
        0,
        "",
        (made.root / "var/log/mlstack-boot.log").read_text(),
    )
    made.keep()
    return made


@pytest.fixture
def booted(first_boot: Box) -> Box:
    """That machine, as its first boot left it."""
    return first_boot.restored()


@pytest.fixture
def metadata() -> Iterator[Web]:
    """EC2's, of an instance without tags."""
    for web in serve():
        web.answers["/latest/api/token"] = (200, TOKEN)
        yield web


@pytest.fixture
def lab() -> Iterator[Web]:
    """A Jupyter without TLS."""
    yield from serve()


@pytest.fixture
def workstation(tmp_path: Path, metadata: Web, monkeypatch: pytest.MonkeyPatch) -> Workstation:
    """Ten minutes after its boot; its own Python knows no boto3, so that its AWS command is the only way."""
    made = Workstation(tmp_path / "machine", metadata=metadata.address)
    blind = made.program("usr/bin/python3", "#!/bin/sh\necho No module named boto3 >&2\nexit 1\n")
    monkeypatch.setattr("sys.executable", str(blind))
    monkeypatch.setenv("PATH", str(made.programs))
    return made
