"""Whole days on a notebook instance, without an instance: what people and programs do, as the agent sees it."""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from machine_use.memory import at_start
from machine_use.observation import Gpu, Kernel, Observation, Process
from notebook_agent.decision import Decision, decide
from notebook_agent.settings import Settings

MINUTE, HOUR = 60.0, 3600.0
MIDNIGHT = 1_795_000_000.0
"""The date of the boot."""
INSTALLED = 90.0
"""The uptime when on_start.sh ran."""
Clock = Callable[[float], float]
"""From seconds since boot to the date that the machine believes in."""


def right(uptime: float) -> float:
    """A clock that never jumps."""
    return MIDNIGHT + uptime


@dataclass(frozen=True)
class Span:
    """From when to when, in seconds since boot, something goes on."""

    begin: float
    end: float

    def holds(self, now: float) -> bool:
        return self.begin <= now < self.end

    def last(self, now: float) -> float | None:
        """The last moment of it up to now."""
        return min(now, self.end) if now >= self.begin else None


def _latest(spans: Sequence[Span], now: float) -> float | None:
    return max((last for span in spans if (last := span.last(now)) is not None), default=None)


@dataclass(frozen=True)
class Day:
    """What goes on, hour by hour; on top of it everything that is merely open."""

    cells: Sequence[Span] = ()
    """A notebook's kernel runs them."""
    typing: Sequence[Span] = ()
    """Somebody types in a terminal."""
    writing: Sequence[Span] = ()
    """Somebody edits a notebook and runs nothing; Jupyter saves it every two minutes."""
    jobs: Mapping[Span, float] = field(default_factory=dict)
    """Programs under nohup, without kernel or terminal, and their share of a core."""
    terminal_jobs: Mapping[Span, float] = field(default_factory=dict)
    """Programs in a terminal that write to it all the time, and their share of a core."""
    gpu: Sequence[Span] = ()
    watcher: Span = Span(0, 0)
    """`watch nvidia-smi` in a terminal: it writes, and takes a fifth of a core."""
    idle_kernels: int = 3
    """Open and forgotten since the first minute; each takes half a percent of a core."""

    def uses(self) -> list[Span]:
        """Everything that is use."""
        return [*self.cells, *self.typing, *self.writing, *self.jobs, *self.terminal_jobs, *self.gpu]

    def last_use(self, now: float) -> float:
        return max(INSTALLED, _latest(self.uses(), now) or 0.0)

    def seen(self, now: float, clock: Clock = right) -> Observation:
        """What a look finds."""
        processes = {
            **{f"{number} 1": Process("python", now * 0.005, on_terminal=False) for number in range(self.idle_kernels)},
            "50 1": Process("bash", 0.1, on_terminal=True),
            **dict(self._programs(now)),
        }
        running = any(span.holds(now) for span in self.cells)
        ran = _latest(self.cells, now)
        kernels = {
            f"idle-{number}": Kernel(is_busy=False, last_activity=clock(60)) for number in range(self.idle_kernels)
        }
        typed, shown = _latest(self.typing, now), _latest([*self.typing, *self.terminal_jobs, self.watcher], now)
        saved = _latest(self.writing, now)
        return Observation(
            clock=clock(now),
            kernels=kernels if ran is None else {**kernels, "used": Kernel(running, clock(ran))},
            terminals={"1": clock(INSTALLED if shown is None else shown)},
            keystrokes={"0": clock(INSTALLED if typed is None else typed)},
            processes=processes,
            gpus=[Gpu(97.0 if any(span.holds(now) for span in self.gpu) else 0.0, 4000.0), Gpu(0.0, 300.0)],
            files=f"saved {None if saved is None else saved // 120}",
        )

    def _programs(self, now: float) -> Iterator[tuple[str, Process]]:
        shares = [(span, share, "python", False) for span, share in self.jobs.items()]
        shares += [(span, share, "python", True) for span, share in self.terminal_jobs.items()]
        shares += [(self.watcher, 0.2, "watch", True)]
        for number, (span, share, name, on_terminal) in enumerate(shares, 100):
            if span.holds(now):
                yield f"{number} {span.begin}", Process(name, (now - span.begin) * share, on_terminal)


def blind(seen: Observation, signals: Collection[str]) -> Observation:
    """A look that could not read these signals."""
    nothing = Observation(clock=seen.clock)
    errors = [f"{signal}: OSError" for signal in signals]
    return replace(seen, errors=errors, **{signal: getattr(nothing, signal) for signal in signals})


def ticks(every: Sequence[float] = (300.0,)) -> Iterator[float]:
    """When the timer ticks: a minute after the installation, and then at these intervals, over and over."""
    now = INSTALLED + 60
    for interval in itertools.cycle(every):
        yield now
        now += interval


def live(
    day: Day,
    settings: Settings,
    *,
    every: Sequence[float] = (300.0,),
    unread: Callable[[int], Collection[str]] = lambda _number: (),
    clock: Clock = right,
) -> tuple[float, Decision]:
    """Tick until the instance is stopped; say when, in seconds since boot, and by which decision."""
    first = INSTALLED + 40
    memory = decide(at_start("boot", INSTALLED, first), day.seen(first, clock), settings, first).memory
    for number, now in enumerate(ticks(every)):
        decision = decide(memory, blind(day.seen(now, clock), unread(number)), settings, now)
        if decision.stop:
            return now, decision
        memory = decision.memory
    raise AssertionError
