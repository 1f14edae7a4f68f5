"""The state file: how every command finds the one local AWS of a folder, and notices when it is gone."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAME = "local.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A server that listens."""

    pid: int
    port: int
    region: str
    account: str
    started: str


def now() -> str:
    """The present, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write(folder: Path, state: State) -> None:
    """Write the file in one piece, so that a reader never sees half of it."""
    fresh = folder / f".{NAME}.{state.pid}"
    fresh.write_text(json.dumps(asdict(state)))
    fresh.replace(folder / NAME)


def read(folder: Path) -> State | None:
    """The server of ``folder``; None where none was started or its process is gone."""
    try:
        said: dict[str, Any] = json.loads((folder / NAME).read_text())
        said |= {name: int(said[name]) for name in ("pid", "port")}
        state = State(**said)
    except (FileNotFoundError, KeyError, ValueError, TypeError):
        return None
    return state if state.pid > 1 and alive(state.pid) else None


def remove(folder: Path, state: State) -> None:
    """Remove the file, unless it is already another server's."""
    if read(folder) == state:
        (folder / NAME).unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Whether a process of ours has this number."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True
