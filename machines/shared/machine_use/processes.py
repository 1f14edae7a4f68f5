"""The processes of people, and the CPU time that each took: all that is no service of the system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from machine_use.observation import Process

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PTS = 136  # /dev/pts's major number
SERVERS = ("jupyter", "amazon-ssm", "ssm-document")
PEOPLE = range(1000, 61184)  # uids; those after belong to services that systemd gives one
# Of what follows the name in /proc/PID/stat
TERMINAL, CPU, START = 4, slice(11, 15), 19


@dataclass(frozen=True)
class _Entry:
    """A process as Linux tells of it."""

    key: str
    process: Process
    uid: int
    group: str
    """The systemd unit or container in which it lives."""
    is_server: bool
    """Whether it is Jupyter's server or Session Manager's, which poll and are polled while nobody does anything."""


def processes(proc: Path) -> dict[str, Process]:
    """By process id and start time.

    Services of the system are left out, but not what lives in the unit of such a server, where kernels, terminals
    and what they started are, nor containers, nor what an ordinary user runs by cron.
    """
    entries = list(_entries(proc))
    if not entries:
        message = f"{proc} tells of no process"
        raise ValueError(message)
    peopled = {entry.group for entry in entries if entry.is_server}
    return {
        entry.key: entry.process
        for entry in entries
        if not entry.is_server and (entry.uid in PEOPLE or entry.group in peopled or not _is_service(entry.group))
    }


def _is_service(group: str) -> bool:
    return group in {"", "/", "/init.scope"} or (group.startswith("/system.slice/") and not group.endswith(".scope"))


def _entries(proc: Path) -> Iterator[_Entry]:
    for folder in proc.iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError, ValueError):  # it ended while it was read
                yield _entry(folder)


def _entry(folder: Path) -> _Entry:
    """A process. One of the kernel's own lives in no unit, so that it counts for the system's."""
    told = (folder / "stat").read_text(errors="replace")
    name = told[told.index("(") + 1 : told.rindex(")")]
    fields = told[told.rindex(")") + 1 :].split()
    arguments = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    status = (folder / "status").read_text(errors="replace")
    device = int(fields[TERMINAL])
    return _Entry(
        key=f"{folder.name} {fields[START]}",
        process=Process(
            name,
            sum(map(int, fields[CPU])) / TICKS_A_SECOND,
            (device >> 8 & 0xFFF) == PTS,
            str(device & 255 | device >> 12 & 0xFFF00) if device else "",
        ),
        uid=int(status[status.index("\nUid:") + 5 :].split()[0]),
        group=_group((folder / "cgroup").read_text(errors="replace")),
        is_server=any(argument.rpartition("/")[2].startswith(SERVERS) for argument in arguments[:3]),
    )


def _group(text: str) -> str:
    """The path in systemd's hierarchy: of version 1 where there is one, else of version 2."""
    paths = {kind: path for _, kind, path in (line.split(":", 2) for line in text.splitlines())}
    return paths.get("name=systemd", paths.get("", ""))
