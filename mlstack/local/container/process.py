"""A container as a process of this machine's Python: started, heard, waited for, ended."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock, Thread

from mlstack.local.container.bootstrap import kill, offspring
from mlstack.local.container.image import Image

HERE = Path(__file__).parent
PATH = "/usr/local/bin:/usr/bin:/bin"
PYTHON = re.compile(r"python(?:3(?:\.\d+)?)?")
PIECE = 1 << 16
LAST = 300
"""How much of a container's last line is told of one that ended."""
Tell = Callable[[list[str]], None]
"""Told every line that the container prints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How a container is started."""

    image: Image
    entrypoint: tuple[str, ...] = ()
    """Goes before the image's own."""
    arguments: tuple[str, ...] = ()
    """What stands after the image in `docker run`."""
    environment: Mapping[str, str]
    """Goes before the image's own."""
    python: str = sys.executable
    folder: Path
    """For what it writes at home and for its scratch files."""

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command; a list of arguments alone keeps the image's entry point, as Docker does."""
        return (*(self.entrypoint or self.image.entrypoint), *self.arguments)


class Process:
    """One process of an image, which leads a session of its own."""

    def __init__(self, launch: Launch, tell: Tell) -> None:
        self._tell = tell
        self.last = ""
        """The last line that it printed, shortened."""
        self._told = False
        self._closing = Lock()
        self.folder = launch.folder
        launch.folder.mkdir(parents=True, exist_ok=True)
        held, self._alive = os.pipe()
        root, workdir = launch.image.root, launch.image.workdir
        command = [_on_this_machine(word, root) for word in launch.words[1:]]
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
        }
        place = root / workdir.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        try:
            self._process = subprocess.Popen(
                [launch.python, str(HERE / "bootstrap.py"), str(held), *command],
                env=environment,
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(held,),
                start_new_session=True,
            )
        except BaseException:
            os.close(self._alive)
            raise
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

    @property
    def code(self) -> int | None:
        """How it ended, as Docker tells it: a signal is 128 and its number."""
        said = self._process.poll()
        return said if said is None or said >= 0 else 128 - said

    def terminate(self) -> None:
        """Ask it to end, once, as Docker does: the main process alone."""
        if not self._told:
            self._told = True
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def stop(self, grace_s: float) -> None:
        """Ask the container to end, wait, then end it; what it printed last is told before this returns."""
        with self._closing:
            family = offspring(self.pid) if self.alive else frozenset()
            self.terminate()
            try:
                self._process.wait(timeout=grace_s)
            except subprocess.TimeoutExpired:
                family |= offspring(self.pid)
                self._kill()
                self._process.wait()
            self._kill()  # whatever it started
            kill(family)  # and what of that has a session of its own
            if self._alive != -1:
                os.close(self._alive)
                self._alive = -1
        self._listener.join(timeout=5)

    def heard_all(self) -> None:
        """Wait until what an ended container said last has been told."""
        self._listener.join(timeout=2)

    def how(self) -> str:
        """How it ended, in words."""
        code = self._process.poll() or 0
        return f"exit status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

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
        self.last = next((" ".join(line.split())[:LAST] for line in reversed(said) if line.strip()), self.last)
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
