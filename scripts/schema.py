"""Write config/schema.json, which gives editors completion and checks for profiles."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stacks import config  # noqa: E402  # the project's root is on the path only now

(ROOT / "config" / "schema.json").write_text(json.dumps(config.schema(), indent=2) + "\n", encoding="utf-8")
