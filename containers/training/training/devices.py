"""What this host trains on: its GPUs, or its processor."""

from collections.abc import Mapping
from pathlib import Path

from training.job import Job
from training.problem import ProblemError

GPU_TYPES = ("ml.g", "ml.p")
RESERVED = "TASK_ACCELERATOR"
"""What a task of ECS says that it has; there nobody tells the instance's type."""
HIDDEN = "CUDA_VISIBLE_DEVICES"
"""CUDA's own variable: empty, it keeps the GPUs from a process on purpose."""
DRIVER = Path("/proc/driver/nvidia/version")


def count(job: Job, environment: Mapping[str, str]) -> int:
    """The GPUs, 0 without one; raise ProblemError where one is paid for and torch cannot use it."""
    import torch  # noqa: PLC0415  # a person's mistake need not wait for it

    found = int(torch.cuda.device_count()) if torch.cuda.is_available() else 0
    if not found and environment.get(HIDDEN) != "":
        if job.instance_type.startswith(GPU_TYPES):
            raise ProblemError(_reason(job.instance_type, torch.version.cuda))
        if environment.get(RESERVED) == "gpu":
            raise ProblemError(_task_reason(torch.version.cuda))
    return found


def driver(path: Path = DRIVER) -> str:
    """The version of the NVIDIA driver that the kernel has, such as 550.163.01; empty without one."""
    try:
        words = path.read_text(encoding="utf-8").partition("Kernel Module")[2].split()
    except (OSError, UnicodeDecodeError):
        return ""
    return next((word for word in words if word[0].isdecimal()), "")


def _reason(instance_type: str, cuda: str | None) -> str:
    if cuda is None:
        return (
            f'{instance_type} has a GPU, which this image cannot use: set accelerator = "gpu" in the profile\'s '
            "training and deploy, or use an instance type without one, such as ml.m5.xlarge"
        )
    has = f"; its driver is {driver()}" if driver() else ""
    return (
        f"{instance_type} has a GPU, which torch does not see: the driver may be too old for this image's CUDA "
        f"{cuda}{has}; use another instance type, of a newer generation, or one without a GPU, such as ml.m5.xlarge"
    )


def _task_reason(cuda: str | None) -> str:
    if cuda is None:
        return (
            "the task has a GPU, which this image cannot use: build the training image on the GPU's base, "
            'accelerator = "gpu" in the profile, and deploy'
        )
    has = f"; its driver is {driver()}" if driver() else ""
    return (
        f"the task has a GPU, which torch does not see: the instance's driver may be too old for this image's CUDA "
        f"{cuda}{has}; use instance types of a newer generation, and the newest ECS GPU AMI"
    )
