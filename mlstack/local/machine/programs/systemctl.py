"""The machine's `systemctl`: units are enabled by links, as systemd does it, and started by whoever runs the machine.

Run with the machine's folder before the arguments of systemctl(1). A service is started without waiting for its end.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

UNITS = Path("root/etc/systemd/system")
ACTIVE, ASKED = "systemd/active", "systemd/asked"
UNKNOWN = 5
"""systemctl's code for a unit that is not there."""
NOT_ACTIVE = 3


def main(folder: Path, arguments: Sequence[str]) -> int:
    """Do what is asked."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words:
        return _unknown(arguments)
    verb, names = words[0], [name if "." in name else f"{name}.service" for name in words[1:]]
    if verb in {"poweroff", "halt"}:
        plan = folder / "power.json"
        plan.write_text(json.dumps({"at": 0.0, "said": f"systemctl {' '.join(arguments)}"}))
        return 0
    if verb in {"daemon-reload", "reset-failed"}:
        return 0
    acts = {
        "disable": _disable,
        "enable": _enable,
        "is-active": _is_active,
        "is-enabled": _is_enabled,
        "restart": _start,
        "start": _start,
        "stop": _stop,
    }
    if verb not in acts:
        return _unknown(arguments)
    missing = [name for name in names if not (folder / UNITS / name).is_file()]
    if missing:
        sys.stderr.write(f"Unit {missing[0]} could not be found.\n")
        return UNKNOWN
    also = {"enable": _start, "disable": _stop}.get(verb) if "--now" in arguments else None
    return max([act(folder, name) for act in (acts[verb], also) if act for name in names], default=0)


def _unknown(arguments: Sequence[str]) -> int:
    sys.stderr.write(f"systemctl: the local AWS's machines do not know: {' '.join(arguments)}\n")
    return 1


def _targets(folder: Path, name: str) -> list[str]:
    lines = (folder / UNITS / name).read_text().splitlines()
    return [target for line in lines if line.startswith("WantedBy=") for target in line.partition("=")[2].split()]


def _links(folder: Path, name: str) -> list[Path]:
    return [folder / UNITS / f"{target}.wants" / name for target in _targets(folder, name)]


def _enable(folder: Path, name: str) -> int:
    for link in _links(folder, name):
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(f"../{name}")
    return 0


def _disable(folder: Path, name: str) -> int:
    for link in _links(folder, name):
        link.unlink(missing_ok=True)
    return 0


def _start(folder: Path, name: str) -> int:
    """A timer that is active stays as it is; a service runs once more."""
    place = folder / (ACTIVE if name.endswith(".timer") else ASKED) / name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text((folder / "root/proc/uptime").read_text().split()[0])
    return 0


def _stop(folder: Path, name: str) -> int:
    (folder / ACTIVE / name).unlink(missing_ok=True)
    return 0


def _is_active(folder: Path, name: str) -> int:
    active = (folder / ACTIVE / name).exists()
    sys.stdout.write("active\n" if active else "inactive\n")
    return 0 if active else NOT_ACTIVE


def _is_enabled(folder: Path, name: str) -> int:
    links = _links(folder, name)
    enabled = bool(links) and all(link.is_symlink() for link in links)
    sys.stdout.write("enabled\n" if enabled else "disabled\n")
    return 0 if enabled else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
