"""When a machine went off and by what, as far as EC2 and CloudWatch tell."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mlstack.clock import moment
from mlstack.price import UNKNOWN
from mlstack.workstation.alarm import ALARMED, alarms_of, changed, ends
from mlstack.workstation.machine import STOPPED, Machine

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

DATE = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)", re.ASCII)
"""In StateTransitionReason, as in "User initiated (2026-11-22 10:18:42 GMT)"."""
BY_ITSELF, BY_CALL = "Client.InstanceInitiatedShutdown", "Client.UserInitiatedShutdown"
AT_ONCE = timedelta(minutes=2)
"""How long after an alarm's ringing EC2 has done what it asks for."""
SWITCHED_ITSELF = "it switched itself off"
ALARM = "by the alarm: its agent was silent or said idle"
CALL = "by a call (`mlstack workstation stop`, the daily stop, the watch or somebody)"
CALL_OR_ALARM = "by a call or by its alarm"


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """The end of a machine's last run."""

    at: datetime | None
    by: str
    """Empty where neither tells."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        return ", ".join(part for part in (moment(self.at) if self.at else "", self.by) if part)


def switch_off_of(cloudwatch: "CloudWatchClient", machine: Machine) -> SwitchOff | None:
    """How a stopped machine's last run ended; None for one that is in any other state."""
    if machine.state != STOPPED:
        return None
    at = date_in(machine.transition)
    if machine.reason_code == BY_ITSELF:
        return SwitchOff(at, SWITCHED_ITSELF)
    if machine.reason_code != BY_CALL:
        return SwitchOff(at, "")
    if at is None:
        return SwitchOff(None, CALL_OR_ALARM)
    try:
        alarms = alarms_of(cloudwatch, machine)
    except (BotoCoreError, ClientError) as error:
        return SwitchOff(at, f"{CALL_OR_ALARM}; which is {UNKNOWN}: {' '.join(str(error).split())}")
    return SwitchOff(at, ALARM if rang_before(alarms, at) else CALL)


def date_in(transition: str) -> datetime | None:
    """When EC2 was asked for the last change of state, where it says so."""
    found = DATE.search(transition)
    try:
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def rang_before(alarms: Iterable[Mapping[str, Any]], at: datetime) -> bool:
    """Whether one of these that ends machines rang right before; EC2 tells whole seconds only."""
    rang = (
        changed(alarm).replace(microsecond=0) for alarm in alarms if alarm.get("StateValue") == ALARMED and ends(alarm)
    )
    return any(timedelta(0) <= at - moment_ <= AT_ONCE for moment_ in rang)
