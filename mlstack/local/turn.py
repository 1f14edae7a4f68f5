"""One command at a time changes what is deployed in a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack.errors import UserError

NAME = "deploy.lock"


@contextmanager
def turn(folder: Path, what: str) -> Iterator[None]:
    """Hold the folder for a deploy or a destroy; raise UserError where another process does.

    A destroy beside a deploy would take away what the deploy stands on, and miss what it makes meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise UserError(_taken(lock.read())) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()} {what}")
        lock.flush()
        yield


def _taken(said: str) -> str:
    """Who holds the folder, as it has written itself; it may not have come to that yet."""
    process, _, what = said.strip().partition(" ")
    who = f" (process {process})" if process else ""
    return f"a {what or 'deploy'} runs in this folder{who}; wait for its end, or end it"
