"""What EC2 has no capacity for: nothing is missing until a test says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from moto.ec2.exceptions import EC2ClientError

EVERY = "*"
NO_CAPACITY = "InsufficientInstanceCapacity"


@dataclass
class Supply:
    """The instance types that are missing, on each of the two markets."""

    _missing: dict[str, frozenset[str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def set(self, market: str, types: frozenset[str]) -> None:
        """Let these types, or every one by a star, be missing from now on, and no other."""
        with self._lock:
            self._missing[market] = types

    def told(self) -> dict[str, list[str]]:
        """What is missing."""
        with self._lock:
            return {market: sorted(self._missing.get(market, ())) for market in ("spot", "on-demand")}

    def check(self, whole: Mapping[str, Any]) -> None:
        """Raise EC2's error for a launch that there is nothing for."""
        spot = (whole.get("InstanceMarketOptions") or {}).get("MarketType") == "spot"
        wanted = str(whole.get("InstanceType", "m1.small"))
        with self._lock:
            missing = self._missing.get("spot" if spot else "on-demand", frozenset())
        if not missing & {wanted, EVERY}:
            return
        message = "There is no Spot capacity available that matches your request."
        if not spot:
            message = (
                f"We currently do not have sufficient {wanted} capacity in the Availability Zone you requested. Our "
                "system will be working on provisioning additional capacity."
            )
        raise EC2ClientError(NO_CAPACITY, message)


SUPPLY = Supply()
"""The server's own."""
