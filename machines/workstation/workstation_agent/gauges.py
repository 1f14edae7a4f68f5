"""Whether something goes on, by a figure that is never quite 0: work lasts, and noise comes and goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from machine_use.use import BUSY_SHARE

KIB, MIB = 1024.0, 1024.0 * 1024.0
LONGEST_S = 120.0
"""So much of the time between two looks counts: an average over more of it says nothing of any moment."""


@dataclass(frozen=True)
class Gauge:
    """A vessel with a leak. What flows in is the rate of something; only a full vessel says that it goes on."""

    busy: float
    """The rate from which on there may be work."""
    full: float
    """The level at which it is believed, and above which nothing is held: soon after work, noise is noise again."""
    leak: float
    """What leaks at a lower rate, so that pauses and single bursts run off. At a higher one it is half of `busy`."""
    most: float = float("inf")
    """The rate that flows in at most, where a burst, however large, is to say no more than its length does."""

    def level(self, before: float, rate: float, span: float) -> float:
        """The level after a span of seconds with this rate on average."""
        flow = min(rate, self.most) - (self.busy / 2 if rate >= self.busy else self.leak)
        return min(max(before + flow * min(span, LONGEST_S), 0.0), self.full)

    def shows(self, level: float, rate: float) -> bool:
        """Whether there is work at this level, reached with this rate."""
        return rate >= self.busy and level >= self.full


NETWORK = 32 * KIB
"""Bytes a second: a forgotten tab of JupyterLab, `top` over SSH and the agents of AWS need less, all together."""
GAUGES: Mapping[str, Gauge] = {
    # Cores: an editor that looks for updates, or a line of cron that finds nothing to do, takes up to 4.5 CPU seconds,
    # and both may at once. It leaks as much as work has to bring, so that a TensorBoard of 3 % of a core, left open,
    # does not hold the level between such bursts; and work in bursts fills it too if it comes to `busy` on average
    "processes": Gauge(busy=BUSY_SHARE, full=9.0, leak=BUSY_SHARE),
    # A database that nobody asks writes its checkpoint in less than a minute
    "storage": Gauge(busy=64 * KIB, most=192 * KIB, full=16 * MIB, leak=64 * KIB),
    # An upgrade fetches its packages as fast as it can, in less than three minutes
    "network": Gauge(busy=NETWORK, most=NETWORK, full=180 * NETWORK / 2, leak=NETWORK / 2),
}
AT_START = {name: gauge.full for name, gauge in GAUGES.items()}
"""Where nothing is remembered, what goes on counts as if it had lasted."""
