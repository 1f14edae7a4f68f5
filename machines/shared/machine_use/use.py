"""The signs that somebody, or something that somebody started, uses the instance.

What is merely open is no sign: an idle kernel, a terminal, a browser's tab, memory of a GPU. Nor is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from machine_use.memory import Memory
from machine_use.observation import Observation

FREE_SHARE = 0.01
"""Of a core: what a process may take while it does nothing, such as an idle kernel or a file watcher."""
BUSY_SHARE = 0.05
"""Of a core: what all processes take beyond that where one of them works."""
BUSY_PERCENT = 5.0
"""Of a GPU's time."""
MEMORY_MIB = 256.0
"""A GPU's memory that changes by so much is worked with, even if the GPU rests at the moment."""
SKEW_S = 60.0
"""A date so little ahead of the clock is taken for now."""
SHELLS = frozenset(
    ("SCREEN", "bash", "dash", "fish", "login", "screen", "sh", "su", "sudo", "tmux: client", "tmux: server", "zsh")
)
WATCHERS = frozenset(
    (
        *("btop", "dmesg", "glances", "gpustat", "htop", "iostat", "iotop", "journalctl", "less", "man", "more"),
        *("nvidia-smi", "nvitop", "nvtop", "sleep", "tail", "top", "vmstat", "watch"),
    )
)
"""Programs that show what others do: left open, they go on for ever. (A process's name has 15 letters at most.)"""


def signs(before: Memory, seen: Observation, now: float) -> Iterator[tuple[float, str]]:
    """When, in seconds since boot, and what."""
    if any(kernel.is_busy for kernel in seen.kernels.values()):
        yield now, "a kernel is busy"
    look = Look(before, seen, now)
    for key, kernel in seen.kernels.items():
        yield from look.dated(before.kernels.get(key), kernel.last_activity, "a kernel was used")
    if any(each.on_terminal and each.name not in SHELLS | WATCHERS for each in (seen.processes or {}).values()):
        for name, moment in seen.terminals.items():
            yield from look.dated(before.terminals.get(name), moment, "a program writes to a terminal")
    for device, moment in seen.keystrokes.items():
        yield from look.dated(before.keystrokes.get(device), moment, "something was typed in a terminal")
    share, name = look.work()
    if share >= BUSY_SHARE:
        yield now, f"process {name} works"
    if any(gpu.percent >= BUSY_PERCENT for gpu in seen.gpus):
        yield now, "a GPU is busy"
    pairs = zip(before.gpu_memory_mib, seen.gpus)
    if any(abs(gpu.memory_mib - memory_mib) >= MEMORY_MIB for memory_mib, gpu in pairs):
        yield now, "the memory of a GPU changes"
    if before.files and seen.files and before.files != seen.files:
        yield now, "a notebook or a source file was saved"


@dataclass(frozen=True)
class Look:
    """What is compared with what."""

    before: Memory
    seen: Observation
    now: float

    def dated(self, known: float | None, moment: float | None, what: str) -> Iterator[tuple[float, str]]:
        """Use by a date that is new; one ahead of the clock is believed only if it changed: then the clock was set."""
        if moment is None or moment == known:
            return
        age = self.seen.clock - moment
        if age >= -SKEW_S or known is not None:
            yield self.now - age, what

    def work(self) -> tuple[float, str]:
        """What processes do since the last look, in cores, beyond what idle ones take; and who does most of it."""
        known, span = self.before.cpu_s, self.now - self.before.looked
        if known is None or span <= 0:
            return 0, ""
        shares = [
            ((each.cpu_s - known.get(key, 0.0)) / span - FREE_SHARE, each.name)
            for key, each in (self.seen.processes or {}).items()
            if each.name not in WATCHERS
        ]
        return sum(share for share, _ in shares if share > 0), max(shares, default=(0, ""))[1]
