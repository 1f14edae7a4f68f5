"""A workstation in a folder: the machine with disks, a network, a way to shut down, and settings."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tests.machines.machine import Machine
from workstation_agent.settings import Settings

NAME, REGION = "i-0123456789abcdef0", "eu-west-3"
DEVICE = "{name}: {received} 9 0 0 0 0 0 0 {sent} 9 0 0 0 0 0 0\n"
PROGRAM = """#!/bin/sh
echo "${{0##*/}} $*" >>{calls}
test ! -e {fails}.${{0##*/}} || {{ echo "no ${{0##*/}}" >&2; exit 1; }}
"""


@dataclass
class Workstation(Machine):
    """Its folder, and what the agent did in it."""

    metadata: str = "http://127.0.0.1:1"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.write("var/lib/cloud/data/instance-id", f"{NAME}\n")
        self.write("opt/mlstack/settings.json", json.dumps({"region": REGION, "idle_minutes": 30, "max_hours": 12}))
        self.traffic(0)
        self.write("home/ubuntu/train.py", "import torch\n")
        for program in ("shutdown", "systemctl"):
            self.program(f"bin/{program}", PROGRAM.format(calls=self.root / "ran", fails=self.root / "fails"))

    @property
    def programs(self) -> Path:
        """What stands in PATH."""
        return self.root / "bin"

    def told(self, **more: float | str) -> Settings:
        """The agent's settings on this machine, without any file."""
        told = {"region": REGION, "metadata": self.metadata, "second_look_s": 0.0, **more}
        return Settings(root=self.root, **told)  # type: ignore[arg-type] # the tests' own names

    def traffic(self, received: int, sent: int = 0, *, inside: int = 0) -> None:
        """Let so many bytes have come, gone, and stayed in the machine."""
        devices = [("lo", inside, inside), ("docker0", inside, inside), ("ens5", received, sent)]
        lines = [DEVICE.format(name=name, received=come, sent=gone) for name, come, gone in devices]
        self.write("proc/net/dev", "Inter-|   Receive\n face |bytes\n" + "".join(lines))

    def moves(self, key: str, count: int) -> None:
        """Let a process have read and written so many bytes each."""
        counts = {"rchar": 9, "wchar": 9, "read_bytes": count, "write_bytes": count, "cancelled_write_bytes": 0}
        self.write(f"proc/{key.partition(' ')[0]}/io", "".join(f"{name}: {value}\n" for name, value in counts.items()))

    def shown(self, number: int, *, typed: float, written: float) -> None:
        """Let a terminal be, read from and written to at these dates."""
        os.utime(self.write(f"dev/pts/{number}", ""), (typed, written))

    def ran(self) -> list[str]:
        """The programs that were run, with their words."""
        log = self.root / "ran"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    def program_fails(self, name: str) -> None:
        """Let it fail from now on."""
        self.write(f"fails.{name}", "")

    def last(self) -> dict[str, object]:
        """What people read."""
        told: dict[str, object] = json.loads((self.root / "run/mlstack/last.json").read_text(encoding="utf-8"))
        return told

    def heard(self) -> list[str]:
        """What was written to terminals since they were last asked; their dates stay."""
        said = []
        for device in sorted((self.root / "dev/pts").glob("*")):
            dates = device.stat()
            said.append(device.read_text(encoding="utf-8").strip())
            device.write_text("", encoding="utf-8")
            os.utime(device, (dates.st_atime, dates.st_mtime))
        return [text for text in said if text]
