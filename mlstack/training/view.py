"""How the progress of a run is shown: bars in a terminal, plain lines without one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Protocol

from rich import progress as bars
from rich.markup import escape
from rich.table import Column

from mlstack.console import err
from mlstack.text import printable

TOLD_EVERY_S = 30.0
"""How often a line without a terminal tells what only its numbers changed in."""


class View(Protocol):
    """What is told of a run."""

    def began(self, step: str, since: datetime | None = None) -> None:
        """Tell that a step has begun; where nobody knows since when, at this moment."""

    def now(self, status: str, numbers: str) -> None:
        """Tell how the step's job is, and what it has reached."""

    def ended(self, *, well: bool, at: datetime | None = None) -> None:
        """Tell that the step has ended; where nobody knows when, at this moment."""


class Bars:
    """A line for each step with its time; the last one turns."""

    def __init__(self, shown: bars.Progress) -> None:
        self._shown = shown
        self._task: bars.TaskID | None = None
        self._step = ""

    def began(self, step: str, since: datetime | None = None) -> None:
        """Begin a line."""
        self._step = escape(printable(step))
        self._task = self._shown.add_task(self._step, total=1, now="")
        if since:
            self._shown.tasks[-1].start_time = self._on_clock(since)

    def now(self, status: str, numbers: str) -> None:
        """Say it in the line."""
        if self._task is not None:
            told = escape(printable("  ".join(part for part in (status, numbers) if part)))
            self._shown.update(self._task, now=told)

    def ended(self, *, well: bool, at: datetime | None = None) -> None:
        """End the line."""
        if self._task is not None:
            if at:
                self._shown.tasks[-1].stop_time = self._on_clock(at)
            mark = "[green]✓[/]" if well else "[red]✗[/]"
            self._shown.update(self._task, completed=1, description=f"{mark} {self._step}")

    def _on_clock(self, moment: datetime) -> float:
        """A moment on the clock that the lines go by; none lies ahead, whatever the clock of AWS says."""
        return self._shown.get_time() - max((now() - moment).total_seconds(), 0)


class Lines:
    """A line for each step and each status, and the numbers now and then."""

    def __init__(self) -> None:
        self._status = self._told = ""
        self._has_numbers = False
        self._next_at = 0.0

    def began(self, step: str, since: datetime | None = None) -> None:  # noqa: ARG002 - lines have no clock
        """Tell it."""
        err.print(printable(step), markup=False)
        self._status = self._told = ""
        self._has_numbers = False

    def now(self, status: str, numbers: str) -> None:
        """Tell it where it is news."""
        told = "  ".join(part for part in (status, numbers) if part)
        is_first = bool(numbers) and not self._has_numbers
        is_due = is_first or status != self._status or monotonic() >= self._next_at
        if told == self._told or not is_due:
            return
        self._status, self._told, self._next_at = status, told, monotonic() + TOLD_EVERY_S
        self._has_numbers = bool(numbers)
        err.print(f"  {printable(told)}", markup=False)

    def ended(self, *, well: bool, at: datetime | None = None) -> None:  # noqa: ARG002 - as above
        """Tell it where it is no good news; the next step tells the other."""
        if not well:
            err.print("  failed", markup=False)


class Spoken:
    """Everything as lines to whoever shows them."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._step = ""

    def began(self, step: str, since: datetime | None = None) -> None:  # noqa: ARG002 - as above
        """Tell it."""
        self._step = step
        self._tell(step)

    def now(self, status: str, numbers: str) -> None:
        """Tell it, with its step."""
        self._tell("  ".join(part for part in (self._step, status, numbers) if part))

    def ended(self, *, well: bool, at: datetime | None = None) -> None:  # noqa: ARG002 - as above
        """Tell it where it is no good news."""
        if not well:
            self._tell(f"{self._step}  failed")


@contextmanager
def shown() -> Iterator[View]:
    """The view that fits where the command runs."""
    if not err.is_terminal:
        yield Lines()
        return
    columns = (
        bars.SpinnerColumn(finished_text=""),
        bars.TextColumn("{task.description}"),
        bars.TimeElapsedColumn(),
        bars.TextColumn("[cyan]{task.fields[now]}[/]", table_column=Column(no_wrap=True, ratio=1)),
    )
    with bars.Progress(*columns, console=err, expand=True) as progress:  # what is said last is cut, and nothing else
        yield Bars(progress)


def now() -> datetime:
    """The time now."""
    return datetime.now(UTC)
