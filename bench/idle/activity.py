"""What a person or a program does on a workstation, minute by minute."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from random import Random

KIB, MIB = 1024.0, 1024.0 * 1024.0
SSH, SESSION_MANAGER = "sshd", "ssm-session-wor"
GPU_WIDTH = 15.0
"""How far a moment's utilisation of a working GPU lies from its average, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """What an activity does in one minute; averages, but for what is said to be a moment."""

    cpu: float = 0.0
    """Cores."""
    gpu: float = 0.0
    """Percent, of each GPU that it works with."""
    gpu_now: float = 0.0
    """The same at the minute's end, when nvidia-smi is asked."""
    gpu_mib: float = 0.0
    """Held in each of those GPUs."""
    disk: float = 0.0
    """Bytes a second, read and written."""
    net: float = 0.0
    """Bytes a second, in and out."""
    typed: bool = False
    """Something was typed in its terminal."""
    shown: bool = False
    """Its program wrote to its terminal."""
    saved: bool = False
    """A notebook or source in a home was saved."""
    ran: bool = False
    """Its kernel ran something."""
    runs: bool = False
    """Its kernel runs something at the minute's end."""
    connects: bool = False
    """Its connection is made anew."""

    @property
    def is_act(self) -> bool:
        """Whether a person did something, who would start the workstation for it."""
        return self.typed or self.saved or self.ran


class Place(Enum):
    """Where a program lives, which says by what the agent can see it."""

    SYSTEM = auto()
    """A service of the system: only what it does to the whole machine is seen."""
    BACKGROUND = auto()
    """Without a terminal: nohup, a container, VS Code's server."""
    TERMINAL = auto()
    """In a terminal of SSH, Session Manager, tmux or Jupyter."""
    KERNEL = auto()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Activity:
    """Something that goes on from one minute to another."""

    kind: str
    minutes: Sequence[Minute]
    begin: int = 0
    """Minutes since the month began."""
    program: str = "python"
    place: Place = Place.BACKGROUND
    is_needed: bool = True
    """Whether the workstation is needed for it: it is work, or a person is at it."""
    is_attended: bool = False
    """Whether a person is at it, who would start a stopped workstation again and go on."""
    processes: int = 1
    """Among how many its CPU is divided."""
    checkpoint: int = 0
    """Every how many minutes it saves its state, if it does."""
    service: str = ""
    """What serves its connection, if it has one: sshd, in two processes, or Session Manager's worker."""
    is_kept: bool = False
    """Whether somebody asked that the workstation stay awake until its end."""
    lasts: int | None = None
    """For how many minutes, where that is longer than `minutes`, which then repeat."""

    @property
    def end(self) -> int:
        """The first minute in which it is over."""
        return self.begin + (len(self.minutes) if self.lasts is None else self.lasts)

    def at(self, minute: int) -> Minute:
        """What it does in a minute of the month."""
        return self.minutes[(minute - self.begin) % len(self.minutes)]

    def next_act(self, minute: int) -> int | None:
        """When the person does something again."""
        return next((later for later in range(minute, self.end) if self.at(later).is_act), None)

    def lost(self, minute: int) -> int:
        """How many minutes of its work are lost when the workstation stops at its minute."""
        done = minute - self.begin
        return done % self.checkpoint if self.checkpoint else done


def chance(rng: Random, part: float) -> bool:
    """Whether something happens that happens so often."""
    return rng.random() < part


def steady(rng: Random, count: int, like: Minute) -> list[Minute]:
    """So many minutes of the same work, a fifth more or less in each."""
    return [
        replace(
            like,
            cpu=like.cpu * rng.uniform(0.8, 1.2),
            gpu=(percent := min(100.0, like.gpu * rng.uniform(0.8, 1.2))),
            gpu_now=min(100.0, max(0.0, rng.gauss(percent, GPU_WIDTH))) if like.gpu else 0.0,
            disk=like.disk * rng.uniform(0.8, 1.2),
            net=like.net * rng.uniform(0.8, 1.2),
        )
        for _ in range(count)
    ]


def starved(rng: Random, count: int, *, cpu: float, gpu_mib: float, disk: float) -> list[Minute]:
    """Minutes in which a GPU mostly waits for data: a batch now and then, so that a moment's look finds 0 or much."""
    return [
        Minute(
            cpu=cpu * rng.uniform(0.8, 1.2),
            gpu=rng.uniform(1.0, 4.0),
            gpu_now=rng.uniform(60.0, 95.0) if chance(rng, 1 / 25) else 0.0,
            gpu_mib=gpu_mib,
            disk=disk * rng.uniform(0.8, 1.2),
        )
        for _ in range(count)
    ]
