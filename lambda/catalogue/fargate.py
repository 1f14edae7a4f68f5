"""The sizes that a task on Fargate can have.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html (November 2026)
"""

from collections.abc import Mapping, Sequence

_STEP_OF_EIGHT, _STEP_OF_SIXTEEN = 4, 8
SIZES: Mapping[float, Sequence[float]] = {
    0.25: (0.5, 1, 2),
    0.5: (1, 2, 3, 4),
    1: range(2, 9),
    2: range(4, 17),
    4: range(8, 31),
    8: range(16, 61, _STEP_OF_EIGHT),
    16: range(32, 121, _STEP_OF_SIXTEEN),
}
"""Which memory, in GB, goes with so many virtual processors."""
FEW = 4
"""So many sizes are listed one by one."""
LARGEST_STORAGE_GB = 200
FREE_STORAGE_GB = 20
"""What every task has on its disk, its images included, and does not pay for."""


class FargateError(ValueError):
    """There is no such size; the message is one line that names what goes with the processors."""


def cpu_units(vcpu: float) -> int:
    """The processors as ECS counts them."""
    return round(vcpu * 1024)


def memory_mib(memory_gb: float) -> int:
    """The memory as ECS counts it."""
    return round(memory_gb * 1024)


def require(vcpu: float, memory_gb: float) -> None:
    """Raise FargateError where Fargate has no task of this size."""
    if vcpu not in SIZES:
        message = f"Fargate has tasks of {', '.join(f'{one:g}' for one in SIZES)} vCPU"
        raise FargateError(message)
    fitting = SIZES[vcpu]
    if memory_gb not in fitting:
        message = f"with {vcpu:g} vCPU, Fargate has {_listed(fitting)} GB"
        raise FargateError(message)


def _listed(sizes: Sequence[float]) -> str:
    if len(sizes) <= FEW:
        return ", ".join(f"{one:g}" for one in sizes)
    return f"{sizes[0]:g} to {sizes[-1]:g} in steps of {sizes[1] - sizes[0]:g}"
