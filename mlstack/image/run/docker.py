"""Docker on this machine: whether it is there, what it can do, and commands of it."""

import json
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.local.child import ended_with_us
from mlstack.text import printable

PROGRAM = "docker"
INSTALL = "https://docs.docker.com/get-started/get-docker/"
WITHOUT = "--print shows the commands without it, and `mlstack image build` builds in the account"
PERMISSION = "permission denied"
ANSWER_S = 20.0
LONGEST = 200
CDI_GPU = "nvidia.com/gpu="
TOOLKIT = (
    "--gpu needs the package nvidia-container-toolkit on this machine, and Docker does not know it: install it, then "
    "run `sudo nvidia-ctk runtime configure --runtime=docker` and restart Docker "
    "(https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html), or say --no-gpu"
)
FIRST, SECOND = 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command line, in the parts that belong together."""

    parts: tuple[tuple[str, ...], ...]
    fed_by: tuple[str, ...] = ()
    """What a person pipes into it."""
    fed: str | None = field(default=None, repr=False)
    """What it is really given on its standard input; never shown."""
    container: str = ""
    """The name of what it runs, where it runs something."""

    @property
    def words(self) -> list[str]:
        """All of it."""
        return [word for part in self.parts for word in part]

    @property
    def line(self) -> str:
        """As a person types it into a shell."""
        before = f"{shlex.join(self.fed_by)} | " if self.fed_by else ""
        return before + " \\\n    ".join(shlex.join(part) for part in self.parts)


def command(*parts: tuple[str, ...]) -> Command:
    """A command of Docker."""
    (first, *rest) = parts
    return Command(parts=((PROGRAM, *first), *rest))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    interrupted: bool = False
    """Whether a person asked for it."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """How Docker gives GPUs to a container: by the toolkit's runtime, or as devices that it has described."""

    runtime: bool
    devices: bool

    @property
    def is_there(self) -> bool:
        """Whether it does at all."""
        return self.runtime or self.devices

    @property
    def options(self) -> tuple[str, str]:
        """What `docker run` is told."""
        return ("--device", f"{CDI_GPU}all") if self.devices and not self.runtime else ("--gpus", "all")


USUAL_GPU = Gpu(runtime=True, devices=False)
"""What is printed where nobody is asked."""


def ask() -> Gpu:
    """Ask Docker what it can do; raise UserError where it is not there, or its daemon does not answer."""
    if shutil.which(PROGRAM) is None:
        message = f"Docker is not installed on this machine; see {INSTALL}. {WITHOUT}"
        raise UserError(message)
    try:
        said = subprocess.run(
            [PROGRAM, "info", "--format", "{{json .}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        reason = f"nothing within {ANSWER_S:.0f} s"
        raise _silent(reason) from error
    except OSError as error:
        message = f"Docker cannot be run: {error.strerror}; see {INSTALL}"
        raise UserError(message) from error
    told = _object(said.stdout)
    errors = told.get("ServerErrors")
    if said.returncode or errors:
        words = str(errors[0]) if isinstance(errors, list) and errors else said.stderr.decode(errors="replace")
        raise _silent(words)
    return gpu_of(told)


def gpu_of(told: Mapping[str, Any]) -> Gpu:
    """Whether a daemon knows NVIDIA's toolkit, by what `docker info` tells."""
    runtimes, devices = told.get("Runtimes"), told.get("DiscoveredDevices")
    named = [
        str(one.get("ID") or one.get("Name") or "")
        for one in (devices if isinstance(devices, list) else ())
        if isinstance(one, dict)
    ]
    return Gpu(
        runtime=isinstance(runtimes, dict) and "nvidia" in runtimes,
        devices=any(name.startswith(CDI_GPU) for name in named),
    )


def perform(asked: Command) -> Ended:
    """Run a command in front of a person; Ctrl-C ends it as ECS would, a second one kills what runs.

    Raises:
        UserError: where the program cannot be run.
    """
    err.print(f"$ {printable(shlex.join(asked.words))}", markup=False)
    try:
        process = subprocess.Popen(
            asked.words,
            stdin=subprocess.DEVNULL if asked.fed is None else subprocess.PIPE,
            stdout=None if asked.fed is None else subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # a Ctrl-C is for us alone: Docker would pass it on as SIGINT
        )
    except (OSError, ValueError) as error:  # no such program, or a word that no program can be given
        message = f"{asked.words[0]} cannot be run: {getattr(error, 'strerror', None) or error}"
        raise UserError(message) from error
    with process, ended_with_us(process), _heeded(process, asked) as interrupts:
        if asked.fed is not None and process.stdin:
            with suppress(BrokenPipeError), process.stdin as given:
                given.write(asked.fed)
        return Ended(process.wait(), interrupted=interrupts.number > 0)


class _Interrupts:
    """What each Ctrl-C does to a command that runs."""

    def __init__(self, process: subprocess.Popen[str], container: str) -> None:
        self._process = process
        self._container = container
        self.number = 0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.number += 1
        if self.number == FIRST:
            self._process.terminate()
            err.print("stopping; Ctrl-C again kills it", markup=False)
        elif self.number == SECOND and self._container:
            with suppress(OSError, subprocess.TimeoutExpired):
                words = [PROGRAM, "kill", self._container]
                subprocess.run(words, capture_output=True, timeout=ANSWER_S, check=False, start_new_session=True)
        else:
            self._process.kill()


@contextmanager
def _heeded(process: subprocess.Popen[str], asked: Command) -> Iterator[_Interrupts]:
    """Heed every Ctrl-C, so that none gets between a container and its end."""
    heard = _Interrupts(process, asked.container)
    here = current_thread() is main_thread()
    before = signal.signal(signal.SIGINT, heard) if here else None
    try:
        yield heard
    finally:
        if here:
            signal.signal(signal.SIGINT, before)


def _silent(reason: str) -> UserError:
    words = printable(" ".join(reason.split()))[:LONGEST].rstrip(".") or "it says nothing"
    step = (
        "join the group docker with `sudo usermod -aG docker $USER` and log in again"
        if PERMISSION in words.casefold()
        else "start it with `sudo systemctl start docker`, or start Docker Desktop"
    )
    return UserError(f"Docker is installed, but its daemon does not answer ({words}); {step}. {WITHOUT}")


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text or b"{}")
    except (RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
