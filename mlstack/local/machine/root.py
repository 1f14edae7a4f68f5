"""The files by which a machine knows itself: /proc, /dev, its identity, its user's home."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

FOLDERS = (
    "dev/pts",
    "etc/systemd/system",
    "opt",
    "proc/net",
    "proc/sys/kernel/random",
    "root",
    "run",
    "sys",
    "tmp",
    "usr/bin",
    "usr/local/bin",
    "var/lib/cloud/data",
    "var/lib/cloud/instance",
    "var/log",
)
VOLATILE = ("dev", "proc", "run", "tmp")
"""What a boot finds empty."""
LOGINS = ("ec2-user", "ubuntu")
NETWORK = """\
Inter-|   Receive                                       |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:    0       0    0    0    0     0          0         0     0       0    0    0    0     0       0          0
  ens5:    0       0    0    0    0     0          0         0     0       0    0    0    0     0       0          0
"""
HZ = 100
"""Linux counts processor time in hundredths."""
BUSY_PID = 4711


@dataclass
class Root:
    """The folder that the machine takes for /."""

    folder: Path
    instance: str
    _worked_s: float = field(default=0.0, init=False)
    _shown: float = field(default=0.0, init=False)

    def boot(self) -> None:
        """Make it as it is at a boot: what is volatile is new, all else stays."""
        for name in VOLATILE:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in (*FOLDERS, *(f"home/{login}" for login in LOGINS)):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write("proc/sys/kernel/random/boot_id", f"{uuid4()}\n")
        self._write("proc/net/dev", NETWORK)
        self._write("var/lib/cloud/data/instance-id", f"{self.instance}\n")
        self._write("etc/hostname", f"{self.instance}\n")
        self._worked_s = self._shown = 0.0
        self._process(1, "systemd", "/init.scope", 0, 1.0)
        self._process(801, "amazon-ssm-agent", "/system.slice/amazon-ssm-agent.service", 0, 1.0)
        self.show(0.0, busy=False)

    def show(self, uptime: float, *, busy: bool) -> None:
        """Let /proc tell of this moment; a busy machine has a program of its user's that takes a whole core."""
        self._worked_s += (uptime - self._shown) * busy
        self._shown = uptime
        if busy:
            self._process(BUSY_PID, "python", "/user.slice/user-1000.slice/session-1.scope", 1000, self._worked_s)
        else:
            shutil.rmtree(self.folder / f"proc/{BUSY_PID}", ignore_errors=True)
        self._write("proc/uptime", f"{uptime:.2f} {uptime:.2f}\n")

    def _process(self, pid: int, name: str, group: str, uid: int, cpu_s: float) -> None:
        cpu = f"{int(cpu_s * HZ)} 0 0 0"
        for path, text in (
            ("stat", f"{pid} ({name[:15]}) S 1 {pid} {pid} 0 -1 0 9 9 9 9 {cpu} 20 0 1 0 {pid} 1 1\n"),
            ("status", f"Name:\t{name[:15]}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"),
            ("cgroup", f"0::{group}\n"),
            ("cmdline", f"{name}\0"),
            ("io", "rchar: 0\nwchar: 0\nread_bytes: 0\nwrite_bytes: 0\n"),
        ):
            self._write(f"proc/{pid}/{path}", text)

    def _write(self, path: str, text: str) -> None:
        """Whole or not at all: the agent may read at the same time."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(place)

    def here(self, words: tuple[str, ...]) -> Iterator[str]:
        """A command line of a unit with its paths as they are here: the program is never one of this system's own."""
        stand_in = self.folder / "usr/bin" / Path(words[0]).name
        yield str(stand_in if stand_in.exists() else self.folder / words[0].lstrip("/"))
        for word in words[1:]:
            there = self.folder / word.lstrip("/")
            yield str(there) if word.startswith("/") and there.exists() else word
