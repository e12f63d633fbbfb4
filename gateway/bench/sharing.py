"""What more processes bring: two workers beside one, and two nodes beside one on the same PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from helpdesk.config.settings import Settings
from helpdesk.gateway.bench.measure import spread_of
from helpdesk.gateway.bench.occasion import MeasuredDesk, Occasion
from helpdesk.gateway.bench.parts import measure_end_to_end
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.server import Server, node

ROUNDS = 3
Nodes = Sequence[int]  # workers of each node
ONE_WORKER: Nodes = (1,)
TWO_WORKERS: Nodes = (2,)
TWO_NODES: Nodes = (1, 1)


def measure_workers(occasion: Occasion) -> Extra:
    """Measure a node with one worker and with two, in alternation."""
    if not has_workers():
        return _not_measured("workers", "a node has no number of workers")
    return _compared(occasion, "two workers / one", ONE_WORKER, TWO_WORKERS)


def measure_nodes(occasion: Occasion) -> Extra:
    """Measure one node with two workers and two nodes with one, on the same PostgreSQL, in alternation."""
    if not occasion.plan.server:
        return _not_measured("nodes", "several nodes need PostgreSQL (--database)")
    return _compared(occasion, "two nodes / one with as many workers", TWO_WORKERS, TWO_NODES)


def has_workers() -> bool:
    """Whether the number of workers can be configured."""
    return "node" in Settings.model_fields


def _compared(occasion: Occasion, name: str, base: Nodes, more: Nodes) -> Extra:
    rates: dict[Nodes, list[float]] = {base: [], more: []}
    count = occasion.plan.mails
    with occasion.desk() as desk:
        for number in range(ROUNDS):
            for nodes in (base, more) if number % 2 == 0 else (more, base):
                occasion.tell(f"{name}, round {number + 1} of {ROUNDS}: {nodes}")
                with _running(desk, nodes) as servers:
                    for server in servers:
                        desk.warm_up(server, count // 4)
                    rates[nodes].append(measure_end_to_end(desk.folder, servers, desk.mails(count)).sent.mails_per_second)
    ratio = spread_of([after / before for before, after in zip(rates[base], rates[more], strict=True)])
    values = {
        "ratio": ratio.rounded(2),
        "base_mails_per_second": spread_of(rates[base]).rounded(1),
        "mails_per_second": spread_of(rates[more]).rounded(1),
    }
    line = f"{ratio:.2f} times: {spread_of(rates[more]):.0f} mails/s beside {spread_of(rates[base]):.0f}"
    return Extra(name, (line,), values)


@contextmanager
def _running(desk: MeasuredDesk, nodes: Nodes) -> Iterator[list[Server]]:
    with ExitStack() as running:
        yield [
            running.enter_context(node(desk.folder.configured(f"node{number}.toml", more=worker_count(workers))))
            for number, workers in enumerate(nodes)
        ]


def worker_count(workers: int) -> str:
    """The lines of a configuration that say how many workers a node has."""
    return f"[node]\nworkers = {workers}\n" if has_workers() else ""


def _not_measured(name: str, why: str) -> Extra:
    return Extra(name, (f"not measured: {why}",), {"not_measured": why})
