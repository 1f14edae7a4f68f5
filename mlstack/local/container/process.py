"""A container as a process: started, asked whether it is well, asked for an answer, ended."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock, Thread

from mlstack.local.container.image import Image

HERE = Path(__file__).parent
PATH = "/usr/local/bin:/usr/bin:/bin"
PING_S = 2.0
"""How long one answer to /ping may take, as on AWS."""
PIECE = 1 << 16
LAST = 300
"""How much of a container's last line is told of one that ended."""
Tell = Callable[[list[str]], None]
"""Told every line that the container prints."""


class UnhealthyError(Exception):
    """A container that ended, or that did not become well in time."""


class UnreachableError(Exception):
    """A container that gave no answer: it ended, or it took too long."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a container answered."""

    status: int
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How a container is started."""

    image: Image
    arguments: tuple[str, ...] = ()
    """What stands after the image in `docker run`."""
    environment: Mapping[str, str]
    """Goes before the image's own."""
    port_variable: str
    folder: Path
    """For what it writes at home and for its scratch files."""


class Container:
    """One process of an image; its port is its own and on loopback alone."""

    def __init__(self, launch: Launch, tell: Tell) -> None:
        self._tell = tell
        self._last = ""
        self._closing = Lock()
        self.port = _free_port()
        self.folder = launch.folder
        launch.folder.mkdir(parents=True, exist_ok=True)
        held, self._alive = os.pipe()
        root, workdir = launch.image.root, launch.image.workdir
        command = [_on_this_machine(word, root) for word in (*launch.image.entrypoint[1:], *launch.arguments)]
        environment = {
            "PATH": PATH,
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            **launch.image.environment,
            "PYTHONPATH": os.pathsep.join(_import_folders(launch.image)),
            **launch.environment,
            "HOME": str(launch.folder),
            "TMPDIR": str(launch.folder),
            launch.port_variable: str(self.port),
        }
        place = root / workdir.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        try:
            self._process = subprocess.Popen(
                [sys.executable, str(HERE / "bootstrap.py"), str(held), *command],
                env=environment,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(held,),
                start_new_session=True,
            )
        finally:
            os.close(held)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def become_well(self, limit_s: float) -> None:
        """Wait for /ping to answer with 200; raise UnhealthyError where it does not."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            code = self._process.poll()
            if code is not None:
                self._listener.join(timeout=2)  # what it said last may still be on its way
                message = f"the container ended with {_how(code)}{f': {self._last}' if self._last else ''}"
                raise UnhealthyError(message)
            with contextlib.suppress(UnreachableError):
                if self._ask("GET", "/ping", b"", {}, PING_S).status == http.HTTPStatus.OK:
                    return
            time.sleep(0.03)
        message = f"the container did not answer /ping with 200 within {limit_s:g} s"
        raise UnhealthyError(message)

    def post(self, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """The answer to one request; UnreachableError where there is none."""
        return self._ask("POST", path, body, headers, timeout_s)

    def stop(self, grace_s: float) -> None:
        """Ask the container to end, wait, then end it; what it printed last is told before this returns."""
        with self._closing:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=grace_s)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self._process.wait()
            self._signal(signal.SIGKILL)  # whatever it started
            if self._alive != -1:
                os.close(self._alive)
                self._alive = -1
        self._listener.join(timeout=5)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise UnreachableError(str(error)) from error
        finally:
            connection.close()

    def _listen(self) -> None:
        """Tell what is printed, line by line, until nothing can come any more."""
        pipe = self._process.stdout
        if pipe is None:
            return
        rest = b""
        while piece := os.read(pipe.fileno(), PIECE):
            *lines, rest = (rest + piece).split(b"\n")
            if lines:
                self._heard(lines)
        if rest:
            self._heard([rest])
        pipe.close()

    def _heard(self, lines: list[bytes]) -> None:
        said = [line.decode(errors="replace") for line in lines]
        self._last = next((" ".join(line.split())[:LAST] for line in reversed(said) if line.strip()), self._last)
        self._tell(said)


def _import_folders(image: Image) -> list[str]:
    """The image's own code first, then what its PYTHONPATH names."""
    named = [path for path in image.environment.get("PYTHONPATH", "").split(":") if path]
    return [str(image.root / path.lstrip("/")) for path in (image.workdir, *named)]


def _on_this_machine(word: str, root: Path) -> str:
    """A word of the entry point; a path of the image becomes the one that it has here."""
    path = PurePosixPath(word)
    there = root / word.lstrip("/")
    return str(there) if path.is_absolute() and ".." not in path.parts and there.exists() else word


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _how(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
