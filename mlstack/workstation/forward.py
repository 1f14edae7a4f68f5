"""A port of this machine that leads to a workstation, for as long as a person wants it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mlstack.console import err
from mlstack.errors import UserError
from mlstack.text import printable

READY = "Waiting for connections"
"""What the plugin says when the port is open."""
IDLE_TALK = ("Connection accepted", "Terminate signal received", "Exiting session")
"""What it says besides, and nobody needs to know."""
ONLY_HERE = {"SSM_PLUGIN_LOCAL_HOST": "127.0.0.1"}
"""Whatever a person's environment says: the forwarded port is for nobody else."""
FAREWELL_S = 10.0


def forward(words: list[str], is_open: Callable[[], None]) -> None:
    """Run the session until it ends or a person ends it; call ``is_open`` once when the port leads there.

    Raises:
        UserError: where the session ends by itself.
    """
    last = "it gives no reason"
    opened = False
    with _session(words) as process:
        try:
            for line in process.stdout or ():
                said = printable(line.strip())
                last = said or last
                if READY in line and not opened:
                    opened = True
                    is_open()
                elif opened and said and not said.startswith(IDLE_TALK):
                    err.print(said, markup=False)
            code = process.wait()
        except KeyboardInterrupt:
            _bid_farewell(process)
            return
    if not opened:
        message = f"the port could not be opened: {last}"
        raise UserError(message)
    if code:
        message = f"the session ended ({code}): {last}; say it again"
        raise UserError(message)


@contextmanager
def _session(words: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The session's process, which has ended afterwards."""
    try:
        process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **ONLY_HERE},
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        message = f"the AWS CLI cannot be run: {error.strerror}"
        raise UserError(message) from error
    try:
        yield process
    finally:
        process.kill()  # nothing, where it has ended
        process.wait()
        if process.stdout:
            process.stdout.close()


def _bid_farewell(process: subprocess.Popen[str]) -> None:
    """Let it end the session: a person's Ctrl-C goes to it as well."""
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        process.wait(FAREWELL_S)
