"""What one look at the instance finds: plain values, so that the decision is a function of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kernel:
    """A Jupyter kernel: whether it runs something, and when it last said anything; None where that cannot be read."""

    is_busy: bool
    last_activity: float | None


@dataclass(frozen=True)
class Process:
    """A process of a person: the CPU seconds that it and its ended children took, and whether a terminal shows it."""

    name: str
    cpu_s: float
    on_terminal: bool
    terminal: str = ""
    """The device's name among /dev/pts, where it is known."""


@dataclass(frozen=True)
class Gpu:
    """How busy one GPU is, in percent, and its memory in use, in MiB."""

    percent: float
    memory_mib: float


@dataclass(frozen=True)
class Observation:
    """One look. What could not be read is empty here and has its line among the errors.

    Dates are seconds since 1970, by a clock that may jump.
    """

    clock: float
    """The present, by that clock."""
    kernels: Mapping[str, Kernel] = field(default_factory=dict)
    """By id."""
    terminals: Mapping[str, float | None] = field(default_factory=dict)
    """When a terminal last showed anything, by its name."""
    keystrokes: Mapping[str, float] = field(default_factory=dict)
    """When a terminal's program last read what was typed, by the device's name."""
    processes: Mapping[str, Process] | None = None
    """By process id and start time, which together are never used again. None where they could not be read."""
    gpus: Sequence[Gpu] = ()
    files: str = ""
    """A fingerprint of the notebooks and sources that people edit."""
    errors: Sequence[str] = ()
