"""One tick: look, decide, and tell CloudWatch that the agent lives, or stop the instance."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from machine_use import aws, boot, memory, terminals
from notebook_agent import settings
from notebook_agent.decision import Decision, decide
from notebook_agent.look import look
from notebook_agent.settings import Settings

NAMESPACE, METRIC = "mlstack/Notebook", "IdleMinutes"
METADATA = "opt/ml/metadata/resource-metadata.json"
LOG = "var/log/jupyter.log"
"""SageMaker brings this file to CloudWatch; the journal has the lines too."""


def main() -> int:
    """Tick once; with the word `check` only say whether the agent could."""
    told = settings.read()
    if sys.argv[1:] == ["check"]:
        name, region = instance(told.root)
        sys.stdout.write(f"mlstack watches {name} in {region}\n")
        return 0
    return tick(told)


def tick(told: Settings) -> int:
    """Look, decide, act; anything but 0 where AWS did not do its part. What must stop has no heartbeat."""
    decision = _judged(told)
    if decision.left_s is not None:
        with suppress(OSError):
            terminals.tell(told.root, _warning(told, decision.left_s))
    try:
        name, region = instance(told.root)
        if decision.stop:
            _say(told.root, f"stopping: {decision.stop}")
            aws.call(told.root, "sagemaker", "stop-notebook-instance", region, {"NotebookInstanceName": name})
        else:
            aws.call(told.root, "cloudwatch", "put-metric-data", region, heartbeat(name, decision.idle_s))
    except Exception as error:  # noqa: BLE001 (the next tick tries again, and without heartbeat the belt outside acts)
        _say(told.root, f"failed: {type(error).__name__}: {error}")
        return 1
    return 0


def instance(root: Path) -> tuple[str, str]:
    """The notebook instance's name and region."""
    told = json.loads((root / METADATA).read_text(encoding="utf-8"))
    return str(told["ResourceName"]), str(told["ResourceArn"]).split(":")[3]


def _judged(told: Settings) -> Decision:
    """Decide by what is remembered; where nothing is, by two looks, since work shows only between two."""
    path, now = told.root / boot.RUN / "state.json", boot.boot(told.root)
    before = memory.load(path, now.id, now.uptime, memory.Memory)
    if before is None:
        before = decide(memory.at_start(now.id, now.installed, now.uptime), look(told), told, now.uptime).memory
        time.sleep(told.second_look_s)
        now = boot.boot(told.root)
    seen = look(told)
    decision = decide(before, seen, told, now.uptime)
    _say(told.root, f"idle for {decision.idle_s / 60:.1f} min (last use: {decision.memory.use})")
    for error in seen.errors:
        _say(told.root, f"not readable, so no sign of use: {error}")
    try:
        memory.save(path, decision.memory)
    except OSError as error:
        _say(told.root, f"nothing can be remembered: {error}")
    return decision


def heartbeat(name: str, idle_s: float) -> dict[str, Any]:
    """The metric, without a date: CloudWatch's own clock is right."""
    return {
        "Namespace": NAMESPACE,
        "MetricData": [
            {
                "MetricName": METRIC,
                "Dimensions": [{"Name": "NotebookInstanceName", "Value": name}],
                "Value": round(idle_s / 60, 1),
            }
        ],
    }


def _warning(told: Settings, left_s: float) -> str:
    end = datetime.now(timezone.utc) + timedelta(seconds=left_s)
    return (
        f"This notebook instance stops in {left_s / 60:.0f} minutes, at {end:%H:%M} UTC: it may run for"
        f" {told.longest_s / 3600:g} hours at a time. Save your work; start it again to go on."
    )


def _say(root: Path, text: str) -> None:
    line = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ} mlstack: {text}\n"
    sys.stdout.write(line)
    if (root / LOG).exists():
        with suppress(OSError), (root / LOG).open("a", encoding="utf-8", errors="replace") as log:
            log.write(line)
