"""The training and the evaluation of a task: processes of their own, so that the task can look after them."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from training.stop import Stop

LOOK_S = 0.2
PATIENCE_S = 110
"""ECS kills the container 120 seconds after SIGTERM; where only the task's own time is over, nobody else would."""


@dataclass(frozen=True, slots=True)
class Child:
    """``python -m training COMMAND`` in a folder, which gets SIGTERM as soon as it is to end."""

    environment: Mapping[str, str]
    folder: Path
    stop: Stop
    patience_s: float = PATIENCE_S

    def run(self, command: str, look: Callable[[], None]) -> int:
        """Run it; its exit code. ``look`` is called again and again meanwhile."""
        # -P: what lies in the folder, downloaded from anywhere, is no place to import from.
        words = [sys.executable, "-P", "-m", "training", command]
        with subprocess.Popen(words, env=self._told(), cwd=self.folder) as process:
            waited = 0.0
            while True:
                try:
                    return process.wait(LOOK_S)
                except subprocess.TimeoutExpired:
                    look()
                if not self.stop.asked():
                    continue
                if not waited:
                    process.terminate()
                waited += LOOK_S
                if waited > self.patience_s:
                    process.kill()

    def _told(self) -> Mapping[str, str]:
        """The environment, with a base that is the folder: then checkpoints name no path of this very task."""
        source = str(Path(__file__).parents[1])
        path = self.environment.get("PYTHONPATH", "")
        told = {"SAGEMAKER_BASE_DIR": ".", "PYTHONPATH": f"{source}:{path}" if path else source}
        return {**self.environment, **told}
