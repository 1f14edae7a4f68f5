"""Where the command line writes: rich in a terminal, plain lines without one."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table

PLAIN_WIDTH = 200  # a pipe has no width; nothing is cut for it


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=True, width=None if stream.isatty() else PLAIN_WIDTH)


out = _console(stderr=False)
err = _console(stderr=True)


def grid(title: str) -> Table:
    """An empty table: with lines in a terminal, columns alone without one."""
    lines = box.HEAVY_HEAD if out.is_terminal else None
    return Table(title=title, title_justify="left", box=lines, pad_edge=out.is_terminal)
