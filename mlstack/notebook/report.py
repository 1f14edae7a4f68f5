"""What can be said of a notebook at one moment: how it is, what it costs, when it stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from mlstack.clock import iso, moment
from mlstack.heartbeat import Heartbeat
from mlstack.notebook.course import FAILED, RUNNING, STOPPED
from mlstack.notebook.instance import Instance
from mlstack.notebook.terms import Terms
from mlstack.price import number
from mlstack.uptime import Uptime


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A notebook at one moment."""

    name: str
    instance: Instance
    terms: Terms
    now: datetime
    last_heartbeat: Heartbeat | None = None
    """The last one of the last hours, which an earlier run may have sent."""
    unheard: str = ""
    """Why CloudWatch could not be asked for heartbeats, if it could not."""
    is_local: bool = False
    """Whether it is one of the local AWS, in which nothing runs."""

    @property
    def running_since(self) -> datetime | None:
        """Since when it runs, if it does."""
        return self.instance.changed_at if self.instance.status == RUNNING else None

    @property
    def uptime(self) -> Uptime | None:
        """This run, if it runs."""
        if self.running_since is None:
            return None
        return Uptime(
            since=self.running_since,
            now=self.now,
            price=self.terms.price,
            last_heartbeat=self.last_heartbeat,
            unheard=self.unheard,
            is_local=self.is_local,
        )

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The last heartbeat of this run."""
        return self.uptime.heartbeat if self.uptime else None

    @property
    def usd_so_far(self) -> Decimal | None:
        """About what this run has cost, without its volume."""
        return self.uptime.usd if self.uptime else None

    @property
    def idle_stop(self) -> datetime | None:
        """When it stops itself if nobody uses it from now on."""
        return self.heartbeat.idle_stop(self.terms.idle_minutes) if self.heartbeat else None

    @property
    def latest_stop(self) -> datetime | None:
        """When it stops itself at the latest."""
        return self.terms.latest_stop(self.running_since) if self.running_since else None

    @property
    def next_step(self) -> str | None:
        """The command that a person may want now."""
        return {RUNNING: "open", STOPPED: "start", FAILED: "start"}.get(self.instance.status)

    def rows(self) -> list[tuple[str, str]]:
        """The same for people."""
        rows = [
            ("status", self.instance.status),
            ("instance type", self.instance.instance_type),
            ("volume", f"{self.instance.volume_gb} GB"),
            ("price while it runs", self.terms.running_price),
            ("price while stopped", self.terms.stopped_price),
        ]
        if self.instance.failure:
            rows.insert(1, ("reason", self.instance.failure))
        if self.uptime:
            rows += [*self.uptime.rows(), ("stops itself", self._stops())]
        return rows

    def _stops(self) -> str:
        stops = []
        if self.idle_stop:
            stops.append(f"about {moment(max(self.idle_stop, self.now))} if nobody uses it")
        if self.latest_stop:
            stops.append(f"{moment(self.latest_stop)} at the latest")
        return ", ".join(stops) or "never: stop it yourself"

    def machine(self) -> Mapping[str, Any]:
        """The same for machines."""
        return {
            "name": self.name,
            "status": self.instance.status,
            "failure_reason": self.instance.failure or None,
            "instance_type": self.instance.instance_type,
            "volume_gb": self.instance.volume_gb,
            "running_price": self.terms.running_price,
            "stopped_price": self.terms.stopped_price,
            "usd_per_hour": number(self.terms.price.usd),
            "running_since": iso(self.running_since),
            "usd_so_far": number(self.usd_so_far),
            "heartbeat_at": iso(self.heartbeat.at if self.heartbeat else None),
            "idle_minutes": self.heartbeat.idle.total_seconds() / 60 if self.heartbeat else None,
            "stops_when_idle_at": iso(self.idle_stop),
            "stops_at_latest": iso(self.latest_stop),
        }
