"""What `mlstack workstation status --json` tells of a workstation."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mlstack.clock import iso
from mlstack.price import HourlyPrice, number
from mlstack.workstation.report import Report


def record(report: Report) -> Mapping[str, Any]:
    """What a script reads of it."""
    machine, settings, uptime = report.machine, report.workstation.settings, report.uptime
    usd: Decimal | None = uptime.usd if uptime else None
    return {
        "name": report.workstation.name,
        "stage": report.workstation.target.stage,
        "status": report.state,
        "reason": (machine.reason if machine else "") or None,
        "went_off_at": iso(report.went_off.at if report.went_off else None),
        "went_off_by": (report.went_off.by if report.went_off else "") or None,
        "instance_id": machine.id if machine else None,
        "instance_type": machine.instance_type if machine else None,
        "market": report.market or None,
        "one_time": report.request.one_time if report.request else False,
        "spot_status": (report.request.status if report.request else "") or None,
        "running_price": report.running_price,
        "stopped_price": report.stopped_price,
        "volume_gb": report.volume.gb,
        "usd_per_hour": number(HourlyPrice(report.running_price).usd),
        "running_since": iso(uptime.since if uptime else None),
        "usd_so_far": number(usd),
        "heartbeat_at": iso(report.heartbeat.at if report.heartbeat else None),
        "idle_minutes": report.heartbeat.idle.total_seconds() / 60 if report.heartbeat else None,
        "kept_awake_until": iso(report.kept_until),
        "stops_when_idle_at": iso(report.idle_stop),
        "stops_at_latest": iso(report.latest_stop),
        "daily_stop": (settings.daily if settings else "") or None,
        "image_id": (machine.image_id if machine else "") or None,
        "newer_image_id": (report.image.newer if report.image else "") or None,
        "differs": list(report.drift.differences),
        "to_get_it_back": None if machine or not report.workstation.is_deployed else report.workstation.way_back,
        "disks_left": report.disks.as_json(),
        "others": [
            {"instance_id": other.id, "status": other.state, "instance_type": other.instance_type}
            for other in report.workstation.others
        ],
    }
