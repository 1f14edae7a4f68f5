"""Brings a machine from whatever it does to where a person wants it: running, or stopped."""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from typing import Protocol, TypeVar

from mlstack.clock import span
from mlstack.errors import UserError
from mlstack.patience import Patience

POLL_S = 5.0
Ask = Callable[[], bool]
"""Asks AWS for the change; False where the machine is not in a state to be asked."""
Tell = Callable[[str], None]


class Move(Enum):
    """The next move."""

    DONE = auto()
    ASK = auto()
    """Ask AWS for it."""
    WAIT = auto()


class View(Protocol):
    """How a machine is at one moment."""

    @property
    def status(self) -> str:
        """What a person reads."""
        ...


Seen = TypeVar("Seen", bound=View)
Sight_co = TypeVar("Sight_co", bound=View, covariant=True)
Course = Callable[[Seen, Seen | None], Move]
"""The next move, by how the machine is now, and how it was when the change was asked for, None where it was not."""


class Traveller(Protocol[Sight_co]):
    """What travels."""

    @property
    def shown(self) -> str:
        """What a person reads, such as notebook mlstack-sandbox."""
        ...

    @property
    def look(self) -> str:
        """The command that shows what becomes of it."""
        ...

    def seen(self) -> Sight_co:
        """How it is now."""
        ...


def travel(traveller: Traveller[Seen], course: Course[Seen], ask: Ask, patience: Patience, tell: Tell) -> Seen:
    """Follow a course to its end; gives how the machine is then.

    Raises:
        UserError: where it cannot get there, or not while the patience lasts.
    """
    before: Seen | None = None
    while True:
        now = traveller.seen()
        try:
            move = course(now, before)
        except UserError as error:
            message = f"{traveller.shown}: {error}"
            raise UserError(message) from error
        if move is Move.DONE:
            return now
        if move is Move.ASK and ask():
            before = now
            continue  # a small AWS, such as the local one, is there at once
        tell(f"{now.status}, {span(timedelta(seconds=patience.waited_s))}")
        if not patience.wait(POLL_S):
            message = (
                f"{traveller.shown} is still {now.status} after {span(timedelta(seconds=patience.limit_s))}; "
                f"`{traveller.look}` shows what becomes of it"
            )
            raise UserError(message)
