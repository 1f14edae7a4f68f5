"""A container's health check, really run: the image's Python on this machine, with the container's variables."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

from mlstack.local.container.process import PATH, PYTHON, Launch

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"
NONE = "NONE"
WRAPPER = '#!/bin/sh\nexec "{python}" "$@"\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """What a definition says of a container's health."""

    command: tuple[str, ...]
    interval_s: float
    timeout_s: float
    retries: int
    grace_s: float
    """How long after its start a container may be unwell."""

    @classmethod
    def of(cls, container: Mapping[str, Any], most_s: float) -> Self | None:
        """The check of a container, asked for every ``most_s`` at least; nothing where it has none."""
        said = container.get("healthCheck")
        if not said or said["command"][0] == NONE:
            return None
        kind, *words = said["command"]
        return cls(
            command=("/bin/sh", "-c", " ".join(words)) if kind == "CMD-SHELL" else tuple(words),
            interval_s=min(float(said.get("interval", 30)), most_s),
            timeout_s=float(said.get("timeout", 5)),
            retries=int(said.get("retries", 3)),
            grace_s=float(said.get("startPeriod", 0)),
        )


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the checks have come to."""

    status: str = UNKNOWN
    failures: int = 0

    def after(self, check: Check, *, well: bool, age_s: float) -> "Pulse":
        """After one more check of a container that started ``age_s`` ago; failures do not count before its grace."""
        if well:
            return Pulse(HEALTHY)
        if self.status == UNKNOWN and age_s < check.grace_s:
            return self
        failures = self.failures + 1
        return Pulse(UNHEALTHY if failures >= check.retries else self.status, failures)


class Health:
    """The checks of one container while it runs."""

    def __init__(self, check: Check, launch: Launch) -> None:
        self._check = check
        self._launch = launch
        self._pulse = Pulse()
        self._ended = Event()
        self._asking: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._watch, name="health", daemon=True)

    @property
    def status(self) -> str:
        """How it is."""
        return self._pulse.status

    def begin(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def end(self) -> None:
        """Ask no more, and wait for no answer."""
        self._ended.set()
        if self._asking is not None:
            _kill(self._asking)

    def _watch(self) -> None:
        began = time.monotonic()
        environment = _environment(self._launch)
        while not self._ended.is_set():
            well = self._well(environment)
            if not self._ended.is_set():
                self._pulse = self._pulse.after(self._check, well=well, age_s=time.monotonic() - began)
            # A new container is asked more often: nobody wants to wait for the first answer.
            self._ended.wait(
                min(0.2, self._check.interval_s) if self._pulse.status == UNKNOWN else self._check.interval_s
            )

    def _well(self, environment: Mapping[str, str]) -> bool:
        image = self._launch.image
        try:
            asked = subprocess.Popen(
                _on_this_machine(self._check.command, self._launch.python),
                env=environment,
                cwd=image.root / image.workdir.lstrip("/"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:  # no such program
            return False
        self._asking = asked
        if self._ended.is_set():  # meanwhile
            _kill(asked)
        try:
            return asked.wait(timeout=self._check.timeout_s) == 0
        except subprocess.TimeoutExpired:
            _kill(asked)
            asked.wait()
            return False
        finally:
            self._asking = None


def _kill(asked: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(asked.pid, signal.SIGKILL)


def _on_this_machine(words: Sequence[str], python: str) -> list[str]:
    program, *rest = words
    return [python if PYTHON.fullmatch(Path(program).name) else program, *rest]


def _environment(launch: Launch) -> dict[str, str]:
    """The container's variables, and a python for a shell's words that is the image's."""
    programs = launch.folder / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3"):
        (programs / name).write_text(WRAPPER.format(python=launch.python))
        (programs / name).chmod(0o755)
    named = {**launch.image.environment, **launch.environment}
    return {
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **named,
        "HOME": str(launch.folder),
        "PATH": f"{programs}{os.pathsep}{PATH}",
    }
