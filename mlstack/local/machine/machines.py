"""All machines: made, switched on and off as EC2's instances are, and told of."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from mlstack.local.ec2 import launched, power
from mlstack.local.environment import Place
from mlstack.local.machine.told import Told

if TYPE_CHECKING:
    from mlstack.local.machine.machine import Machine
    from mlstack.local.runtime import Runtime

TICK_S = 5.0
"""What a machine does each minute it does so often here; where time passes on it, at once."""
KNOWN = frozenset({"instance", "pass_seconds", "busy", "agent"})


@dataclass
class Machines:
    """By the instance's id."""

    folder: Path
    here: "Runtime"
    _machines: dict[str, "Machine"] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _withdrawals: list[Callable[[], None]] = field(default_factory=list)
    _closed: bool = False

    def listen(self) -> None:
        """Begin to follow what EC2 does."""
        self._withdrawals = [
            launched.on_launch(self._launched),
            launched.on_start(self._started),
            launched.on_stop(lambda _account, _region, instance: self._ended(instance)),
            launched.on_terminate(lambda _account, _region, instance: self._ended(instance, for_good=True)),
        ]

    def close(self) -> None:
        """End every machine and wait for it."""
        for withdraw in self._withdrawals:
            withdraw()
        with self._lock:
            self._closed = True
            machines = list(self._machines.values())
        for machine in machines:
            machine.end()
        for machine in machines:
            machine.wait()

    def told(self) -> dict[str, Told]:
        """How each of them is."""
        with self._lock:
            return {name: machine.told() for name, machine in self._machines.items()}

    def changed(self, body: bytes) -> dict[str, Told]:
        """Let happen what a test wants, and tell of all machines; raise ValueError for what makes no sense.

        `{"instance": ID, "pass_seconds": 3600}` lets an hour pass on one, `"busy": true` has its user compute,
        `"agent": false` stops what looks from inside whether anybody does, also at later boots.
        """
        asked: Any = json.loads(body or b"{}")
        if not isinstance(asked, dict) or asked.keys() - KNOWN:
            message = f"known are {', '.join(sorted(KNOWN))}"
            raise ValueError(message)
        if asked:
            with self._lock:
                machine = self._machines.get(str(asked.get("instance")))
            if machine is None:
                message = f"there is no machine {asked.get('instance')}"
                raise ValueError(message)
            _change(machine, asked)
        return self.told()

    def _launched(self, account: str, region: str, instance: str) -> None:
        # Most servers never have one
        from mlstack.local.machine.instance import Instance  # noqa: PLC0415
        from mlstack.local.machine.machine import Machine, Surroundings  # noqa: PLC0415

        here = self.here
        with self._lock:
            if self._closed:
                return
            if not self._machines:
                shutil.rmtree(self.folder, ignore_errors=True)  # of the server of before
            machine = Machine(
                Surroundings(
                    instance=Instance(instance, lambda service: here.client(service, region)),
                    place=Place(port=here.place.port, region=region, account=account),
                    folder=self.folder / instance,
                    off=lambda: power.off(account, region, instance),
                    fault=here.report.fault,
                    tick_s=TICK_S,
                    booted=lambda: launched.tell("boot", account, region, instance),
                )
            )
            self._machines[instance] = machine
        machine.boot(is_first=True)

    def _started(self, _account: str, _region: str, instance: str) -> None:
        with self._lock:
            machine = None if self._closed else self._machines.get(instance)
        if machine is not None:
            machine.boot(is_first=False)

    def _ended(self, instance: str, *, for_good: bool = False) -> None:
        with self._lock:
            machine = self._machines.get(instance)
        if machine is not None:
            machine.end(for_good=for_good)


def _change(machine: "Machine", asked: dict[str, Any]) -> None:
    seconds = float(asked.get("pass_seconds", 0.0))
    if not 0 <= seconds < float("inf"):
        message = "pass_seconds is how long passes"
        raise ValueError(message)
    machine.is_busy = bool(asked.get("busy", machine.is_busy))
    if "agent" in asked:
        machine.let_agent(works=bool(asked["agent"]))
    machine.pass_time(seconds)
