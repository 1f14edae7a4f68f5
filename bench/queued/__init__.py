"""A month of a service that sleeps while nobody asks: how long requests wait, and what it costs, beside one always on.

A simulation of events: requests, SQS's metrics, alarms and steps as the template has them, tasks and instances that
start slowly and are taken away. What is not measured is assumed; `assumptions.py` says what each figure rests on.

The package is not called `queue`: `python bench/run.py` has this folder on its path, before Python's own `queue`.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "lambda")]
