"""One command at a time changes what is deployed in a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack.errors import UserError

NAME = "deploy.lock"


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the folder for a deploy or a destroy; raise UserError where another process does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            who = lock.read().strip()
            message = f"another deploy runs in this folder{who and f' (process {who})'}; wait for its end, or end it"
            raise UserError(message) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
