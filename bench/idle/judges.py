"""Who says when the workstation stops: the agent, and what is commonly used in its place."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from bench.idle.machine import Machine
from bench.idle.month import DAY, HOUR
from workstation_agent.decision import decide
from workstation_agent.memory import Memory, at_start
from workstation_agent.settings import Settings

AGENT, CPU_ALARM, GPU_ALARM = "agent, 30 min", "CPU alarm, 30 min", "GPU alarm, 30 min"
SHIPPED = "agent, 24 h, 07:00"
"""With the outer belts of a profile that says nothing of them."""
NOBODY = "nobody stops it"
WINDOW = 5
"""Minutes: the period of an alarm, as EC2 publishes CPUUtilization without detailed monitoring."""
LOW_PERCENT = 5.0
FOREVER_S = 40 * DAY * 60.0


class Judge(Protocol):
    """It is asked at the end of every minute in which the machine runs."""

    @property
    def name(self) -> str:
        """For the table."""

    def start(self) -> None:
        """The machine has been started."""

    def stops(self, machine: Machine, minute: int) -> bool:
        """Whether the machine stops now."""


class Agent:
    """The agent's own decision at every tick, a minute apart; Linux has forgotten everything after a boot.

    ``longest_hours`` is the maximum lifetime, ``daily`` the minute of the day of the hard stop; neither asks for use.
    """

    def __init__(self, name: str, *, longest_hours: float | None = None, daily: int | None = None) -> None:
        self.name = name
        self._settings = Settings(longest_s=longest_hours * 3600 if longest_hours else FOREVER_S)
        self._daily = daily
        self._memory: Memory | None = None

    def start(self) -> None:
        """Know nothing."""
        self._memory = None

    def stops(self, machine: Machine, minute: int) -> bool:
        """Look, decide, and write to the terminals if people should hear of it."""
        if self._daily is not None and (minute + 1) % DAY == self._daily:
            return True
        now = machine.uptime(minute)
        if now <= 0:
            return False
        before = self._memory or at_start("boot", 0.0, now)
        decision = decide(before, machine.seen(minute), self._settings, now)
        self._memory = decision.memory
        if decision.left_s is not None:
            machine.write(minute)
        return decision.stop is not None


class Alarm:
    """Alarms of CloudWatch on averages of five minutes, all of which must be low for so long.

    They are given the best case: a figure is there at once, and a window in which the machine was off is no low one.
    """

    def __init__(self, name: str, minutes: int, *, cpu: bool = False, gpu: bool = False) -> None:
        self.name, self._cpu, self._gpu = name, cpu, gpu
        self._windows: deque[bool] = deque(maxlen=minutes // WINDOW)
        self._seen: list[Sequence[float]] = []

    def start(self) -> None:
        """There is no data of before."""
        self._windows.clear()
        self._seen.clear()

    def stops(self, machine: Machine, minute: int) -> bool:
        """Take the minute's figures in, and judge at the end of a window."""
        figures = [machine.cpu_percent] if self._cpu else []
        self._seen.append([*figures, *machine.gpu_percents] if self._gpu else figures)
        if (minute + 1) % WINDOW:
            return False
        averages = [sum(each) / len(self._seen) for each in zip(*self._seen, strict=True)]
        self._seen.clear()
        self._windows.append(max(averages) < LOW_PERCENT)
        return len(self._windows) == self._windows.maxlen and all(self._windows)


class Nobody:
    """The machine runs until somebody thinks of it, which nobody does."""

    name = NOBODY

    def start(self) -> None:
        """Do nothing."""

    def stops(self, _machine: Machine, _minute: int) -> bool:
        """Never."""
        return False


def judges() -> list[Judge]:
    """All of them, new."""
    return [
        Agent(AGENT),
        Agent(SHIPPED, longest_hours=24, daily=7 * HOUR),
        Agent("agent, 12 h", longest_hours=12),
        Agent("agent, 22:00", daily=22 * HOUR),
        Alarm(CPU_ALARM, 30, cpu=True),
        Alarm("CPU alarm, 60 min", 60, cpu=True),
        Alarm(GPU_ALARM, 30, gpu=True),
        Alarm("GPU alarm, 60 min", 60, gpu=True),
        Alarm("both alarms, 30 min", 30, cpu=True, gpu=True),
        Nobody(),
    ]
