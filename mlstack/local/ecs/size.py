"""The sizes that a task may have on Fargate; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html."""

import re
from itertools import chain

GIB = 1024
MEMORY_MIB = {
    256: (512, 1 * GIB, 2 * GIB),
    512: range(1 * GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}
"""The memory that goes with so many CPU units."""
SAID = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>vcpu|gb)?", re.IGNORECASE)
NONE = "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory."


def units(said: str) -> int | None:
    """CPU units of "1024" and "1 vCPU", MiB of "2048" and "2 GB"; nothing where it is neither."""
    found = SAID.fullmatch(said.strip())
    if found is None:
        return None
    return int(float(found["number"]) * (GIB if found["unit"] else 1))


def complaint(cpu: str, memory: str) -> str:
    """What Fargate says to a size; empty where it has it."""
    wanted = units(cpu), units(memory)
    known = chain.from_iterable(((units_, mib) for mib in sizes) for units_, sizes in MEMORY_MIB.items())
    return "" if wanted in set(known) else NONE.format(cpu=wanted[0], memory=wanted[1])
