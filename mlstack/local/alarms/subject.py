"""What an alarm watches: a statistic of one metric, or an expression over several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from moto.cloudwatch.models import Alarm, Dimension, MetricDataQuery

from mlstack.local.alarms.evaluation import Datum, Point, Settings, points
from mlstack.local.alarms.expression import Expression, parse
from mlstack.local.alarms.series import ExpressionError, Scope, Series

ONLY = "m1"
"""The id of the metric of an alarm on one metric."""


class Metric(NamedTuple):
    """A metric, and the unit in which it has to be put; empty for any."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]
    unit: str = ""

    def dimension(self, name: str) -> str | None:
        """The value of its only dimension, where that is called so."""
        return next(iter(dict(self.dimensions).values())) if {key for key, _ in self.dimensions} == {name} else None


class Measured(NamedTuple):
    """A statistic of a metric."""

    metric: Metric
    statistic: str


Data = Callable[[Metric, float], Sequence[Datum]]
"""What is known of a metric at a moment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """An alarm's settings and what they are about."""

    settings: Settings
    measured: Mapping[str, Measured]
    expressions: Mapping[str, Expression]
    result: str
    """The id of what is compared with the threshold."""

    @property
    def is_judged(self) -> bool:
        """Whether all of it is of a kind that is judged here."""
        return all(replace(self.settings, statistic=one.statistic).is_judged for one in self.measured.values())

    def points(self, data: Data, now: float) -> tuple[Point, ...]:
        """What is judged at a moment, the newest first."""
        found = {
            name: points(replace(self.settings, statistic=one.statistic), data(one.metric, now), now)
            for name, one in self.measured.items()
        }
        if self.result in found:
            return found[self.result]
        series = {name: {point.age: point.value for point in each} for name, each in found.items()}
        end, period = self.settings.end(now), self.settings.period
        return tuple(Point(age, end - (age + 1) * period, value) for age, value in sorted(self._series(series).items()))

    def _series(self, metrics: Mapping[str, Series]) -> Series:
        def known(name: str) -> Series:
            return metrics[name] if name in metrics else self.expressions[name].series(scope)

        scope = Scope(known, [*metrics], self.settings.looked_at)
        return known(self.result)


def subject(alarm: Alarm) -> Subject | None:
    """What an alarm watches; nothing for one of a kind that is not judged: of percentiles, bands, other alarms."""
    if alarm.rule:
        return None
    try:
        found = _of_expression(alarm) if alarm.metric_data_queries else _of_metric(alarm)
        if found is None or not found.is_judged:
            return None
        found.points(lambda *_: (), 0.0)  # an expression may be of a kind that no alarm can watch
    except ExpressionError:
        return None
    return found


def _of_metric(alarm: Alarm) -> Subject | None:
    if not alarm.statistic:
        return None
    metric = _metric(alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.unit)
    settings = _settings(alarm, int(alarm.period), str(alarm.statistic))
    return Subject(
        settings=settings, measured={ONLY: Measured(metric, settings.statistic)}, expressions={}, result=ONLY
    )


def _of_expression(alarm: Alarm) -> Subject | None:
    queries: Sequence[MetricDataQuery] = alarm.metric_data_queries
    shown = [query for query in queries if _is_shown(query)]
    stats = {str(query.id): query.metric_stat for query in queries if query.metric_stat is not None}
    expressions = {str(query.id): parse(query.expression) for query in queries if query.expression}
    periods = {int(stat.period) for stat in stats.values()}
    if len(shown) != 1 or len(periods) != 1 or not _is_sound(expressions, stats):
        return None
    measured = {
        name: Measured(
            _metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions, stat.unit), str(stat.stat)
        )
        for name, stat in stats.items()
    }
    settings = _settings(alarm, periods.pop(), "")
    return Subject(settings=settings, measured=measured, expressions=expressions, result=str(shown[0].id))


def _is_shown(query: MetricDataQuery) -> bool:
    return str(query.return_data).lower() != "false"


def _is_sound(expressions: Mapping[str, Expression], metrics: Mapping[str, object]) -> bool:
    """Whether every name stands for something, and none for itself."""
    settled, waiting = set(metrics), dict(expressions)
    while waiting:
        ready = {name for name, expression in waiting.items() if expression.names <= settled}
        if not ready:
            return False
        settled |= ready
        waiting = {name: expression for name, expression in waiting.items() if name not in ready}
    return True


def _settings(alarm: Alarm, period: int, statistic: str) -> Settings:
    return Settings(
        period=period,
        evaluation_periods=int(alarm.evaluation_periods),
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
        threshold=float(alarm.threshold),
        comparison=str(alarm.comparison_operator),
        statistic=statistic,
        missing=str(alarm.treat_missing_data or "missing"),
    )


def _metric(namespace: str, name: str, dimensions: Sequence[Dimension], unit: str | None) -> Metric:
    said = frozenset((str(one.name), str(one.value)) for one in dimensions)
    return Metric(str(namespace), str(name), said, str(unit or ""))
