"""What the workstation's agent takes of the machine that it watches: CPU and memory of one tick, as a process.

It looks at this machine's real processes, terminals and files. It neither stops it nor calls AWS: the programs that
could are others, found first, and what it remembers lies in a folder of its own.
"""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

AGENT = Path(__file__).resolve().parents[1] / "machines" / "workstation" / "agent.py"
PYTHONS = ("/usr/bin/python3", shutil.which("python3") or "")
SEEN = ("dev", "proc", "home", "root")
PROGRAMS = ("bin/shutdown", "bin/systemctl", "root/usr/local/bin/aws")
TICKED = "mlstack: idle for "


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick in a process of its own."""

    cpu_s: float
    """Of Python, its start included, and of the programs that it runs."""
    peak_mib: float


def measure(rounds: int) -> Tick:
    """The median tick of so many."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for seen in SEEN:
            (folder / "root").mkdir(exist_ok=True)
            (folder / "root" / seen).symlink_to(Path("/") / seen)
        settings = folder / "root/opt/mlstack/settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"region": "eu-west-3", "idle_minutes": 1440, "max_hours": 168}))
        instance = folder / "root/var/lib/cloud/data/instance-id"
        instance.parent.mkdir(parents=True)
        instance.write_text("i-0123456789abcdef0")
        for program in PROGRAMS:
            place = folder / program
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text("#!/bin/sh\nexit 0\n")
            place.chmod(0o755)
        installed = folder / "root/run/mlstack/installed"  # now: however long this machine has run, nothing is due
        installed.parent.mkdir(parents=True)
        installed.write_text(str(time.clock_gettime(time.CLOCK_BOOTTIME) - 1))
        _tick(folder)  # the first of a boot looks twice
        ticks = [_tick(folder) for _ in range(rounds)]
    return Tick(
        statistics.median(tick.cpu_s for tick in ticks),
        statistics.median(tick.peak_mib for tick in ticks),
    )


def _tick(folder: Path) -> Tick:
    environment = {
        "PATH": f"{folder / 'bin'}:{os.environ.get('PATH', '')}",
        "AGENT_ROOT": str(folder / "root"),
        "AGENT_METADATA": "http://127.0.0.1:1",  # nobody is there
        "AGENT_SECOND_LOOK_S": "0",
    }
    python = next(path for path in PYTHONS if path and Path(path).exists())
    with (folder / "said").open("w+b") as said:
        process = subprocess.Popen([python, "-I", str(AGENT)], env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    if process.returncode or TICKED not in text:
        message = f"the agent ended with {process.returncode}: {text[-2000:]}"
        raise RuntimeError(message)
    return Tick(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
