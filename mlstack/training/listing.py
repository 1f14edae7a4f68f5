"""What is listed as one row each, and in a terminal too narrow for that as a few lines each."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from mlstack.console import grid, out
from mlstack.text import printable

LEAST = 16
"""In letters: what a column with several words keeps at least."""
LINES = 4
"""How many a long cell is folded into."""
AROUND = 3
"""In letters, what a column takes for its lines and its edges."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    line: int
    """On which line of an entry it stands, where there is no room for columns."""
    right: bool = False
    """It holds numbers, which say nothing without its name."""


def listing(title: str, columns: Sequence[Column], found: Sequence[Sequence[str]]) -> Table:
    """A row each where the terminal has room for it, else a few lines each; no word is cut that fits into a line."""
    rows = [[printable(cell) for cell in row] for row in found]
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    needed = sum(_needed((one.name, *column)) + AROUND for one, column in zip(columns, cells, strict=True)) + 1
    if out.is_terminal and needed > out.width:
        return _stacked(title, columns, rows)
    table = grid(escape(printable(title)))
    for one, column in zip(columns, cells, strict=True):
        is_word = all(" " not in cell for cell in column)
        table.add_column(one.name, justify="right" if one.right else "left", no_wrap=is_word, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _stacked(title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Table:
    table = grid(escape(printable(title)))
    table.show_lines = True
    table.add_column(_joined(columns, [one.name for one in columns], 0), overflow="fold")
    for row in rows:
        lines = [_joined(columns, row, line) for line in range(max(one.line for one in columns) + 1)]
        table.add_row(escape("\n".join(line for line in lines if line)))
    return table


def _joined(columns: Sequence[Column], cells: Sequence[str], line: int) -> str:
    shown = [(one, cell) for one, cell in zip(columns, cells, strict=True) if one.line == line and cell]
    return "  ".join(f"{one.name} {cell}" if one.right and cell != one.name else cell for one, cell in shown)


def _needed(cells: Sequence[str]) -> int:
    """How wide a column must be for its cells to be read with ease."""
    longest = max(map(len, cells))
    word = max(len(word) for cell in cells for word in cell.split() or [""])
    return min(longest, max(word, LEAST, -(-longest // LINES)))
