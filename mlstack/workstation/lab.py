"""The JupyterLab that runs on a workstation, and the token that opens it.

The token is read through a session of its own and goes to nothing but the address: into no log, and into no argument
of a program, which others on this machine could read.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mlstack.errors import UserError
from mlstack.text import printable
from mlstack.workstation import session
from mlstack.workstation.machine import Machine
from mlstack.workstation.workstation import Workstation

PORT = 8888
PATIENCE_S = 60.0
SHOW = "cat -- $(ls -t -- ~/.local/share/jupyter/runtime/jpserver-*.json) </dev/null"
"""The servers' own files, the newest first; a server that was killed leaves its file."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A JupyterLab."""

    token: str = field(repr=False)

    def address(self, host: str, port: int) -> str:
        """What opens it through a forwarded port."""
        return f"http://{host}:{port}/lab" + (f"?token={quote(self.token, safe='')}" if self.token else "")


def lab_of(found: Workstation, machine: Machine, login: str) -> Lab:
    """The one that runs on a machine; raise UserError where none does."""
    line = session.as_login(login, ["sh", "-c", SHOW])
    words = session.command(found, machine, session.SILENT, {"command": line})
    lab = next(labs(_said(words)), None)
    if lab is None:
        look = f"{found.command('ssh')} -- systemctl status mlstack-jupyter"
        message = (
            f"workstation {found.shown_name} has no JupyterLab that runs; wait a minute after a start, or see `{look}`"
        )
        raise UserError(message)
    return lab


def _said(words: list[str]) -> str:
    """What a session says. Its input stays open, because the plugin gives up when it ends."""
    inlet, outlet = os.pipe()
    try:
        ran = subprocess.run(
            words,
            stdin=inlet,
            capture_output=True,
            timeout=PATIENCE_S,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"Session Manager gave no answer within {PATIENCE_S:.0f} s; try again"
        raise UserError(message) from None  # what it said so far may hold the token
    except OSError as error:
        message = f"the AWS CLI cannot be run: {error.strerror}"
        raise UserError(message) from error
    finally:
        os.close(inlet)
        os.close(outlet)
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or ["it gives no reason"]
        message = f"no session with the machine: {printable(lines[-1].strip())}"
        raise UserError(message)
    return ran.stdout


def labs(said: str) -> Iterator[Lab]:
    """The servers on JupyterLab's port among what was said, which has the plugin's own lines around it."""
    for one in _objects(said):
        token = one.get("token")
        if one.get("port") == PORT and isinstance(token, str):
            yield Lab(token)


def _objects(said: str) -> Iterator[Mapping[str, Any]]:
    decoder = json.JSONDecoder()
    here = said.find("{")
    while here >= 0:
        try:
            found, end = decoder.raw_decode(said, here)
        except (ValueError, RecursionError):
            end = here + 1
        else:
            yield found
        here = said.find("{", end)
