"""What runs on a machine at the moment: its services' programs, one after the other, and its user data."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mlstack.local.machine.root import Root
from mlstack.local.machine.run import Run
from mlstack.local.machine.systemd import Systemd

Say = Callable[[str], None]
ABROAD = frozenset({"mlstack-jupyter.service", "mlstack-lab.service"})
"""These fetch packages from the internet and serve people."""
USER_DATA = "user data"
USER_DATA_S = 1800.0
"""How long it may run; on AWS nothing bounds it but what it does itself."""


@dataclass
class Services:
    """Of one machine, by their names."""

    folder: Path
    root: Root
    systemd: Systemd
    log: Path
    say: Say
    environment: Mapping[str, str] = field(default_factory=dict)
    """This boot's."""
    _left: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    """The programs that each has yet to run."""
    _running: dict[str, Run] = field(default_factory=dict)

    def run_user_data(self, text: str) -> None:
        """Begin the user data, as cloud-init does at a first boot."""
        script = self.root.folder / "var/lib/cloud/instance/user-data.txt"
        script.write_text(text, encoding="utf-8")
        self._left[USER_DATA] = [(str(self.root.folder / "usr/bin/bash"), str(script))]

    def start(self, name: str) -> None:
        """Begin a service, unless it runs."""
        if name in ABROAD:
            self.say(f"{name} is not run by the local AWS")
            return
        found = self.systemd.service(name)
        if found is not None and found.programs and name not in self._left:
            self._left[name] = [tuple(self.root.here(words)) for words in found.programs]

    def look(self, uptime: float) -> dict[str, int]:
        """Let each go on that has run a program, begin what is due, and say how those ended that did."""
        ended = dict(self._ended())
        for name in self.systemd.due(uptime, time.monotonic(), self._left.keys()):
            self.start(name)
        for name, programs in self._left.items():
            if name not in self._running:
                self._running[name] = Run(programs.pop(0), self.environment, self.folder, self.log, self._limit_s(name))
        return ended

    def end(self) -> None:
        """End everything, and wait for that."""
        for run in self._running.values():
            run.end()
        self._running.clear()
        self._left.clear()

    def _ended(self) -> Iterator[tuple[str, int]]:
        for name, run in list(self._running.items()):
            code = run.code
            if code is None:
                continue
            run.end()
            del self._running[name]
            if code:
                self.say(f"{name} ended with {code}")
            if code or not self._left[name]:
                del self._left[name]
                yield name, code

    def _limit_s(self, name: str) -> float:
        found = self.systemd.service(name)
        return found.limit_s if found else USER_DATA_S
