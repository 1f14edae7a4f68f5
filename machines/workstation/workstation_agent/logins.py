"""Somebody who comes by SSH or Session Manager, and has done nothing yet that shows: VS Code has no terminal.

A session that is open is no sign, only one that is new. But a laptop that connects again by itself, all night, looks
the same; so does a copy that another machine's cron makes every few minutes. So a login gives a person time to do
something, and logins alone give no more of it: as use, none is later than ARRIVAL_S after the last use of another kind.
Who comes in the last idle minute still has as much; a laptop makes each idle period so much longer, and no more. A copy
is somebody's work, and counts as such by what it brings: files, disks and the network are looked at anyway. One that
brings next to nothing is cut off, and needs `keep-awake`: that costs a copy which can be made later, not every night.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from machine_use.observation import Process

PROGRAMS = frozenset(("sshd", "sshd-session", "ssm-session-wor"))
"""Each session has its own. sshd itself is the system's, and so are those with which nobody has logged in yet: they
live in its unit. Linux cuts a name to 15 letters."""
ARRIVAL_S = 720.0
"""Enough to open a folder, read, and save or run something; with the usual half hour a machine is idle for 42 minutes
at most."""


def sessions(processes: Mapping[str, Process]) -> Sequence[str]:
    """The keys of what serves sessions."""
    return sorted(key for key, each in processes.items() if each.name in PROGRAMS)


def signs(
    known: Sequence[str] | None, processes: Mapping[str, Process] | None, touched: float, now: float
) -> Iterator[tuple[float, str]]:
    """When, in seconds since boot, and what; ``known`` are the sessions that could last be seen, None where none could.

    ``touched`` is the last use of another kind.
    """
    if known is not None and set(sessions(processes or {})) - set(known):
        yield min(now, touched + ARRIVAL_S), "somebody logged in"
