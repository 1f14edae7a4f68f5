"""What the months of a judge come to: the figures that are printed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.idle.judges import judges
from bench.idle.machine import HARDWARE
from bench.idle.month import HOUR, month
from bench.idle.replay import Account, replay
from catalogue import prices

REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Hours and USD are of an average month; stops are counted in all of them together."""

    paid_hours: float
    idle_hours: float
    idle_periods: float
    idle_minutes_mean: float
    idle_minutes_worst: int
    stops: int
    false_stops: int
    false_stops_by_kind: Mapping[str, int]
    work_hours_lost: float
    """Done in vain, and not done."""
    work_hours_in_vain: float
    """The first of the two: back to the last checkpoint."""
    usd: float
    idle_usd: float
    saved_percent: float
    """Of what is paid where nobody stops it."""


def figures(accounts: Sequence[Account], unstopped: Sequence[Account], usd_per_hour: float) -> Figures:
    """Of one judge, against the same months without any."""
    months = len(accounts)
    periods = [period for account in accounts for period in account.idle_periods]
    minutes, otherwise = sum(each.paid for each in accounts), sum(each.paid for each in unstopped)
    paid, idle = minutes / HOUR / months, sum(periods) / HOUR / months
    kinds: Counter[str] = sum((Counter(each.ended) for each in accounts), Counter())
    return Figures(
        paid_hours=paid,
        idle_hours=idle,
        idle_periods=len(periods) / months,
        idle_minutes_mean=sum(periods) / len(periods) if periods else 0.0,
        idle_minutes_worst=max(periods, default=0),
        stops=sum(each.stops for each in accounts),
        false_stops=sum(each.false_stops for each in accounts),
        false_stops_by_kind=dict(kinds.most_common()),
        work_hours_lost=sum(each.lost + each.undone for each in accounts) / HOUR / months,
        work_hours_in_vain=sum(each.lost for each in accounts) / HOUR / months,
        usd=paid * usd_per_hour,
        idle_usd=idle * usd_per_hour,
        saved_percent=100 * (otherwise - minutes) / otherwise,
    )


def measure(months: int, instance_type: str = "g5.xlarge") -> Mapping[str, Figures]:
    """Replay so many months under every judge; the last of them never stops anything."""
    price = prices.usd_per_hour("ec2", instance_type, REGION)
    if price is None:
        message = f"the price of {instance_type} is not known"
        raise ValueError(message)
    drawn = [month(seed) for seed in range(months)]
    accounts = {judge.name: [replay(each, judge, HARDWARE[instance_type]) for each in drawn] for judge in judges()}
    unstopped = [*accounts.values()][-1]
    return {name: figures(found, unstopped, float(price)) for name, found in accounts.items()}
