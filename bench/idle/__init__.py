"""A replay of a month's use of GPU workstations: what the agent makes of it, and what simpler judges do.

Nothing in the month was measured: it is drawn from what is known of the programs, and each kind of use says in its
docstring what it rests on and what is assumed. All judges are given the same month.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("lambda", "machines/shared", "machines/workstation")]

WORST_AIM = 45
"""Minutes for which no idle period may be paid."""
