"""A workstation's settings, as the stage keeps them in an SSM parameter."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mlstack.clock import span
from mlstack.price import UNKNOWN, HourlyPrice
from mlstack.text import printable

NEVER = "never"
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LOGIN = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
LONGEST_HOURS = 24 * 366
"""More is no promise, and a sum of dates cannot hold much more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What of it concerns people; a value that cannot be understood is as if it were absent."""

    running_price: str = UNKNOWN
    """For people, such as "$0.526 an hour"."""
    stopped_price: str = UNKNOWN
    market: str = ""
    ends_by_terminating: bool = False
    """Whether the machine, when it shuts itself down, is gone with its disk."""
    idle_minutes: int | None = None
    max_hours: int | None = None
    keep_awake_hours: int | None = None
    daily_stop: str = NEVER
    time_zone: str = "Etc/UTC"
    image: str = ""
    """A public SSM parameter that says which image is the latest, or the id of one image."""
    login: str = ""
    jupyter: bool = False

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read the parameter's text; None where it is no JSON object."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict):
            return None
        login, clock = _text(found, "login"), _text(found, "daily_stop")
        return cls(
            running_price=_text(found, "running_price") or UNKNOWN,
            stopped_price=_text(found, "stopped_price") or UNKNOWN,
            market=_text(found, "market"),
            ends_by_terminating=found.get("on_idle") == "terminate",
            idle_minutes=_whole(found, "idle_minutes", 1, LONGEST_HOURS * 60),
            max_hours=_whole(found, "max_hours", 1, LONGEST_HOURS),
            keep_awake_hours=_whole(found, "keep_awake_hours", 0, LONGEST_HOURS),
            daily_stop=clock if CLOCK.fullmatch(clock) else NEVER,
            time_zone=_text(found, "time_zone") or "Etc/UTC",
            image=_text(found, "image"),
            login=login if LOGIN.fullmatch(login) else "",
            jupyter=found.get("jupyter") is True,
        )

    @property
    def price(self) -> HourlyPrice:
        """The running price, to count with."""
        return HourlyPrice(self.running_price)

    @property
    def follows_latest(self) -> bool:
        """Whether a new machine takes the image that is the latest then."""
        return self.image.startswith("/aws/service/")

    def next_daily_stop(self, now: datetime) -> datetime | None:
        """When the daily stop comes next, where there is one and its time zone is known here."""
        found = CLOCK.fullmatch(self.daily_stop)
        if found is None:
            return None
        try:
            here = now.astimezone(ZoneInfo(self.time_zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
        today = here.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        days = (today + timedelta(days=ahead) for ahead in (0, 1))  # the clock's day, which may have 23 or 25 hours
        return next((day.astimezone(UTC) for day in days if day.astimezone(UTC) > now), None)

    def latest_stop(self, since: datetime, now: datetime) -> datetime | None:
        """When a machine that runs since then stops at the latest."""
        cap = None if self.max_hours is None else since + timedelta(hours=self.max_hours)
        return min((stop for stop in (cap, self.next_daily_stop(now)) if stop), default=None)

    @property
    def daily(self) -> str:
        """The daily stop for people; empty where there is none."""
        return "" if self.daily_stop == NEVER else f"every day at {self.daily_stop} ({self.time_zone})"

    @property
    def promise(self) -> str:
        """When it stops itself, in one line."""
        promises = []
        if self.idle_minutes is not None:
            promises.append(f"when nobody has used it for {span(timedelta(minutes=self.idle_minutes))}")
        if self.max_hours is not None:
            promises.append(f"{span(timedelta(hours=self.max_hours))} after its start at the latest")
        if self.daily:
            promises.append(self.daily)
        if not promises:
            return "it is not known that it ever stops itself: stop it yourself"
        verb = "terminates itself, and its disk is lost," if self.ends_by_terminating else "stops itself"
        return f"it {verb} {', and '.join(promises)}"

    @property
    def after_a_stop(self) -> str:
        """What becomes of a machine that a person has stopped, where it does not simply stay."""
        if not self.ends_by_terminating:
            return ""
        daily = f", or the daily stop, {self.daily}" if self.daily else ""
        return (
            'on_idle = "terminate": stopped by hand it stays, and its disk bills, only until a belt outside terminates '
            f"it, and its disk with it: its alarm, about half an hour later{daily}"
        )

    def rows(self, off_price: str, *, is_stopped: bool) -> list[tuple[str, str]]:
        """What it costs, for people, and what becomes of one that is stopped though its profile terminates it."""
        off = "price once terminated" if self.ends_by_terminating else "price while stopped"
        rows = [("price while it runs", self.running_price), (off, off_price)]
        return [*rows, ("ends", self.after_a_stop)] if is_stopped and self.after_a_stop else rows


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return printable(value) if isinstance(value, str) else ""


def _whole(found: Mapping[str, Any], key: str, least: int, most: int) -> int | None:
    value = found.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None
