"""moto's alarms, judged every minute by the server's date, which a test may move."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from moto.cloudwatch.models import (
    Alarm,
    CloudWatchBackend,
    MetricAggregatedDatum,
    MetricDatum,
    MetricDatumBase,
    cloudwatch_backends,
)

from mlstack.local import runtime
from mlstack.local.alarms import reason
from mlstack.local.alarms.action import act
from mlstack.local.alarms.evaluation import UNKNOWN, Datum, Settings, evaluate
from mlstack.local.clock import CLOCK, date
from mlstack.local.mend import replace

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
        WATCH.looked(self.alarms[alarm_name], CLOCK.now())
        if before != state_value:
            _act(self.alarms[alarm_name], before, CLOCK.now())

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
        """Judge every alarm that is due at ``moment``, for each minute since its last look."""
        there = {alarm.alarm_arn: (backend, alarm) for backend, alarm in _alarms()}
        self._looked = {arn: known for arn, known in self._looked.items() if arn in there}
        for arn, (backend, alarm) in there.items():
            settings = settings_of(alarm)
            if settings is None:
                continue
            known, last = self._looked.get(arn, (None, 0.0))
            if known is None:
                last = moment  # a new alarm has its first look when a period may be over, not before
                self.looked(alarm, moment)
            due = list(moments(last, moment, settings.step))
            if due:
                found = list(_data(backend.metric_data, alarm))
                for each in due:
                    _judge(alarm, settings, found, each)
                self.looked(alarm, due[-1])


def moments(last: float, moment: float, step: int) -> Iterator[float]:
    """When an alarm is looked at after ``last`` until ``moment``: a step later each time."""
    for number in range(math.ceil(max(0.0, moment - LONGEST_S - last) / step), math.floor((moment - last) / step)):
        yield last + (number + 1) * step


def settings_of(alarm: Alarm) -> Settings | None:
    """The settings of an alarm on one metric; nothing for those on expressions, percentiles and other alarms."""
    if alarm.rule or alarm.metric_data_queries or not alarm.statistic:
        return None
    settings = Settings(
        period=int(alarm.period),
        evaluation_periods=int(alarm.evaluation_periods),
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        threshold=float(alarm.threshold),
        comparison=str(alarm.comparison_operator),
        statistic=str(alarm.statistic),
        missing=str(alarm.treat_missing_data or "missing"),
    )
    return settings if settings.is_judged else None


def _judge(alarm: Alarm, settings: Settings, data: list[Datum], moment: float) -> None:
    before = str(alarm.state_value)
    verdict = evaluate(settings, data, before, moment)
    if verdict.state == before:
        return
    alarm.update_state(reason.words(settings, verdict), reason.data(settings, verdict, moment), verdict.state)
    alarm.state_updated_timestamp = date(moment).replace(tzinfo=None)
    _act(alarm, before, moment)


def _act(alarm: Alarm, before: str, moment: float) -> None:
    here = runtime.running()
    act(alarm, before, moment, lambda service: here.client(service, str(alarm.region_name)))


def _alarms() -> Iterator[tuple[CloudWatchBackend, Alarm]]:
    for regions in list(cloudwatch_backends.values()):
        for backend in list(regions.values()):
            for alarm in list(backend.alarms.values()):
                yield backend, alarm


def _data(metric_data: Iterable[MetricDatumBase], alarm: Alarm) -> Iterator[Datum]:
    """What was put into exactly the metric that the alarm watches."""
    wanted = {(one.name, one.value) for one in alarm.dimensions}
    for datum in list(metric_data):
        if (datum.namespace, datum.name) != (alarm.namespace, alarm.metric_name):
            continue
        if {(one.name, one.value) for one in datum.dimensions} != wanted:
            continue
        if alarm.unit and datum.unit != alarm.unit:
            continue
        at = _moment(datum.timestamp)
        if isinstance(datum, MetricDatum):
            yield Datum(at, datum.value, datum.value, datum.value, 1.0)
        elif isinstance(datum, MetricAggregatedDatum):
            yield Datum(at, datum.min, datum.max, datum.sum, datum.sample_count)


def _moment(said: datetime) -> float:
    """Its dates are UTC, and say so or not."""
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()


WATCH = Watch()
"""The server's own."""
