"""One look at the instance: every signal by itself, so that one that fails hides no other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from machine_use import files, gpus, jupyter, processes, terminals
from machine_use.observation import Kernel, Observation
from notebook_agent.settings import Settings

Found = TypeVar("Found")
Nothing = TypeVar("Nothing")


def look(settings: Settings) -> Observation:
    """Read everything; what fails is empty, which is no sign of use, and its reason stands among the errors."""
    errors: list[str] = []

    def read(signal: str, reader: Callable[[], Found], nothing: Nothing) -> Found | Nothing:
        try:
            return reader()
        except Exception as error:  # noqa: BLE001 (whatever it is, the other signals count)
            errors.append(f"{signal}: {type(error).__name__}: {error}")
            return nothing

    root, address = settings.root, settings.jupyter
    found: dict[str, Kernel] = read("sessions", lambda: jupyter.kernels_of_sessions(address), {})
    found = {**found, **read("kernels", lambda: jupyter.kernels(address), {})}
    errors.extend(f"kernel {key}: no date" for key, kernel in found.items() if kernel.last_activity is None)
    return Observation(
        clock=time.time(),
        kernels=found,
        terminals=read("terminals", lambda: jupyter.terminals(address), {}),
        keystrokes=read("keystrokes", lambda: terminals.keystrokes(root), {}),
        processes=read("processes", lambda: processes.processes(root / "proc"), None),
        gpus=read("GPUs", lambda: gpus.gpus(root / "usr/bin/nvidia-smi"), []),
        files=read("files", lambda: files.fingerprint(root / "home/ec2-user/SageMaker"), ""),
        errors=errors,
    )
