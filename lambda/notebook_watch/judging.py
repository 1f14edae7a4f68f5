"""Whether a notebook instance must be stopped from outside. A function of what AWS says, the settings and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notebook_watch.settings import Settings
from shared.silence import Silence, patience_for

RUNNING = frozenset({"InService", "PendingMaintenance"})
"""Where an instance is paid for and can be stopped. Pending, Updating, Stopping and InMaintenance end by themselves and
take no stop; Stopped, Failed and Deleting cost no instance."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """What SageMaker says of the instance."""

    status: str
    since: datetime
    """LastModifiedTime, the only time that SageMaker tells: the last start, since a running instance cannot be updated.

    Whether a change of its tags moves it, AWS does not say. If it does, the grace and the longest time begin again: an
    instance whose agent is dead is stopped some minutes later, and one that its own agent fails to stop for its age is
    stopped later by the age it had. The agent itself goes by the machine's uptime, which nobody moves.
    """


def patience(settings: Settings) -> timedelta:
    """How long after the last heartbeat the next may be heard of."""
    return patience_for(settings.heartbeat)


def reason_to_stop(notebook: Notebook, heard: datetime | Silence, settings: Settings, now: datetime) -> str | None:
    """Why the instance is to be stopped; None lets it be.

    Where CloudWatch refuses to tell, it is as if nothing was heard: a watch that cannot see is no watch.
    """
    if notebook.status not in RUNNING:
        return None
    ran = now - notebook.since
    if ran > settings.longest + patience(settings):  # so that the agent acts first
        return f"it has run for {_hours(ran)} and may for {_hours(settings.longest)}, and its own agent did not stop it"
    if heard is Silence.OUTAGE or ran < settings.grace:
        return None
    last = notebook.since if isinstance(heard, Silence) else max(heard, notebook.since)
    if now - last <= patience(settings):
        return None
    if heard is Silence.NOT_ALLOWED:
        return "CloudWatch does not let this function read the heartbeat, so nobody knows whether anything watches it"
    return f"its agent has not been heard of since {last:%Y-%m-%d %H:%M} UTC"


def _hours(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):.3g} h"
