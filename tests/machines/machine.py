"""A notebook instance in a folder: its /proc, its terminals, its AWS command line and its GPUs, as files."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from notebook_agent.settings import Settings

NAME, REGION = "mlstack-sandbox", "eu-west-3"
SYSTEM = "/system.slice/chronyd.service"
JUPYTER = "/system.slice/jupyter-server.service"
PTS = 136 << 8
AWS = """#!/bin/sh
{{ printf '%s\\037' "$@"; echo; }} >>{calls}
test ! -e {fails} || {{ cat {fails} >&2; exit 254; }}
"""


@dataclass
class Machine:
    """The folder, and what the agent's calls left in it."""

    root: Path
    jupyter: str = "localhost:1"
    pids: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        for folder in ("proc/sys/kernel/random", "dev/pts", "opt/ml/metadata", "usr/bin", "var/log", "run"):
            (self.root / folder).mkdir(parents=True)
        self.notebooks.mkdir(parents=True)
        self.write("proc/sys/kernel/random/boot_id", "7b1a\n")
        arn = f"arn:aws:sagemaker:{REGION}:111122223333:notebook-instance/{NAME}"
        self.write("opt/ml/metadata/resource-metadata.json", json.dumps({"ResourceArn": arn, "ResourceName": NAME}))
        self.program("usr/bin/aws", AWS.format(calls=self.root / "calls", fails=self.root / "fails"))
        self.uptime(600.0)
        self.process("systemd", group="/init.scope")

    @property
    def notebooks(self) -> Path:
        """Where Jupyter's files are."""
        return self.root / "home/ec2-user/SageMaker"

    def settings(self, **more: float) -> Settings:
        """The agent's settings on this machine."""
        times = {"idle_s": 3600.0, "longest_s": 12 * 3600.0, "second_look_s": 0.0, **more}
        return Settings(root=self.root, jupyter=self.jupyter, **times)

    def write(self, path: str, text: str) -> Path:
        """Write a file."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def program(self, path: str, text: str) -> Path:
        """Write a file that can be run."""
        place = self.write(path, text)
        place.chmod(0o755)
        return place

    def uptime(self, seconds: float) -> None:
        """So long ago the machine booted."""
        self.write("proc/uptime", f"{seconds:.2f} 99.99\n")

    def process(  # noqa: PLR0913 (so much tells Linux of one)
        self,
        name: str,
        *arguments: str,
        pid: int | None = None,
        cpu_s: float = 0.0,
        start: int = 1,
        group: str = JUPYTER,
        uid: int = 0,
        terminal: int = 0,
    ) -> str:
        """Let a process be, with this CPU time of its own and its children; say by which key the agent knows it."""
        self.pids += 1
        number = pid or self.pids
        hundredths = int(cpu_s * os.sysconf("SC_CLK_TCK"))
        spent = f"{hundredths - 3 * (hundredths // 4)} {hundredths // 4} {hundredths // 4} {hundredths // 4}"
        stat = f"{number} ({name}) S 1 {number} {number} {terminal} -1 0 9 9 9 9 {spent} 20 0 1 0 {start} 1 1"
        folder = f"proc/{number}"
        self.write(f"{folder}/stat", stat)
        self.write(f"{folder}/status", f"Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        self.write(f"{folder}/cgroup", f"0::{group}\n")
        self.write(f"{folder}/cmdline", "\0".join(arguments or (name,)) + "\0")
        return f"{number} {start}"

    def terminal(self, number: int, typed: float) -> None:
        """Let a terminal be whose program read something at this date."""
        os.utime(self.write(f"dev/pts/{number}", ""), (typed, typed))

    def calls(self) -> list[list[str]]:
        """What the agent asked of AWS."""
        log = self.root / "calls"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [line.split("\x1f")[:-1] for line in lines]

    def asked(self) -> list[str]:
        """The operations of those calls."""
        return [call[1] for call in self.calls()]

    def aws_fails(self, reason: str | None = "An error occurred (AccessDenied)") -> None:
        """Let every call fail from now on, or none."""
        if reason is None:
            (self.root / "fails").unlink()
        else:
            self.write("fails", reason)
