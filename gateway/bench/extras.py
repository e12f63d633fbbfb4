"""The further measurements of `helpdesk bench --also`, by their names."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.gateway.bench.growth import measure_growth
from helpdesk.gateway.bench.latency import measure_latency
from helpdesk.gateway.bench.light import measure_light_load
from helpdesk.gateway.bench.occasion import Occasion
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.rules import measure_rules
from helpdesk.gateway.bench.search import measure_search
from helpdesk.gateway.bench.sharing import measure_nodes, measure_workers

__all__ = ["EXTRAS", "FurtherMeasure", "Occasion"]


@dataclass(frozen=True, slots=True)
class FurtherMeasure:
    """What is measured, in words for `--help`, and the function that does it."""

    about: str
    measure: Callable[[Occasion], Extra]


EXTRAS = {
    "latency": FurtherMeasure("how long a client waits for its 250 at half of the end-to-end rate", measure_latency),
    "light": FurtherMeasure("CPU a mail and time to the confirmation at 10 mails a second", measure_light_load),
    "workers": FurtherMeasure("two workers beside one", measure_workers),
    "nodes": FurtherMeasure("two nodes on one PostgreSQL beside one with as many workers", measure_nodes),
    "rules": FurtherMeasure("CPU a mail with ten thousand rules of the operator beside ten", measure_rules),
    "search": FurtherMeasure(
        "#find among as many messages as --growth-to says, beside the bare query of the index", measure_search
    ),
    "growth": FurtherMeasure("CPU a mail of desks with many accounts, tickets and letters", measure_growth),
}
