"""What an instance has for tasks, and what a task takes of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CPU_UNITS = 1024
"""Of each processor."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """GPUs, CPU units and MiB of memory."""

    gpus: int = 0
    cpu_units: int = 0
    memory_mib: int = 0

    def __add__(self, other: "Resources") -> "Resources":
        """Both together."""
        return Resources(
            gpus=self.gpus + other.gpus,
            cpu_units=self.cpu_units + other.cpu_units,
            memory_mib=self.memory_mib + other.memory_mib,
        )

    def __sub__(self, other: "Resources") -> "Resources":
        """What is left."""
        return self + Resources(gpus=-other.gpus, cpu_units=-other.cpu_units, memory_mib=-other.memory_mib)

    def lacks(self, wanted: "Resources") -> str:
        """What there is too little of, as ECS names it; nothing where there is room."""
        if wanted.gpus > self.gpus:
            return "GPU"
        if wanted.cpu_units > self.cpu_units:
            return "CPU"
        return "MEMORY" if wanted.memory_mib > self.memory_mib else ""


def of_type(described: Mapping[str, Any], *, tells_gpus: bool = True, reserved_mib: int = 0) -> Resources:
    """What the agent tells of a type: less memory than its name says, since the kernel has its share."""
    memory = int(described.get("MemoryInfo", {}).get("SizeInMiB", 0))
    gpus = described.get("GpuInfo", {}).get("Gpus", []) if tells_gpus else []
    return Resources(
        gpus=sum(int(one.get("Count", 0)) for one in gpus),
        cpu_units=int(described.get("VCpuInfo", {}).get("DefaultVCpus", 0)) * CPU_UNITS,
        memory_mib=max(0, memory * 97 // 100 - 170 - reserved_mib),
    )


def smallest(types: Iterable[Resources]) -> Resources:
    """The least of each: what a task may need at most for ECS to scale out for it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html
    """
    found = list(types)
    return Resources(
        gpus=min((one.gpus for one in found), default=0),
        cpu_units=min((one.cpu_units for one in found), default=0),
        memory_mib=min((one.memory_mib for one in found), default=0),
    )
