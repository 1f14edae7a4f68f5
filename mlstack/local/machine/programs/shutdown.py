"""The machine's `shutdown`: it writes down when the machine ends, and whoever runs the machine ends it then.

Run with the machine's folder before the arguments of shutdown(8).
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

FILE = "power.json"
NOW = ("now", "+0")
MINUTES = re.compile(r"\+?(\d+)")
MINUTE_S = 60.0


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Plan the machine's end, or drop the plan."""
    flags = {word for word in arguments if word.startswith("-")}
    times = [word for word in arguments if not word.startswith("-")]
    plan = folder / FILE
    if "-c" in flags:
        plan.unlink(missing_ok=True)
        return 0
    said = times[0] if times else "+1"
    found = MINUTES.fullmatch(said)
    if flags - {"-P", "-h", "-H", "--poweroff", "--halt", "--no-wall"} or (said not in NOW and found is None):
        sys.stderr.write(f"shutdown: the local AWS's machines do not know: {' '.join(arguments)}\n")
        return 1
    uptime = float((folder / "root/proc/uptime").read_text().split()[0])
    at = uptime if said in NOW or found is None else uptime + int(found[1]) * MINUTE_S
    new = folder / f".{FILE}"
    new.write_text(json.dumps({"at": at, "said": f"shutdown {' '.join(arguments)}"}))
    new.replace(plan)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
