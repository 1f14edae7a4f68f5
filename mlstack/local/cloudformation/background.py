"""An operation that may take long: the request that asked for it is answered in time, and the operation goes on."""

from collections.abc import Callable
from threading import Thread

PATIENCE_S = 45.0
"""Shorter than any client's; most operations are over by then, and nobody has to ask how far they are."""


def run(work: Callable[[], None], patience_s: float = PATIENCE_S) -> None:
    """Do the work in a thread; return at its end, or when patience is."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(patience_s)
