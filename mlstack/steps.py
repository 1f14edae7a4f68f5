"""Progress of a long command: one line a step, with its time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape

from mlstack.console import err

LONGEST = 100


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show ``title`` while the step runs; the value it gives takes the tool's own lines as they come."""
    started = time.monotonic()
    with err.status(escape(title)) as status:

        def tell(line: str) -> None:
            status.update(f"{escape(title)} [dim]{escape(line.strip()[:LONGEST])}[/]")

        yield tell
    err.print(f"[green]✓[/] {escape(title)} [dim]({time.monotonic() - started:.1f} s)[/]")
