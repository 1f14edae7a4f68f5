"""A workstation that runs: its counters, what the agent sees of them, and what CloudWatch sees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bench.idle import upkeep
from bench.idle.activity import SSH, Activity, Minute, Place
from bench.idle.upkeep import BOOT_M, IDLE_CPU, IDLE_NET, Upkeep
from machine_use.observation import Gpu, Kernel, Process
from workstation_agent.observation import Observation

EPOCH = 1_800_000_000.0
"""The date of the month's first minute."""
KERNEL_M = 1
"""Minutes from the start of an instance until its Linux begins to count."""
TTY_S = 8.0
"""Linux dates a terminal's use to this."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """An instance type, as far as it matters here."""

    name: str
    vcpus: int
    gpus: int


HARDWARE = {each.name: each for each in (Hardware("g5.xlarge", 4, 1), Hardware("p4d.24xlarge", 96, 8))}


class _Program:
    """An activity on a machine that runs."""

    __slots__ = (
        "activity",
        "connections",
        "cpu_s",
        "device",
        "is_shell",
        "keys",
        "moved",
        "now",
        "ran",
        "shown",
        "typed",
    )

    def __init__(self, activity: Activity, number: int, device: str, date: float) -> None:
        self.activity, self.device = activity, device
        self.keys = [f"{number}{place:02} {date}" for place in range(activity.processes)]
        self.is_shell = activity.program in {"bash", "sh"}
        self.connections, self.cpu_s, self.moved = 0, 0.0, 0.0
        self.now = Minute()
        self.typed = self.shown = self.ran = date

    def do(self, minute: int, date: float) -> None:
        """Go on for a minute that begins at this date."""
        self.now = now = self.activity.at(minute)
        self.cpu_s += now.cpu * 60
        self.moved += now.disk * 60
        self.connections += now.connects
        if now.typed:
            self.typed = _dated(date + 40)
        if now.shown:
            self.shown = _dated(date + 55)
        if now.ran:
            self.ran = date + 50


def _dated(date: float) -> float:
    return date - date % TTY_S


class Machine:
    """It is off until it is started."""

    def __init__(self, seed: int, hardware: Hardware) -> None:
        self.hardware = hardware
        self.booted: int | None = None
        self.cpu_percent = 0.0
        """CPUUtilization of the last minute."""
        self.gpu_percents: list[float] = []
        """Of each GPU in the last minute."""
        self._upkeep = Upkeep(seed)
        self._programs: list[_Program] = []
        self._number, self._saves, self._net = 0, 0, 0.0
        self._gpus: list[Gpu] = []

    @property
    def is_on(self) -> bool:
        """Whether it is paid."""
        return self.booted is not None

    def start(self, minute: int) -> None:
        """Boot."""
        self.booted, self._net = minute, 0.0
        self._upkeep.boot(minute)
        self.begin([upkeep.boot(minute)], minute)

    def stop(self) -> list[Activity]:
        """Switch off, and say what was going on."""
        going = [each.activity for each in self._programs]
        self.booted, self._programs = None, []
        return going

    def begin(self, activities: Iterable[Activity], minute: int) -> None:
        """Let these go on from this minute; a terminal's name is the lowest that is free."""
        for activity in activities:
            taken = {each.device for each in self._programs}
            device = next(name for name in map(str, range(99)) if name not in taken)
            self._number += 1
            on_terminal = activity.place is Place.TERMINAL
            self._programs.append(_Program(activity, self._number, device if on_terminal else "", _date(minute)))

    def go_on(self, minute: int) -> bool:
        """Pass a minute; say whether the workstation was needed in it."""
        booted = self.booted or 0
        self.begin(self._upkeep.beginning(minute), minute)
        self._programs = [each for each in self._programs if each.activity.end > minute]
        cpu, net, gpu, gpu_now, held = IDLE_CPU, IDLE_NET, 0.0, self._upkeep.blips.get(minute, 0.0), 0.0
        is_needed, is_up, date = False, minute - booted >= BOOT_M, _date(minute)
        for each in self._programs:
            activity = each.activity
            is_needed = is_needed or activity.is_needed
            if not is_up and activity.place is not Place.SYSTEM:
                continue
            each.do(minute, date)
            now = each.now
            cpu += now.cpu
            net += now.net
            self._saves += now.saved
            gpu, gpu_now, held = gpu + now.gpu, max(gpu_now, now.gpu_now), held + now.gpu_mib
        self._net += net * 60
        self.cpu_percent = min(100.0, cpu * 100 / self.hardware.vcpus)
        others = self.hardware.gpus - 1
        self.gpu_percents = [min(gpu, 100.0), *[0.0] * others]
        self._gpus = [Gpu(gpu_now, held), *[Gpu(0.0, 0.0)] * others]
        return is_needed

    def write(self, minute: int) -> None:
        """The agent writes to every terminal at the minute's end."""
        for each in self._programs:
            each.shown = _dated(_date(minute + 1))

    def uptime(self, minute: int) -> float:
        """At the minute's end, in seconds; negative before Linux counts."""
        return 60.0 * (minute + 1 - (self.booted or 0) - KERNEL_M)

    def seen(self, minute: int) -> Observation:
        """What the agent finds at the minute's end."""
        programs = [each for each in self._programs if each.activity.place is not Place.SYSTEM]
        on_terminal = [each for each in programs if each.device]
        shares = [(each, key) for each in programs for key in each.keys]
        ends = [each.activity.end for each in programs if each.activity.is_kept]
        processes = {**dict(_processes(programs)), **dict(_sessions(self._programs))}
        return Observation(
            clock=_date(minute + 1),
            kernels={
                each.keys[0]: Kernel(each.now.runs, each.ran)
                for each in programs
                if each.activity.place is Place.KERNEL
            },
            keystrokes={each.device: each.typed for each in on_terminal},
            processes=processes,
            gpus=self._gpus,
            files=str(self._saves),
            output={each.device: max(each.shown, each.typed) for each in on_terminal},
            storage_bytes={
                **dict.fromkeys(processes, 0.0),
                **{key: each.moved / len(each.keys) for each, key in shares},
            },
            network_bytes=self._net,
            kept_until=_date(max(ends)) if ends else 0.0,
            tagged_until=0.0,
        )


def _processes(programs: list[_Program]) -> Iterator[tuple[str, Process]]:
    yield "1 1", Process("systemd", 0.3, on_terminal=False)
    for each in programs:
        on_terminal, share, name = bool(each.device), each.cpu_s / len(each.keys), each.activity.program
        for key in each.keys:
            yield key, Process(name, share, on_terminal, each.device)
        if on_terminal and not each.is_shell:
            yield f"0{each.keys[0]}", Process("bash", 0.2, on_terminal=True, terminal=each.device)


def _sessions(programs: list[_Program]) -> Iterator[tuple[str, Process]]:
    """What serves the connections: sshd as root and as the person, or one process of Session Manager."""
    for each in programs:
        name = each.activity.service
        for place in range((2 if name == SSH else 1) if name else 0):
            yield f"8{each.keys[0]} {each.connections} {place}", Process(name, 0.02, on_terminal=False)


def _date(minute: int) -> float:
    return EPOCH + 60.0 * minute
