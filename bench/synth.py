"""How long a synthesis takes, against an empty CDK app in Python in the same run."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EMPTY = "import aws_cdk as cdk\napp = cdk.App()\ncdk.Stack(app, 'Empty')\napp.synth()\n"


@dataclass(frozen=True, slots=True)
class Run:
    """One synthesis in a process of its own."""

    seconds: float
    peak_mib: float
    """The largest resident set of the Python process and its Node child."""


def measure(rounds: int) -> dict[str, Run]:
    """The median run of each app; they take turns, so that a busy machine slows both alike."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        apps = {"empty": empty, "full": ROOT / "app.py"}
        runs: dict[str, list[Run]] = {name: [] for name in apps}
        for turn in range(rounds + 1):
            for name, app in apps.items():
                run = _synthesize(app, folder)
                if turn:  # the first turn fills the caches
                    runs[name].append(run)
    return {name: sorted(made, key=lambda run: run.seconds)[len(made) // 2] for name, made in runs.items()}


def _synthesize(app: Path, folder: str) -> Run:
    environment = os.environ | {"CDK_VALIDATION": "false", "CDK_OUTDIR": f"{folder}/{app.stem}.out"}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, str(app)], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{app} ended with {process.returncode}"
        raise RuntimeError(message)
    kib = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Run(seconds, kib / 1024)
