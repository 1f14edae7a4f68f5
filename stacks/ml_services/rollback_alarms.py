"""The alarms that send a deployment back: failed answers, and slow ones where a profile says what slow is."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

NAMESPACE = "AWS/SageMaker"
PERIOD = cdk.Duration.minutes(1)
MICROSECONDS_PER_MS = 1000  # what ModelLatency is measured in


@dataclass(frozen=True, kw_only=True, slots=True)
class RollbackAlarmsProps:
    """Whose metrics are watched, and from where on they are too bad."""

    dimensions: Mapping[str, str]
    """A set with which SageMaker publishes the metrics; with another there is no data, and no alarm ever."""
    errors_a_minute: int
    latency_ms: int | None = None


class RollbackAlarms(Construct):
    """Made before the endpoint, by the names that it will have."""

    def __init__(self, scope: Construct, construct_id: str, props: RollbackAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        self.alarms = [
            self._alarm("Errors", props, "Invocation5XXErrors", "Sum", props.errors_a_minute, "failed answers")
        ]
        if props.latency_ms is not None:
            limit = props.latency_ms * MICROSECONDS_PER_MS
            self.alarms.append(self._alarm("Slow", props, "ModelLatency", "Average", limit, "slow answers"))

    @property
    def names(self) -> list[str]:
        """The alarms' names."""
        return [alarm.alarm_name for alarm in self.alarms]

    def _alarm(  # noqa: PLR0913, PLR0917 - what an alarm is made of
        self, name: str, props: RollbackAlarmsProps, metric: str, statistic: str, threshold: int, what: str
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            alarm_description=f"Too many {what}: a deployment that runs goes back",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            metric=cloudwatch.Metric(
                dimensions_map=dict(props.dimensions),
                metric_name=metric,
                namespace=NAMESPACE,
                period=PERIOD,
                statistic=statistic,
            ),
            threshold=threshold,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
