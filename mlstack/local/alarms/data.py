"""What is known of the metrics that alarms watch: what was put, and what AWS's services tell by themselves."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum, MetricDatum, MetricDatumBase

from mlstack.local.alarms.evaluation import Datum
from mlstack.local.alarms.subject import Data, Metric, Subject
from mlstack.local.queue_metrics import observation


def known(backend: CloudWatchBackend, about: Subject) -> Data:
    """What is known of what an alarm watches, read once."""
    place = (str(backend.account_id), str(backend.region_name))
    seconds = about.settings.looked_at * float(about.settings.period)
    put = {one.metric: tuple(_put(backend.metric_data, one.metric)) for one in about.measured.values()}

    def data(metric: Metric, now: float) -> Sequence[Datum]:
        queue = metric.dimension(observation.DIMENSION)
        if metric.namespace != observation.NAMESPACE or queue is None:
            return put[metric]
        return [*put[metric], *observation.QUEUES.data(place, queue, metric.name)(now, seconds)]

    return data


def _put(metric_data: Iterable[MetricDatumBase], wanted: Metric) -> Iterator[Datum]:
    """What was put into exactly this metric."""
    for datum in list(metric_data):
        if (datum.namespace, datum.name) != (wanted.namespace, wanted.name):
            continue
        if {(one.name, one.value) for one in datum.dimensions} != wanted.dimensions:
            continue
        if wanted.unit and datum.unit != wanted.unit:
            continue
        at = _moment(datum.timestamp)
        if isinstance(datum, MetricDatum):
            yield Datum(at, datum.value, datum.value, datum.value, 1.0)
        elif isinstance(datum, MetricAggregatedDatum):
            yield Datum(at, datum.min, datum.max, datum.sum, datum.sample_count)


def _moment(said: datetime) -> float:
    """Its dates are UTC, and say so or not."""
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()
