"""What the agent says: to the journal, on the terminals, and in a file for whoever asks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from workstation_agent import instance_store
from workstation_agent.decision import Decision
from workstation_agent.settings import TICK_S, Settings

ENDS = {"stop": "stops", "terminate": "is TERMINATED with its disk"}


def warning(told: Settings, decision: Decision, *, loses: bool = False) -> str:
    """How long it may still run, why, and what a person can do; and whether it has disks that a stop empties."""
    left_s = max(decision.left_s or 0.0, TICK_S)  # the next tick, at which it ends, is that far
    minutes, end = round(left_s / 60), _date(left_s)
    what = f"This workstation {ENDS[told.on_idle]} in {minutes} minute{'s' if minutes > 1 else ''}, at {end:%H:%M} UTC"
    if loses:
        what += f", and what lies in {instance_store.FOLDER} is lost"
    if decision.is_idle:
        idle_minutes = decision.idle_s / 60
        return f"{what}: nobody has used it for {idle_minutes:.0f} minutes. Type something, or run: keep-awake 2h"
    return f"{what}: it may run for {told.longest_s / 3600:g} hours at a time. Save your work; start it again to go on."


def farewell(told: Settings, decision: Decision) -> str:
    """Said just before."""
    return f"This workstation {ENDS[told.on_idle]} now: {decision.stop}"


def summary(decision: Decision) -> str:
    """The decision in a line."""
    said = f"idle for {decision.idle_s / 60:.1f} min (last use: {decision.memory.use})"
    if decision.stop:
        return f"{said}; stopping: {decision.stop}"
    kept = f"; kept awake for {decision.kept_s / 60:.0f} min" if decision.kept_s else ""
    return f"{said}{kept}; {decision.ends_s / 60:.0f} min left"


def last(decision: Decision) -> dict[str, Any]:
    """The decision for people and programs. Dates are of the machine's clock, in UTC."""
    return {
        "at": _text(0.0),
        "idle_minutes": round(decision.idle_s / 60, 1),
        "last_use": decision.memory.use,
        "left_minutes": round(decision.ends_s / 60, 1),
        "kept_until": _text(decision.kept_s) if decision.kept_s else None,
        "stop": decision.stop,
    }


def _text(ahead_s: float) -> str:
    return f"{_date(ahead_s):%Y-%m-%dT%H:%M:%SZ}"


def _date(ahead_s: float) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=ahead_s)
