"""The signs that somebody, or something that somebody started, uses the workstation.

What is merely open is no sign: an SSH session, VS Code, a silent container. The system's own upkeep is none either: its
processes are no person's, and its traffic is over before it has lasted long enough to count. (A login is one, but
counts less: it has its own module.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from machine_use import use
from workstation_agent.gauges import GAUGES, KIB
from workstation_agent.memory import Memory
from workstation_agent.observation import Observation

FREE_STORAGE = 8 * KIB
"""Bytes a second that a process may move while it does nothing, such as a database that writes its log."""
OWN_S = (-10.0, 30.0)
"""What is written to a terminal so near to the agent's own message may be that message: Linux dates it to 8 seconds."""


def signs(before: Memory, seen: Observation, levels: Mapping[str, float], now: float) -> Iterator[tuple[float, str]]:
    """When, in seconds since boot, and what; by the gauges' levels of now."""
    yield from use.signs(before, dataclasses.replace(seen, processes=None), now)  # those are judged here
    look = use.Look(before, seen, now)
    yield from _output(before, seen, look)
    found = rates(before, seen, now)
    what = {
        "processes": f"process {look.work()[1]} works",
        "storage": "a process reads or writes much",
        "network": "much comes or goes over the network",
    }
    for name, gauge in GAUGES.items():
        if gauge.shows(levels.get(name, 0.0), found[name]):
            yield now, what[name]


def levels(before: Memory, seen: Observation, now: float) -> dict[str, float]:
    """Of the gauges, after this look."""
    found, span = rates(before, seen, now), max(now - before.looked, 0.0)
    return {name: gauge.level(before.levels.get(name, 0.0), found[name], span) for name, gauge in GAUGES.items()}


def rates(before: Memory, seen: Observation, now: float) -> dict[str, float]:
    """Since the last look, of what the gauges measure; 0 where one of the two looks could not see it."""
    work, _ = use.Look(before, seen, now).work()
    span = now - before.looked
    if span <= 0:
        return dict.fromkeys(GAUGES, 0.0)
    return {"processes": work, "storage": _storage(before, seen, span), "network": _network(before, seen, span)}


def _output(before: Memory, seen: Observation, look: use.Look) -> Iterator[tuple[float, str]]:
    """Use by programs that write to their terminal: not by shells, not by what shows what others do, not by us."""
    programs = [each for each in (seen.processes or {}).values() if each.on_terminal]
    devices = {each.terminal for each in programs if each.name not in use.SHELLS | use.WATCHERS}
    for device, moment in seen.output.items():
        is_own = OWN_S[0] <= moment - before.told <= OWN_S[1]
        if not is_own and devices & {device, ""}:
            yield from look.dated(before.output.get(device), moment, "a program writes to a terminal")


def _storage(before: Memory, seen: Observation, span: float) -> float:
    """Bytes a second beyond what processes move that do nothing."""
    known = before.storage_bytes
    if known is None or seen.storage_bytes is None:
        return 0.0
    found = ((moved - known.get(key, 0.0)) / span - FREE_STORAGE for key, moved in seen.storage_bytes.items())
    return sum(rate for rate in found if rate > 0)


def _network(before: Memory, seen: Observation, span: float) -> float:
    """Bytes a second; 0 where less is counted than before, as an interface has gone."""
    if before.network_bytes is None or seen.network_bytes is None:
        return 0.0
    return max(seen.network_bytes - before.network_bytes, 0.0) / span
