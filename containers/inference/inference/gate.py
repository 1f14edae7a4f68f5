"""How many requests are inside at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from inference.refusal import RefusalError


class Gate:
    """Lets so many requests in and sends the others away at once, so that neither memory nor waiting time grows.

    It belongs to one event loop and takes no lock.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.inside = 0
        """Requests that are being read or computed."""
        self.closed = False
        """Whether the server drains."""

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Be inside; raise RefusalError where there is no room, or no more."""
        if self.closed:
            raise RefusalError(503, "draining", "this server is being stopped; another one answers")
        if self.inside >= self._most:
            raise RefusalError(503, "full", f"{self._most} requests are being answered; come again in a second")
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
