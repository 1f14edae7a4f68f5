"""Runs inside a container's process: binds it to loopback, ends it with the server, then becomes the image's program.

Arguments: a descriptor that is closed when the server is gone, and what stands after `python` in the entry point.
The standard library only.
"""

import contextlib
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

ALONE = frozenset("BOEsSIPuvbdqi")
WITH_VALUE = frozenset("XW")
OWN = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what must not happen
LISTING = ("ps", "-axo", "pid=,ppid=,lstart=")


class Relative(NamedTuple):
    """A process, and when it began: its number alone may be another's soon."""

    pid: int
    began: str


def stay_on_loopback() -> None:
    """Let a server that listens on every address listen on this machine's own."""
    bind = socket.socket.bind

    def bound(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - the library's own signature
        if isinstance(address, tuple) and address[0] in OWN:
            address = (OWN[address[0]], *address[1:])
        bind(self, address)

    socket.socket.bind = bound  # type: ignore[assignment, method-assign]  # that is the point


def end_with(descriptor: int) -> None:
    """End at once when the other side of a pipe is closed: nobody is left to ask this process anything."""
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the library's own signature

    def wait() -> None:
        os.read(descriptor, 1)
        kill(offspring(os.getpid()))
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def offspring(pid: int) -> frozenset[Relative]:
    """Every process that descends from one, in whichever session it is."""
    children: dict[int, list[Relative]] = {}
    for parent, child in _listed():
        children.setdefault(parent, []).append(child)
    found: set[Relative] = set()
    fresh = children.get(pid, [])
    while fresh:
        found.update(fresh)
        fresh = [child for one in fresh for child in children.get(one.pid, []) if child not in found]
    return frozenset(found)


def kill(processes: frozenset[Relative]) -> None:
    """End processes that are still those, and not others with their numbers."""
    for _, one in _listed() if processes else ():
        if one in processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(one.pid, signal.SIGKILL)


def _listed() -> list[tuple[int, Relative]]:
    """Each process of the machine after its parent's number; nothing where there is no ps."""
    try:
        said = subprocess.run(LISTING, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return []
    words = [line.split(None, 2) for line in said.splitlines()]
    return [(int(parent), Relative(int(pid), began)) for pid, parent, began in words]


def program(arguments: list[str]) -> tuple[str, str, list[str]]:
    """What python is told to run: how (module or file), what, and its arguments."""
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] != "-m":
        flag = rest.pop(0)
        if flag[1:2] in WITH_VALUE and len(flag) == 2 and rest:  # noqa: PLR2004 - the value is the next word
            rest.pop(0)
        elif not set(flag[1:]) <= ALONE and flag[1:2] not in WITH_VALUE:
            sys.exit(f"the local AWS does not know python's option {flag}")
    if rest[:1] == ["-m"] and len(rest) > 1:
        return "module", rest[1], rest[2:]
    if not rest or rest[0].startswith("-"):
        sys.exit("the entry point gives python nothing to run")
    return "file", rest[0], rest[1:]


def main() -> None:
    """Prepare, then run the image's program as the main one."""
    descriptor, arguments = int(sys.argv[1]), sys.argv[2:]
    end_with(descriptor)
    stay_on_loopback()
    how, what, rest = program(arguments)
    sys.argv = [what, *rest]
    if how == "module":
        sys.path[0] = str(Path.cwd())
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(what).parent)
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    main()
