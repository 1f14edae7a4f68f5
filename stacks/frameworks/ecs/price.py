"""What containers cost: a task by the hour, and what stays while none runs."""

from collections.abc import Iterable
from decimal import Decimal

from catalogue import fargate, prices
from stacks.ecs_settings import Service, TrainingTask

ALARMS = 4
"""Metrics that a service's alarms watch: what waits; and what waits, is in hand or was sent."""
DOOR_ALARMS = 5
"""Those that a load balancer adds: who asks, twice who was turned away, and twice how busy tasks are."""
MONTHS_HOURS = prices.HOURS_A_MONTH
ADDRESSES = 2
"""Of a load balancer that faces the internet: one in each of at least two zones."""
FIREWALL_RULES = 4


def fargate_hour(
    vcpu: float, memory_gb: float, architecture: str, region: str, *, storage_gb: int = 0
) -> Decimal | None:
    """A task on demand, without a public address; None where the price is not known."""
    kind = {"arm64": "arm", "x86_64": "x86"}[architecture]
    names = (f"fargate_{kind}_vcpu_hour", f"fargate_{kind}_gb_hour", "fargate_storage_gb_hour")
    amounts = (Decimal(str(vcpu)), Decimal(str(memory_gb)), Decimal(max(0, storage_gb - fargate.FREE_STORAGE_GB)))
    return _total(zip(names, amounts, strict=True), region)


def service_hour(settings: Service, region: str, *, internet: bool) -> str | None:
    """A service's task for an hour, at most: on Spot it is less."""
    task = fargate_hour(settings.vcpu, settings.memory_gb, settings.architecture, region)
    address = prices.usd("public_ipv4_hour", region)
    return None if task is None or address is None else f"{task + (address.usd if internet else 0):.4f}"


def training_hour(settings: TrainingTask, region: str) -> str | None:
    """A run for an hour, at most: on the dearest type that it may get, or on Fargate."""
    if settings.accelerator == "cpu":
        hour = fargate_hour(settings.vcpu, settings.memory_gb, "x86_64", region, storage_gb=settings.storage_gb)
        return f"{hour:.4f}" if hour else None
    hours = [prices.usd_per_hour("ec2", name, region) for name in settings.instance_types]
    known = [hour for hour in hours if hour is not None]
    disk = prices.gp3_month(settings.storage_gb, prices.FREE_IOPS, prices.FREE_MIBPS, region)
    address = prices.usd("public_ipv4_hour", region)
    if len(known) < len(hours) or disk is None or address is None:
        return None
    return f"{max(known) + address.usd + disk / MONTHS_HOURS:.4f}"


def idle_price(settings: Service, region: str, *, internet: bool) -> str:
    """What a service costs in a month in which nobody asks, in words for people."""
    alarm = prices.usd("alarm_month", region)
    metrics = ALARMS + (DOOR_ALARMS if settings.load_balancer else 0)
    what = [f"{metrics} alarm metrics"]
    total = alarm.usd * metrics if alarm else None
    if settings.min_tasks:
        hour = service_hour(settings, region, internet=internet)
        what.append(f"{settings.min_tasks} tasks" if settings.min_tasks > 1 else "1 task")
        total = _plus(total, Decimal(hour) * MONTHS_HOURS * settings.min_tasks if hour else None)
    if settings.load_balancer:
        what.append("a load balancer")
        total = _plus(total, _door(settings, region))
    shown = f"not known in {region}" if total is None else f"${total:,.2f} a month"
    return f"{shown} ({', '.join(what)})"


def _door(settings: Service, region: str) -> Decimal | None:
    if settings.load_balancer is None:
        return Decimal(0)
    wanted = [("load_balancer_hour", Decimal(MONTHS_HOURS))]
    if settings.load_balancer.internet:
        wanted.append(("public_ipv4_hour", Decimal(MONTHS_HOURS * ADDRESSES)))
    if settings.load_balancer.firewall:
        wanted += [("web_acl_month", Decimal(1)), ("web_acl_rule_month", Decimal(FIREWALL_RULES))]
    return _total(wanted, region)


def _total(wanted: Iterable[tuple[str, Decimal]], region: str) -> Decimal | None:
    total: Decimal | None = Decimal(0)
    for name, amount in wanted:
        price = prices.usd(name, region)
        total = _plus(total, price.usd * amount if price else None)
    return total


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
