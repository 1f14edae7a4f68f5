"""What is printed: a line for each judge, what it stopped, and what a month cannot show."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from bench.idle import WORST_AIM
from bench.idle.figures import Figures
from bench.idle.month import DAYS, month

SHOWN_KINDS = 3
COLUMNS: Mapping[str, str] = {
    "paid h a month": "{0.paid_hours:.0f}",
    "idle h a month": "{0.idle_hours:.0f}",
    "idle min, mean": "{0.idle_minutes_mean:.0f}",
    "worst min": "{0.idle_minutes_worst}",
    "false stops, all months": "{0.false_stops}",
    "work lost h a month": "{0.work_hours_lost:.0f}",
    "USD a month": "{0.usd:.0f}",
    "saved %": "{0.saved_percent:.0f}",
}
LIMITS = (
    "What only sleeps and polls, under nohup or in VS Code, is invisible; it is in the month only with `keep-awake`.",
    "So is one whose traffic is no more than an open browser tab's, and that writes and shows nothing.",
    "Logins alone hold nothing for long: what copies a few small files every few minutes needs `keep-awake`, too.",
    "What hangs and looks busy (a cell without end, a deadlock that spins) is taken for work; it is not in the month.",
    "The maximum lifetime and the daily stop ask nobody: they end what runs longer, or at that hour.",
    "Alarms are given the best case: figures without delay, and a restart as soon as somebody needs the machine.",
    "What a stop ends is not begun again: where less is paid than the work took, less was done.",
    "Nothing of this was measured: the docstrings in bench/idle say what each kind of use rests on.",
)


def show(found: Mapping[str, Figures], months: int, instance_type: str, console: Console) -> None:
    """Print the table, what each judge stopped most, and what the month cannot show."""
    needed = sum(month(seed).needed_hours for seed in range(months)) / months
    title = f"{months} months of {DAYS} days on {instance_type}, needed for {needed:.0f} h of {24 * DAYS} h each"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=0, show_edge=False)
    table.add_column("judge", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right", min_width=max(map(len, column.split())))
    for name, each in found.items():
        table.add_row(name, *(form.format(each) for form in COLUMNS.values()))
    console.print(table)
    met = [name for name, each in found.items() if not each.false_stops and each.idle_minutes_worst < WORST_AIM]
    aim = f"Aim: no false stop, and no idle period of {WORST_AIM} minutes; met by: {'; '.join(met) or 'none'}."
    console.print(f"{aim}\n", highlight=False)
    for name, each in found.items():
        kinds = [f"{kind} {count}" for kind, count in each.false_stops_by_kind.items()]
        if kinds:
            most = ", ".join(kinds[:SHOWN_KINDS])
            console.print(f"{name}: stopped {len(kinds)} kinds of use, most often {most}", highlight=False)
    console.print()
    for limit in LIMITS:
        console.print(f"- {limit}", highlight=False)
