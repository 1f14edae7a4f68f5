"""Moments and spans of time as people read them."""

from datetime import UTC, datetime, timedelta


def moment(when: datetime) -> str:
    """A moment, to the minute."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def iso(when: datetime | None) -> str | None:
    """A moment for machines, to the second."""
    return when.isoformat(timespec="seconds") if when else None


def span(time: timedelta) -> str:
    """A span of time, to the minute."""
    hours, minutes = divmod(max(int(time.total_seconds()) // 60, 0), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours))
