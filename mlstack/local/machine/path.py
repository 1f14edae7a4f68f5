"""The programs on a machine's PATH: a few of this system's that harm nobody, and stand-ins for the rest."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mlstack.local.machine.programs import aws, shutdown, systemctl

SYSTEM = (
    *("basename", "cat", "chmod", "cp", "cut", "date", "dirname", "env", "false", "find", "flock", "grep"),
    *("gzip", "head", "hostname", "id", "ln", "ls", "mkdir", "mktemp", "mv", "nproc", "printf", "pwd"),
    *("readlink", "realpath", "rm", "sed", "sh", "sha256sum", "sleep", "sort", "stat", "tail", "tar", "tee"),
    *("test", "timeout", "touch", "tr", "true", "uname", "uniq", "wc", "xargs"),
)
"""This system's own. Whatever is not among them and no stand-in is not found."""
NEEDED = ("bash", "cat", "chmod", "cp", "date", "flock", "ln", "mkdir", "mv", "rm", "sleep", "tee", "timeout", "touch")
"""Without these the boot script does not run."""
IDLE = ("chgrp", "chown", "loginctl", "udevadm", "wall")
"""These say yes and do nothing: a machine here has one user, who is who runs it."""
LOGIN_SHELL = """\
# A login shell would read this system's own profile, and take the image's programs for this system's
if [ "${{1:-}}" = -lc ] && [ -x {root}"${{3:-}}" ]; then
  said=$2 program=$3
  shift 3
  exec {bash} -c "$said" {root}"$program" "$@"
fi
exec {bash} "$@"
"""
RUN = """\
echo "the local AWS runs no script of a person's own: $*"
"""
LOGGER = """\
echo "$*"
"""
NVIDIA = """\
case "$*" in
  -L) {listed} ;;
  *--query-gpu=*) {queried} ;;
  *) {listed} ;;
esac
"""
FRAMEWORK = """\
echo "the image's Python would look for its GPU here: the local AWS has neither"
"""


def missing() -> list[str]:
    """What this system lacks that the boot script needs."""
    return [name for name in NEEDED if shutil.which(name) is None]


def install(folder: Path, gpus: tuple[str, ...], framework: str) -> Path:
    """Put the programs of the machine in ``folder`` where it looks for them, and give that folder."""
    place = folder / "root/usr/bin"
    place.mkdir(parents=True, exist_ok=True)
    for name in SYSTEM:
        found, link = shutil.which(name), place / name
        if found and not link.is_symlink():
            link.symlink_to(found)
    for name, text in _stand_ins(folder, gpus):
        _program(place / name, text)
    if framework:
        python = folder / "root" / framework.lstrip("/")
        python.parent.mkdir(parents=True, exist_ok=True)
        _program(python, FRAMEWORK)
    return place


def _stand_ins(folder: Path, gpus: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    python, here = shlex.quote(sys.executable), shlex.quote(str(folder))
    yield "aws", f'exec {python} -I {shlex.quote(str(aws.__file__))} "$@"\n'
    for name, module in (("shutdown", shutdown), ("systemctl", systemctl)):
        yield name, f'exec {python} -I -S {shlex.quote(str(module.__file__))} {here} "$@"\n'
    yield "python3", f'exec {python} -S "$@"\n'
    yield "bash", LOGIN_SHELL.format(root=shlex.quote(str(folder / "root")), bash=shlex.quote(_bash()))
    yield "systemd-run", RUN
    yield "logger", LOGGER
    yield from ((name, "exit 0\n") for name in IDLE)
    if gpus:
        listed = "; ".join(f'echo "GPU {number}: {name} (UUID: GPU-{number:08d})"' for number, name in enumerate(gpus))
        queried = "; ".join("echo '0, 3'" for _ in gpus)
        yield "nvidia-smi", NVIDIA.format(listed=listed, queried=queried)


def _bash() -> str:
    return shutil.which("bash") or "/bin/bash"


def _program(place: Path, text: str) -> None:
    place.unlink(missing_ok=True)
    place.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    place.chmod(0o755)
