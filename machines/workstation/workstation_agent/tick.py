"""One tick: look, decide, and tell CloudWatch and people, or switch the workstation off."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from machine_use import aws, boot, terminals
from machine_use import memory as memory_file
from workstation_agent import instance_store, memory, metadata, settings, words
from workstation_agent.decision import Decision, decide
from workstation_agent.look import look
from workstation_agent.memory import Memory
from workstation_agent.settings import Settings

NAMESPACE, METRIC = "mlstack/Workstation", "IdleMinutes"
INSTANCE = "var/lib/cloud/data/instance-id"
STATE, LAST = boot.RUN / "state.json", boot.RUN / "last.json"
BEAT_S = 300.0
"""How often CloudWatch hears of the agent, which costs money."""
EARLY_S = 30.0
"""A heartbeat may be so much too early, that the next tick does not make it late."""
SHUTDOWN = ("shutdown", "-P", "now")
FORCED = ("systemctl", "poweroff", "--force")
PROGRAM_S = 20.0


def main() -> int:
    """Tick once; with the word `check` only say whether the agent could. 2 where it cannot."""
    told = settings.read()
    if sys.argv[1:] != ["check"]:
        return tick(told)
    try:
        name, region = instance(told)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"the agent does not know its instance: {error}; see {told.root / INSTANCE}\n")
        return 2
    sys.stdout.write(f"mlstack watches {name} in {region}\n")
    return 0


def tick(told: Settings) -> int:
    """Look, decide, act; 1 where something outside did not do its part. What must stop sends no heartbeat."""
    decision = _judged(told)
    remembered, now = decision.memory, decision.memory.looked
    if decision.stop:
        return _stop(told, decision)
    if decision.left_s is not None:
        _tell(told, words.warning(told, decision, loses=instance_store.is_mounted(told.root)))
        remembered = dataclasses.replace(remembered, told=time.time())
    code = 0
    if remembered.beaten is None or now - remembered.beaten >= BEAT_S - EARLY_S:
        try:
            name, region = instance(told)
            aws.call(told.root, "cloudwatch", "put-metric-data", region, heartbeat(name, decision))
            remembered = dataclasses.replace(remembered, beaten=now)
        except Exception as error:  # noqa: BLE001 (the next tick tries again, and the belts outside act on silence)
            _say(f"no heartbeat: {type(error).__name__}: {error}")
            code = 1
    if remembered != decision.memory:
        _save(told, remembered)
    return code


def instance(told: Settings) -> tuple[str, str]:
    """The instance's id and region: as cloud-init and the settings know them, else as EC2 says.

    Raises:
        OSError: where nobody says.
        ValueError: where EC2 knows of none.
    """
    try:
        name = (told.root / INSTANCE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        name = ""
    name = name or metadata.told(told.metadata, "instance-id") or ""
    region = told.region or metadata.told(told.metadata, "placement/region") or ""
    if not name or not region:
        message = "EC2 names no instance or no region"
        raise ValueError(message)
    return name, region


def heartbeat(name: str, decision: Decision) -> dict[str, Any]:
    """The metric, without a date: CloudWatch's own clock is right. What is kept awake is not idle."""
    minutes = 0.0 if decision.kept_s else round(decision.idle_s / 60, 1)
    return {
        "Namespace": NAMESPACE,
        "MetricData": [{"MetricName": METRIC, "Dimensions": [{"Name": "InstanceId", "Value": name}], "Value": minutes}],
    }


def _judged(told: Settings) -> Decision:
    """Decide by what is remembered; where nothing is, by two looks, since work shows only between two."""
    now = boot.boot(told.root)
    before = memory.load(told.root / STATE, now.id, now.uptime)
    if before is None:
        before = decide(memory.at_start(now.id, now.installed, now.uptime), look(told), told, now.uptime).memory
        before = dataclasses.replace(before, idle_warned_s=math.inf, warned_s=math.inf, told=0.0)  # nobody was
        time.sleep(told.second_look_s)
        now = boot.boot(told.root)
    seen = look(told)
    decision = decide(before, seen, told, now.uptime)
    if before.stopping is not None:
        decision = dataclasses.replace(decision, stop="it was told to shut down, and still runs", is_forced=True)
    for error in (*told.errors, *seen.errors):
        _say(f"not readable, so no sign of use: {error}")
    _say(words.summary(decision))
    _save(told, dataclasses.replace(decision.memory, stopping=now.uptime if decision.stop else None))
    with suppress(OSError):
        _write(told.root / LAST, words.last(decision))
    return decision


def _stop(told: Settings, decision: Decision) -> int:
    """Switch off: by the gentle way once, by the other where that failed, now or a tick ago."""
    _tell(told, words.farewell(told, decision))
    ways = (FORCED,) if decision.is_forced else (SHUTDOWN, FORCED)
    return 0 if any(_worked(program) for program in ways) else 1


def _worked(program: Sequence[str]) -> bool:
    try:
        subprocess.run(program, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROGRAM_S)
    except (OSError, subprocess.SubprocessError) as error:
        _say(f"{' '.join(program)}: {error}")
        return False
    return True


def _tell(told: Settings, message: str) -> None:
    with suppress(OSError):
        terminals.tell(told.root, message)


def _save(told: Settings, remembered: Memory) -> None:
    path = told.root / STATE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)  # people read their file in it
        memory_file.save(path, remembered)
    except OSError as error:
        _say(f"nothing can be remembered: {error}")


def _write(path: Path, told: Mapping[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(told) + "\n", encoding="utf-8")
    new.chmod(0o644)
    new.replace(path)


def _say(text: str) -> None:
    """To the journal, which has the date."""
    sys.stdout.write(f"mlstack: {text}\n")
