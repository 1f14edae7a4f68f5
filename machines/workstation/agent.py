"""Ticks once: `python3 -I agent.py`; with the word `check` only says whether the agent could."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "shared")]

from workstation_agent.tick import main  # noqa: E402 (the bundle's folders are on the path only now)

if __name__ == "__main__":
    sys.exit(main())
