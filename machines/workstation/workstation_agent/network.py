"""What came and went over the network."""

from __future__ import annotations

from pathlib import Path

HEADINGS = 2
RECEIVED, SENT = 0, 8
INSIDE = ("lo", "br-", "docker", "veth", "virbr", "cni", "flannel", "tun", "tap", "wg", "tailscale")
"""The beginnings of names of interfaces inside the machine: what leaves it passes another one too."""


def moved(proc: Path) -> float:
    """Bytes through all interfaces that lead out of the machine, both ways, since the boot."""
    lines = (proc / "net/dev").read_text(encoding="ascii", errors="replace").splitlines()[HEADINGS:]
    counts = {name.strip(): told.split() for name, _, told in (line.partition(":") for line in lines)}
    outer = [told for name, told in counts.items() if not name.startswith(INSIDE)]
    return float(sum(int(told[RECEIVED]) + int(told[SENT]) for told in outer))
