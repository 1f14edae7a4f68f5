"""Which of a machine's units run now: those that its boot wants, its timers let, or somebody asked for."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mlstack.local.machine import unit
from mlstack.local.machine.programs.systemctl import ACTIVE, ASKED
from mlstack.local.machine.unit import Service, Timer

LOCAL_S = 60.0
"""What happens so often on a machine happens every few seconds here, whatever its own clock says."""
LONGEST_S = 290.0
MASKED = "systemd/masked"
TIMER, SERVICE = ".timer", ".service"


@dataclass
class Systemd:
    """One boot's."""

    folder: Path
    tick_s: float
    """How long real seconds are waited between two runs of what runs at least once a minute."""
    _ran: dict[str, tuple[float, float]] = field(default_factory=dict)
    """The uptime and the real time of each timer's last run."""

    @property
    def _units(self) -> Path:
        return self.folder / "root" / unit.FOLDER

    def boot(self) -> list[str]:
        """Forget the boot of before, start the timers that are enabled, and name the services that are."""
        for name in (ACTIVE, ASKED):
            place = self.folder / name
            place.mkdir(parents=True, exist_ok=True)
            for left in place.iterdir():
                left.unlink()
        self._ran.clear()
        root = self.folder / "root"
        for name in unit.wanted(root, "timers.target"):
            (self.folder / ACTIVE / name).write_text("0")
        return [name for name in unit.wanted(root, "multi-user.target") if name.endswith(SERVICE)]

    def mask(self, name: str, *, masked: bool) -> None:
        """Let a timer do nothing, whoever enables it, until it is unmasked."""
        place = self.folder / MASKED / name
        if masked:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        else:
            place.unlink(missing_ok=True)

    def timers(self) -> list[str]:
        """Those that are active."""
        there = [one.name for one in _listed(self.folder / ACTIVE) if one.name.endswith(TIMER)]
        return [name for name in there if not (self.folder / MASKED / name).exists()]

    def due(self, uptime: float, now: float, running: Container[str] = ()) -> Iterator[str]:
        """The services to run at this uptime, and this real time in seconds; one that still runs is due at its end."""
        for name in self.timers():
            service = name.removesuffix(TIMER) + SERVICE
            if service in running:
                continue
            started = float((self.folder / ACTIVE / name).read_text() or 0)
            timer = unit.timer((self._units / name).read_text(encoding="utf-8"))
            if self._is_due(name, timer, started, uptime, now):
                self._ran[name] = uptime, now
                yield service
        for one in _listed(self.folder / ASKED):
            one.unlink()
            yield one.name

    def _is_due(self, name: str, timer: Timer, started: float, uptime: float, now: float) -> bool:
        ran = self._ran.get(name)
        if ran is None:
            return uptime + LOCAL_S >= timer.next(started, None)  # a minute is not waited for
        is_frequent = timer.every_s <= LOCAL_S and now - ran[1] >= self.tick_s
        return is_frequent or uptime >= timer.next(started, ran[0])

    def service(self, name: str) -> Service | None:
        """What a service runs; nothing where it is not there or its conditions are not met."""
        place = self._units / name
        if not place.is_file():
            return None
        found = unit.service(place.read_text(encoding="utf-8"), LONGEST_S)
        return found if unit.met(found.conditions, self.folder / "root") else None


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
