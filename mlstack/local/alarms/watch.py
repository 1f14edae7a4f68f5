"""moto's alarms, judged every minute by the server's date, which a test may move."""

import json
import math
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends

from mlstack.local import runtime
from mlstack.local.alarms import data, reason
from mlstack.local.alarms.action import act, scale
from mlstack.local.alarms.evaluation import UNKNOWN, judge
from mlstack.local.alarms.subject import Data, Subject, subject
from mlstack.local.clock import CLOCK, date
from mlstack.local.mend import replace
from mlstack.local.service_scaling.step import Breach

LONGEST_S = 86400.0
"""How much of a jump of the date is judged minute by minute: its end."""
KEPT = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


def mend() -> None:
    """Let alarms begin, change and be set as CloudWatch's do, and data without a date have the server's."""
    moto_alarm, moto_state = CloudWatchBackend.put_metric_alarm, CloudWatchBackend.set_alarm_state
    moto_data = CloudWatchBackend.put_metric_data

    @wraps(moto_alarm)
    def put_metric_alarm(self: CloudWatchBackend, name: str, *asked: Any, **named: Any) -> Alarm:  # noqa: ANN401 - passed on
        before = self.alarms.get(name)
        alarm = moto_alarm(self, name, *asked, **named)
        if before is not None:  # a changed alarm keeps its state
            vars(alarm).update({key: vars(before)[key] for key in KEPT})
        elif alarm.rule is None:
            alarm.state_value = UNKNOWN
        return alarm

    def set_alarm_state(
        self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str, state_value: str
    ) -> None:
        before = self.alarms[alarm_name].state_value if alarm_name in self.alarms else state_value
        moto_state(self, alarm_name, reason, reason_data, state_value)
        alarm, moment = self.alarms[alarm_name], CLOCK.now()
        WATCH.looked(alarm, moment)
        if before != state_value:
            act(alarm, before, moment, _clients(alarm))
            scale(alarm, breach(alarm, _told_value(reason_data)), moment, _clients(alarm))

    def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for one in metric_data:
            one.setdefault("Timestamp", date(CLOCK.now()).replace(tzinfo=None))
        moto_data(self, namespace, metric_data)

    replace(CloudWatchBackend, "put_metric_alarm", put_metric_alarm)
    replace(CloudWatchBackend, "set_alarm_state", set_alarm_state)
    replace(CloudWatchBackend, "put_metric_data", put_metric_data)


class Watch:
    """When each alarm was looked at last."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[Alarm, float]] = {}

    def looked(self, alarm: Alarm, moment: float) -> None:
        """Remember that an alarm's state is of this moment: the next look comes a minute later."""
        self._looked[alarm.alarm_arn] = alarm, moment

    def look(self, moment: float) -> None:
        """Judge every alarm that is due at ``moment``, for each minute since its last look, the oldest minute first."""
        there = {alarm.alarm_arn: (backend, alarm) for backend, alarm in _alarms()}
        self._looked = {arn: known for arn, known in self._looked.items() if arn in there}
        waiting: list[tuple[float, str]] = []
        watched: dict[str, tuple[Subject, Data]] = {}
        for arn, (backend, alarm) in there.items():
            about = subject(alarm)
            if about is None:
                continue
            known, last = self._looked.get(arn, (None, 0.0))
            if known is None:
                last = moment  # a new alarm has its first look when a period may be over, not before
                self.looked(alarm, moment)
            due = [(each, arn) for each in moments(last, moment, about.settings.step)]
            if due:
                waiting += due
                watched[arn] = about, data.known(backend, about)
        for each, arn in sorted(waiting):
            alarm = there[arn][1]
            _judge(alarm, *watched[arn], each)
            self.looked(alarm, each)


def moments(last: float, moment: float, step: int) -> Iterator[float]:
    """When an alarm is looked at after ``last`` until ``moment``: a step later each time."""
    for number in range(math.ceil(max(0.0, moment - LONGEST_S - last) / step), math.floor((moment - last) / step)):
        yield last + (number + 1) * step


def _judge(alarm: Alarm, about: Subject, known: Data, moment: float) -> None:
    before = str(alarm.state_value)
    verdict = judge(about.settings, about.points(known, moment), before)
    if verdict.state != before:
        said = reason.words(about.settings, verdict), reason.data(about.settings, verdict, moment)
        alarm.update_state(*said, verdict.state)
        alarm.state_updated_timestamp = date(moment).replace(tzinfo=None)
        act(alarm, before, moment, _clients(alarm))
    value = verdict.points[0].value if verdict.points else None
    scale(alarm, breach(alarm, value), moment, _clients(alarm))


def breach(alarm: Alarm, value: float | None) -> Breach | None:
    """How far a value is beyond an alarm's threshold; nothing where there is none."""
    if value is None:
        return None
    return Breach(value, float(alarm.threshold), str(alarm.comparison_operator).startswith("Greater"))


def _told_value(reason_data: str) -> float | None:
    """The newest value in what somebody gives as the reason for a state."""
    try:
        return float(json.loads(reason_data)["recentDatapoints"][-1])
    except (ValueError, TypeError, LookupError):
        return None


def _clients(alarm: Alarm) -> Callable[[str], Any]:
    here = runtime.running()
    return lambda service: here.client(service, str(alarm.region_name))


def _alarms() -> Iterator[tuple[CloudWatchBackend, Alarm]]:
    for regions in list(cloudwatch_backends.values()):
        for backend in list(regions.values()):
            for alarm in list(backend.alarms.values()):
                yield backend, alarm


WATCH = Watch()
"""The server's own."""
