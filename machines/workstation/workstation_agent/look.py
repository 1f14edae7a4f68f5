"""One look at the workstation: every signal by itself, so that one that fails hides no other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from machine_use import files, gpus, processes, terminals
from machine_use.observation import Process
from workstation_agent import jupyter_servers, keep_awake, network, storage
from workstation_agent.observation import Observation
from workstation_agent.settings import Settings
from workstation_agent.within import within

ALL_S = 45.0
"""How long a look may take; a signal that hangs leaves little to those after it, which then are no sign of use."""
Found = TypeVar("Found")
Nothing = TypeVar("Nothing")


def look(settings: Settings) -> Observation:
    """Read everything; what fails is empty, which is no sign of use, and its reason stands among the errors."""
    errors: list[str] = []
    end = time.monotonic() + ALL_S

    def read(signal: str, reader: Callable[[], Found], nothing: Nothing) -> Found | Nothing:
        try:
            return within(end - time.monotonic(), reader)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other signals count)
            errors.append(f"{signal}: {type(error).__name__}: {error}")
            return nothing

    root, proc = settings.root, settings.root / "proc"
    people: dict[str, Process] | None = read("processes", lambda: processes.processes(proc), None)
    servers = read("Jupyter", lambda: jupyter_servers.servers(root), [])
    kernels, silent = read("kernels", lambda: jupyter_servers.kernels(servers), ({}, []))
    errors.extend(f"kernels: {line}" for line in silent)
    errors.extend(f"kernel {key}: no date" for key, kernel in kernels.items() if kernel.last_activity is None)
    return Observation(
        clock=time.time(),
        kernels=kernels,
        keystrokes=read("keystrokes", lambda: terminals.keystrokes(root), {}),
        output=read("output", lambda: _output(root), {}),
        processes=people,
        gpus=read("GPUs", lambda: gpus.gpus(Path(shutil.which("nvidia-smi") or root / "usr/bin/nvidia-smi")), []),
        files=read("files", lambda: _files(root), ""),
        storage_bytes=None if people is None else read("storage", lambda: storage.moved(proc, people), None),
        network_bytes=read("network", lambda: network.moved(proc), None),
        kept_until=read("keep-awake", lambda: keep_awake.filed(root), None),
        tagged_until=read("tag", lambda: _tagged(settings), None),
        errors=errors,
    )


def _tagged(settings: Settings) -> float:
    date = keep_awake.tagged(settings.metadata)
    return keep_awake.bounded(date, settings.root, time.time(), settings.keep_awake_s)


def _output(root: Path) -> dict[str, float]:
    return {device.name: device.stat().st_mtime for device in terminals.devices(root)}


def _files(root: Path) -> str:
    """Of all homes together: where one cannot be read, none is compared."""
    homes = (home for pattern in jupyter_servers.HOMES for home in sorted(root.glob(pattern)) if home.is_dir())
    return " ".join(files.fingerprint(home) for home in homes)
