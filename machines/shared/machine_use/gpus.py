"""How busy the GPUs are, by nvidia-smi."""

from __future__ import annotations

import subprocess
from pathlib import Path

from machine_use.observation import Gpu

TIMEOUT_S = 20
QUESTION = ("--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits")


def gpus(program: Path) -> list[Gpu]:
    """Each GPU; none where the machine has no such program. A figure that a GPU does not tell counts as 0."""
    if not program.exists():
        return []
    answer = subprocess.run([program, *QUESTION], check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
    return [_gpu(line) for line in answer.stdout.splitlines() if line.strip()]


def _gpu(line: str) -> Gpu:
    percent, memory_mib = (_number(part) for part in line.split(","))
    return Gpu(percent, memory_mib)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0  # "[N/A]", as of a GPU that is divided (MIG)
