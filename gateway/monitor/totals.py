"""All that the processes of a node have counted, added up since the start of the process that shows it."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpdesk.gateway.counts import Labels, NewCounts
from helpdesk.gateway.monitor.table import BUCKETS, BY_NAME, METRICS, MetricKind


@dataclass(slots=True)
class Histogram:
    """Durations by bucket; the last count is of those that are longer than every bucket."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class Totals:
    """The counters, histograms and gauges of a node, and when each of its processes last got on with its work, by the caller's clock."""

    def __init__(self) -> None:
        counted = [metric for metric in METRICS if metric.kind is MetricKind.COUNTER]
        self.counters: dict[tuple[str, Labels], float] = {
            (metric.name, labels): 0.0 for metric in counted for labels in metric.series()
        }
        self.histograms = {metric.name: Histogram() for metric in METRICS if metric.kind is MetricKind.HISTOGRAM}
        self.gauges: dict[tuple[str, Labels], float] = {}
        self.heard_at: dict[str, float] = {}

    def add(self, told: Iterable[NewCounts], now: float) -> None:
        """Add what processes have told. Names and labels that the table does not know are left out."""
        for counts in told:
            if counts.turns or counts.process not in self.heard_at:
                self.heard_at[counts.process] = now
            for (name, labels), by in counts.counters.items():
                key = (name, labels or _process_label(name, counts.process))
                if key in self.counters:
                    self.counters[key] += by
            for (name, _), durations in counts.observed.items():
                for seconds in durations if name in self.histograms else ():
                    self.histograms[name].observe(seconds)
            self.gauges.update({key: value for key, value in counts.gauges.items() if key[0] in BY_NAME})


def _process_label(name: str, process: str) -> Labels:
    """Errors are counted by the kind of process: `worker` for `worker 2`."""
    return (process.split(" ")[0],) if name == "errors_total" else ()
