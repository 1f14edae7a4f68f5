"""One run of a machine that bills while it runs: what it has cost, and what was heard of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from mlstack.clock import moment, span
from mlstack.heartbeat import LOOK_BACK, SILENT_AFTER, Heartbeat
from mlstack.price import UNKNOWN, HourlyPrice


@dataclass(frozen=True, kw_only=True, slots=True)
class Uptime:
    """The run up to now."""

    since: datetime
    now: datetime
    price: HourlyPrice
    last_heartbeat: Heartbeat | None = None
    """The last one of the last hours, which an earlier run may have sent."""
    unheard: str = ""
    """Why CloudWatch could not be asked for heartbeats, if it could not."""
    is_local: bool = False
    """Whether the machine is one of the local AWS."""

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The last heartbeat of this run."""
        beat = self.last_heartbeat
        return beat if beat and beat.at >= self.since.replace(second=0, microsecond=0) else None

    @property
    def usd(self) -> Decimal | None:
        """About what it has cost, without its disk."""
        return self.price.usd_for(self.now - self.since)

    @property
    def heard(self) -> str:
        """What was heard of it, for people."""
        if self.unheard:
            return f"{UNKNOWN}: {self.unheard}"
        return self.heartbeat.shown(self.now) if self.heartbeat else self._silence()

    def _silence(self) -> str:
        """Why none of this run was heard."""
        ran = self.now - self.since
        if self.is_local:
            return "nothing sends any here"
        if ran <= SILENT_AFTER:
            return "none yet; the first comes some minutes after the start"
        return f"none for {span(min(ran, LOOK_BACK))}: what sends it does not run"

    def rows(self) -> list[tuple[str, str]]:
        """The same for people."""
        return [
            ("running since", f"{moment(self.since)} ({span(self.now - self.since)})"),
            ("paid about so far", UNKNOWN if self.usd is None else f"${self.usd}"),
            ("last heartbeat", self.heard),
        ]
