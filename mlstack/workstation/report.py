"""What can be said of a workstation at one moment: how it is, what it costs, when it stops."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mlstack.clock import moment
from mlstack.heartbeat import Heartbeat
from mlstack.price import UNKNOWN, HourlyPrice
from mlstack.text import printable
from mlstack.uptime import Uptime
from mlstack.workstation.disk import Disks
from mlstack.workstation.drift import Drift
from mlstack.workstation.image import Image
from mlstack.workstation.machine import STOPPED, Machine
from mlstack.workstation.spot import SpotRequest
from mlstack.workstation.switch_off import SwitchOff
from mlstack.workstation.volume import Volume
from mlstack.workstation.workstation import Workstation

SPOT, ON_DEMAND = "spot", "on-demand"
NO_MACHINE, NO_WORKSTATION = "terminated", "not deployed"
NO_DRIFT, NO_DISKS, NO_VOLUME = Drift(), Disks(), Volume()
REFRESH = timedelta(hours=1)
"""How often a machine takes its settings anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A workstation at one moment."""

    workstation: Workstation
    now: datetime
    last_heartbeat: Heartbeat | None = None
    unheard: str = ""
    """Why CloudWatch could not be asked for heartbeats, if it could not."""
    request: SpotRequest | None = None
    image: Image | None = None
    drift: Drift = NO_DRIFT
    volume: Volume = NO_VOLUME
    """What its machine has for a disk."""
    went_off: SwitchOff | None = None
    disks: Disks = NO_DISKS
    """What earlier machines of it have left behind."""

    @property
    def machine(self) -> Machine | None:
        """Its machine, where it has one."""
        return self.workstation.machine

    @property
    def state(self) -> str:
        """How it is, in EC2's words."""
        if not self.workstation.is_deployed:
            return NO_WORKSTATION
        return self.machine.state if self.machine else NO_MACHINE

    @property
    def market(self) -> str:
        """How AWS sells it."""
        if self.machine is None:
            return self.workstation.settings.market if self.workstation.settings else ""
        if not self.machine.is_spot:
            return ON_DEMAND
        return f"{SPOT}, one-time" if self.request and self.request.one_time else SPOT

    @property
    def running_price(self) -> str:
        """For people."""
        return self.workstation.settings.running_price if self.workstation.settings else UNKNOWN

    @property
    def stopped_price(self) -> str:
        """For people: of the disk that it has, which the profile may have outgrown."""
        settings = self.workstation.settings
        if settings and (settings.ends_by_terminating or self.machine is None):
            return settings.stopped_price
        return self.volume.price

    @property
    def settings_taken_by(self) -> datetime | None:
        """When its machine will have taken what the stage says of it by now, where that is still to come."""
        changed = self.workstation.settings_at
        if self.uptime is None or changed is None or changed <= self.uptime.since:
            return None
        return changed + REFRESH if changed + REFRESH > self.now else None

    @property
    def uptime(self) -> Uptime | None:
        """This run, if it runs."""
        if self.machine is None or not self.machine.is_running:
            return None
        return Uptime(
            since=self.machine.launched_at,
            now=self.now,
            price=HourlyPrice(self.running_price),
            last_heartbeat=self.last_heartbeat,
            unheard=self.unheard,
        )

    @property
    def heartbeat(self) -> Heartbeat | None:
        """The last heartbeat of this run."""
        return self.uptime.heartbeat if self.uptime else None

    @property
    def kept_until(self) -> datetime | None:
        """Until when somebody wants it awake, if that is still to come."""
        until = self.machine.kept_until if self.machine else None
        return until if until and until > self.now else None

    @property
    def idle_stop(self) -> datetime | None:
        """When it stops itself if nobody uses it from now on."""
        settings = self.workstation.settings
        stop = self.heartbeat.idle_stop(settings.idle_minutes) if self.heartbeat and settings else None
        return max(stop, self.kept_until) if stop and self.kept_until else stop

    @property
    def latest_stop(self) -> datetime | None:
        """When it stops itself at the latest."""
        settings = self.workstation.settings
        return settings.latest_stop(self.uptime.since, self.now) if self.uptime and settings else None

    @property
    def next_step(self) -> str | None:
        """The command that a person may want now."""
        if self.request and self.request.is_interrupted:
            return None
        running = None if self.workstation.target.account.is_local else "ssh"
        return {"running": running, "stopped": "start"}.get(self.state)

    def rows(self) -> list[tuple[str, str]]:
        """The same for people."""
        rows = [("status", self.state)]
        if not self.workstation.is_deployed:
            return rows + self.disks.rows()
        if self.machine is None:
            rows.append(("to get it back", self.workstation.way_back))
        else:
            rows += self._machine_rows(self.machine)
        settings = self.workstation.settings
        if settings is None:
            rows.append(("settings", "none that can be read: deploy the stage again"))
        else:
            rows += settings.rows(self.stopped_price, is_stopped=self.state == STOPPED)
        if self.uptime:
            rows += [*self.uptime.rows(), *self._kept(), ("stops itself", self._stops())]
        return rows + self.strays() + self.disks.rows()

    def strays(self) -> list[tuple[str, str]]:
        """What else goes by its name, for people."""
        return [(f"also {other.id}", _other(other)) for other in self.workstation.others]

    def _machine_rows(self, machine: Machine) -> list[tuple[str, str]]:
        rows = [
            ("reason", machine.reason if not machine.is_running else ""),
            ("went off", self.went_off.shown if self.went_off else ""),
            ("machine", machine.id),
            ("instance type", machine.instance_type),
            ("market", self.market),
            ("Spot request", self.request.shown if self.request else ""),
            ("image", self.image.shown if self.image else machine.image_id),
            ("differs", self.drift.shown),
        ]
        return [(name, value) for name, value in rows if value]

    def _kept(self) -> list[tuple[str, str]]:
        if self.kept_until:
            return [("kept awake until", moment(self.kept_until))]
        tag = self.machine.keep_awake_tag if self.machine else ""
        if tag and self.machine and self.machine.kept_until is None:
            return [("kept awake until", f"{UNKNOWN}: the tag says {printable(tag)}")]
        return []

    def _stops(self) -> str:
        stops = []
        if self.idle_stop:
            stops.append(f"about {moment(max(self.idle_stop, self.now))} if nobody uses it")
        if self.latest_stop:
            stops.append(f"{moment(self.latest_stop)} at the latest")
        settings = self.workstation.settings
        if settings and settings.daily and settings.next_daily_stop(self.now) is None:
            stops.append(settings.daily)
        said = ", ".join(stops) or "never, as far as is known: stop it yourself"
        by = self.settings_taken_by
        if by is None:
            return said
        return (
            f"{said}; so says the profile, deployed {moment(by - REFRESH)}: "
            f"the machine goes by the one before until its next boot, or {moment(by)} at the latest"
        )


def _other(machine: Machine) -> str:
    since = f", started {moment(machine.launched_at)}" if machine.is_running else ""
    return f"{machine.state}, {machine.instance_type}{since}: launched by something else under the same name"
