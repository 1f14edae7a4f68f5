"""What an endpoint costs in a month in which nobody asks it."""

from dataclasses import dataclass

from catalogue import prices
from catalogue.instance_types import instance_type

FREE = "$0.00 a month"


@dataclass(frozen=True, kw_only=True, slots=True)
class IdleUse:
    """What runs, or is watched, whether anybody asks or not."""

    instances: int = 0
    instance_type: str | None = None
    alarm_metrics: int = 0
    """How many metrics alarms watch, those that a scaling policy makes for itself too."""


def idle_price(use: IdleUse, region: str) -> str:
    """In words for people, by the list prices of the region, without free tiers."""
    alarm = prices.usd("alarm_month", region)
    hour = prices.usd_per_hour("hosting", use.instance_type, region) if use.instance_type and use.instances else None
    parts = [f"{use.instances} x {use.instance_type}"] if use.instances else []
    parts += [f"{use.alarm_metrics} alarm{'s' if use.alarm_metrics > 1 else ''}"] if use.alarm_metrics else []
    if not parts:
        return FREE
    what = " and ".join(parts)
    # How large SageMaker makes them, AWS says only in a table of its own; each is some dollars a month.
    disks = ", and their disks" if use.instance_type and not instance_type(use.instance_type).local_storage else ""
    if (use.instances and hour is None) or (use.alarm_metrics and alarm is None):
        return f"not known in {region} ({what}){disks}"
    total = (prices.monthly(hour) * use.instances if hour else 0) + (alarm.usd * use.alarm_metrics if alarm else 0)
    return f"${total:,.2f} a month ({what}){disks}"
