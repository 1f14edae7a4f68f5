"""How a worker learns that it is to end."""

import signal
from queue import SimpleQueue
from threading import Event, Thread


def signalled() -> Event:
    """An event that SIGTERM sets, and SIGINT at a terminal."""
    stop, signals = Event(), SimpleQueue[int]()

    def wait() -> None:
        signals.get()
        stop.set()

    # Not set by the handler itself: it runs in the midst of the main thread, which may hold the event's own lock.
    Thread(target=wait, name="stop", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: signals.put(number))
    return stop
