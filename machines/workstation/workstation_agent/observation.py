"""What one look at a workstation finds, beyond what every machine shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from machine_use import observation


@dataclass(frozen=True)
class Observation(observation.Observation):
    """One look. Jupyter's terminals are among the devices, so that ``terminals`` stays empty here."""

    output: Mapping[str, float] = field(default_factory=dict)
    """When something was last written to a terminal, by the device's name."""
    storage_bytes: Mapping[str, float] | None = None
    """What each process of a person, by its key, and its ended children read from and wrote to disks."""
    network_bytes: float | None = None
    """What all interfaces but the loopback one sent and received since the boot."""
    kept_until: float | None = None
    """Until which date somebody on the machine wants it awake: 0 where nobody does, None where that is not known."""
    tagged_until: float | None = None
    """The same by the instance's tag."""
