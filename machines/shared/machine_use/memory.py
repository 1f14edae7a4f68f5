"""What is remembered from one tick to the next: in RAM, so that neither a full disk nor a reboot confuses it."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from machine_use.observation import Observation


@dataclass(frozen=True)
class Memory:
    """The last look, and the last use of the instance. Its times are seconds since boot, which never jump."""

    boot: str
    """The boot's own id: what was remembered of another boot says nothing."""
    started: float
    """When the agent was installed, by which the instance's start counts."""
    looked: float
    used: float
    use: str
    """What the last use was."""
    warned_s: float = math.inf
    """The shortest time left of which people were warned."""
    kernels: Mapping[str, float | None] = field(default_factory=dict)
    terminals: Mapping[str, float | None] = field(default_factory=dict)
    keystrokes: Mapping[str, float | None] = field(default_factory=dict)
    """The dates of all three as they were last seen."""
    cpu_s: Mapping[str, float] | None = None
    gpu_memory_mib: Sequence[float] = ()
    files: str = ""
    """These three are compared with the next look, and forgotten where they could not be read in this one."""


Kind = TypeVar("Kind", bound=Memory)


def at_start(boot: str, started: float, now: float) -> Memory:
    """Where nothing is remembered: as if the last use had been the start."""
    return Memory(boot=boot, started=started, looked=now, used=started, use="start")


def after(before: Kind, seen: Observation, now: float) -> Kind:
    """What was seen, put over the dates that are remembered."""
    return dataclasses.replace(
        before,
        looked=now,
        kernels={**before.kernels, **{key: each.last_activity for key, each in seen.kernels.items()}},
        terminals={**before.terminals, **seen.terminals},
        keystrokes={**before.keystrokes, **seen.keystrokes},
        cpu_s=None if seen.processes is None else {key: each.cpu_s for key, each in seen.processes.items()},
        gpu_memory_mib=[gpu.memory_mib for gpu in seen.gpus],
        files=seen.files,
    )


def load(path: Path, boot: str, now: float, kind: type[Kind]) -> Kind | None:
    """What the last tick remembered of this boot; None where there is nothing that can be believed."""
    try:
        told = kind(**json.loads(path.read_text(encoding="utf-8")))
        dates = [*told.kernels.values(), *told.terminals.values(), *told.keystrokes.values()]
        numbers = [*(told.cpu_s or {}).values(), *told.gpu_memory_mib, *(date for date in dates if date is not None)]
        is_whole = math.isfinite(sum(numbers)) and told.warned_s > 0 and isinstance(told.use + told.files, str)
        in_order = 0 <= told.started <= told.used <= told.looked <= now
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return told if told.boot == boot and is_whole and in_order else None


def save(path: Path, memory: Memory) -> None:
    """Write it whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(dataclasses.asdict(memory)), encoding="utf-8")
    new.replace(path)
