"""What a workstation costs while it runs, and while it is off, in words for people."""

from catalogue import prices
from stacks.workstation_settings import Workstation


def running_price(settings: Workstation, region: str) -> str:
    """By the hour, with its public address."""
    hour = prices.usd_per_hour("ec2", settings.instance_type, region)
    address = prices.usd("public_ipv4_hour", region)
    if hour is None or address is None:
        return f"a price not known here for {settings.instance_type}"
    total = hour + (address.usd if settings.internet else 0)
    limit = "at most " if settings.market == "spot" else ""
    return f"{limit}${total:.4g} an hour"


def off_price(settings: Workstation, region: str) -> str:
    """By the month, with its alarm; nothing but the alarm is left of one that is terminated."""
    alarm = prices.usd("alarm_month", region)
    disk = prices.gp3_month(settings.volume_gb, settings.volume_iops, settings.volume_mibps, region)
    if alarm is None or disk is None:
        return f"a price not known here for {settings.volume_gb} GB"
    if settings.on_idle == "terminate":
        return f"${alarm.usd:.2f} a month for its alarm"
    return f"${disk + alarm.usd:.2f} a month for {settings.volume_gb} GB and an alarm"
