"""Waits until the agent has told CloudWatch of itself, and then until CloudWatch tells that to others.

CloudFormation makes the alarm that ends a silent machine once the boot is over. A new alarm acts on the first thing
that it finds, and a new metric shows late: without this it would end a machine that has just come up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

STATE = Path("run/mlstack/state.json")
"""The agent's own memory of this boot."""
JOURNAL = ("journalctl", "--unit=mlstack-workstation.service", "--lines=20", "--no-pager", "--output=cat")
JOURNAL_S = 20.0
LOOKS = 300
PAUSE_S = float(os.environ.get("MLSTACK_PAUSE_S", "1"))
VISIBLE_S = float(os.environ.get("MLSTACK_PAUSE_S", "180"))
"""How long a new metric may take until it can be read, and a minute more."""


def main(root: Path) -> int:
    """Say that it was heard; anything but 0, and the agent's own last words, where it was not."""
    for _ in range(LOOKS):
        if is_heard(root / STATE):
            sys.stdout.write("mlstack: CloudWatch hears the agent; the alarm can be made when others can read that\n")
            sys.stdout.flush()
            time.sleep(VISIBLE_S)
            return 0
        time.sleep(PAUSE_S)
    sys.stderr.write(f"mlstack: the agent could not tell CloudWatch of itself in {LOOKS * PAUSE_S:.0f} s; it says:\n")
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            JOURNAL, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=JOURNAL_S
        )
        sys.stderr.write(said.stdout)
    return 1


def is_heard(state: Path) -> bool:
    """Whether CloudWatch has taken a heartbeat in this boot."""
    try:
        told = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("beaten") is not None


if __name__ == "__main__":
    sys.exit(main(Path(os.environ.get("MLSTACK_ROOT") or "/")))
