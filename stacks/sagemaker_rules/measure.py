"""The metrics that alarms and scaling policies look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stacks.sagemaker_rules.properties import Properties


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric as a resource asks CloudWatch for it."""

    logical_id: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str


def measures(logical_id: str, asked: Properties) -> Iterator[Measure]:
    """The metrics in an alarm or in a customized metric: one, or several in a formula."""
    if asked.has("MetricName"):
        yield _measure(logical_id, asked, asked.text("Statistic") or asked.text("ExtendedStatistic"))
    for query in asked.each("Metrics"):
        stat = query.at("MetricStat")
        metric = stat.at("Metric")
        if metric.has("MetricName"):
            yield _measure(logical_id, metric, stat.text("Stat"))


def _measure(logical_id: str, metric: Properties, statistic: str) -> Measure:
    return Measure(
        logical_id,
        metric.text("Namespace"),
        metric.text("MetricName"),
        {one.text("Name"): one.text("Value") for one in metric.each("Dimensions")},
        statistic,
    )
