"""The door to prometheus-client: all figures as the text that Prometheus reads."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from helpdesk.gateway.counts import Labels
from helpdesk.gateway.monitor.table import BUCKETS, METRICS, PREFIX, MetricKind
from helpdesk.gateway.monitor.table import Metric as MetricRow
from helpdesk.gateway.monitor.totals import Histogram, Totals

CONTENT_TYPE = CONTENT_TYPE_LATEST
Gauges = Mapping[tuple[str, Labels], float]


def exposition(totals: Totals, gauges: Gauges) -> bytes:
    """All metrics of the table. `gauges` has the present values; a gauge without one is not shown."""
    registry = CollectorRegistry(auto_describe=False)  # of its own: the default one has figures of one process
    registry.register(_Figures(totals, gauges))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, totals: Totals, gauges: Gauges) -> None:
        self._totals, self._gauges = totals, gauges

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        for metric in METRICS:
            yield FAMILIES[metric.kind](metric, self._totals, self._gauges)


def _counter(metric: MetricRow, totals: Totals, gauges: Gauges) -> Metric:
    family = CounterMetricFamily(PREFIX + metric.name, metric.help, labels=list(metric.labels))
    for labels in metric.series():
        family.add_metric(list(labels), totals.counters[metric.name, labels])
    return family


def _gauge(metric: MetricRow, totals: Totals, gauges: Gauges) -> Metric:
    family = GaugeMetricFamily(PREFIX + metric.name, metric.help, labels=list(metric.labels))
    for (name, labels), value in gauges.items():
        if name == metric.name:
            family.add_metric(list(labels), value)
    return family


def _histogram(metric: MetricRow, totals: Totals, gauges: Gauges) -> Metric:
    family = HistogramMetricFamily(PREFIX + metric.name, metric.help)
    histogram = totals.histograms[metric.name]
    family.add_metric([], list(_cumulate(histogram)), histogram.total)
    return family


def _cumulate(histogram: Histogram) -> Iterator[tuple[str, float]]:
    below = 0
    for limit, count in zip((*map(str, BUCKETS), "+Inf"), histogram.counts, strict=True):
        below += count
        yield limit, float(below)


FAMILIES = {MetricKind.COUNTER: _counter, MetricKind.GAUGE: _gauge, MetricKind.HISTOGRAM: _histogram}
