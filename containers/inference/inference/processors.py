"""How many processors this container may use, which can be fewer than the machine has."""

import os
from pathlib import Path

CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


def count(cpu_max: Path = CPU_MAX) -> int:
    """The processors that this process may use, at least one."""
    try:
        quota = of_quota(cpu_max.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        quota = None
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, quota or allowed)


def of_quota(cpu_max: str) -> int | None:
    """Whole processors of a control group's ``cpu.max`` (quota and period in microseconds); None without a limit."""
    # https://docs.kernel.org/admin-guide/cgroup-v2.html, under cpu.max
    match cpu_max.split():
        case [quota, period] if quota.isdecimal() and period.isdecimal() and int(period) > 0:
            return max(1, round(int(quota) / int(period)))
        case _:
            return None
