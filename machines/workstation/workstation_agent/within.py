"""Something that may hang in the kernel, as `nvidia-smi` with a broken GPU or a home on a lost server, given up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class _Call(threading.Thread, Generic[Found]):
    """A call in a thread of its own, for which the process does not wait at its end."""

    def __init__(self, reader: Callable[[], Found]) -> None:
        super().__init__(daemon=True)
        self._reader = reader
        self.found: list[Found] = []
        self.error: Exception = TimeoutError("no answer in time")

    def run(self) -> None:
        """Keep what is found, or why nothing is."""
        try:
            self.found.append(self._reader())
        except Exception as error:  # noqa: BLE001 (it is raised where the call was made)
            self.error = error


def within(seconds: float, reader: Callable[[], Found]) -> Found:
    """What it returns, or raises.

    Raises:
        TimeoutError: where it takes longer.
    """
    call = _Call(reader)
    call.start()
    call.join(max(seconds, 0.0))
    if call.found:
        return call.found[0]
    raise call.error
