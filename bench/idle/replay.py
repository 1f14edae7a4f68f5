"""A month under a judge: what is paid, how much of it for nothing, and what was stopped while it was needed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.idle.activity import Activity
from bench.idle.judges import Judge
from bench.idle.machine import Hardware, Machine
from bench.idle.month import LENGTH, Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Of one month; times in minutes."""

    paid: int
    idle_periods: Sequence[int]
    """How long the machine ran without need, each time until it was needed again or stopped."""
    stops: int
    false_stops: int
    """Stops while it was needed."""
    ended: Mapping[str, int]
    """By kind of use, how many of them ended it; one may end several kinds."""
    lost: int
    """Work done in vain, back to its last checkpoint."""
    undone: int
    """Work not done, because what did it was ended."""

    @property
    def idle(self) -> int:
        """Paid for nothing, in all."""
        return sum(self.idle_periods)


def replay(month: Month, judge: Judge, hardware: Hardware) -> Account:
    """Live through it; whatever needs the workstation starts it, and so does who does not come.

    What a false stop ends is not begun again, but a person comes back with the next thing that she does.
    """
    machine = Machine(month.seed, hardware)
    returns: defaultdict[int, list[Activity]] = defaultdict(list)
    boots, paid, stops, false_stops, lost, undone = set(month.unused_boots), 0, 0, 0, 0, 0
    periods, kinds = [0], Counter[str]()
    for minute in range(LENGTH):
        due = [*month.beginning.get(minute, ()), *returns.pop(minute, ())]
        if not machine.is_on and (minute in boots or any(each.is_needed for each in due)):
            machine.start(minute)
            judge.start()
        if not machine.is_on:
            continue
        machine.begin(due, minute)
        if machine.go_on(minute):
            periods.append(0)
        else:
            periods[-1] += 1
        paid += 1
        if not judge.stops(machine, minute):
            continue
        stops += 1
        periods.append(0)
        ended = [each for each in machine.stop() if each.is_needed and each.end > minute + 1]
        false_stops += bool(ended)
        kinds.update(sorted({each.kind for each in ended}))
        for each in ended:
            if not each.is_attended:
                lost += each.lost(minute + 1)
                undone += each.end - minute - 1
            elif (back := each.next_act(minute + 1)) is not None:
                returns[back].append(each)
    return Account(
        paid=paid,
        idle_periods=[each for each in periods if each],
        stops=stops,
        false_stops=false_stops,
        ended=dict(kinds),
        lost=lost,
        undone=undone,
    )
