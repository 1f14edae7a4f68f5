"""Lets what depends on each other come to rest: groups, agents, tasks that wait, what is due by the clock.

Whoever changes something only says so; one thread looks, since one look may change what another depends on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from mlstack.local import runtime

Step = Callable[[], None]


@dataclass
class Settling:
    """The steps of a look, in their order."""

    _steps: list[Step] = field(default_factory=list)
    _wanted: Event = field(default_factory=Event)
    _looking: Lock = field(default_factory=Lock)
    _starting: Lock = field(default_factory=Lock)
    _thread: Thread | None = None

    def follow(self, *steps: Step) -> None:
        """Take these steps at each look from now on."""
        self._steps = [*steps]

    def poke(self) -> None:
        """Look soon."""
        self._wanted.set()
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._keep, name="capacity", daemon=True)
                self._thread.start()

    def look(self) -> None:
        """Look now; what fails keeps no other step from being taken."""
        with self._looking:
            for step in self._steps:
                try:
                    step()
                except Exception as error:  # noqa: BLE001 - the next look may do better; the report tells
                    runtime.running().report.fault(f"capacity: {error!r}")

    def _keep(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            self.look()


SETTLING = Settling()
"""The server's own."""
