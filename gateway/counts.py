"""What this process has counted, and how it is told to the process that shows it.

A node is several processes, and one of them shows its figures. So each process keeps only what is new since it last told, and tells it over
a socket that was made before the processes were forked. What could not be told is kept and told with the next.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

LARGEST = 60_000  # octets of one datagram; what is kept in a process is far less
WAITING = 256 * 1024  # octets that may wait for the process that shows them

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewCounts:
    """What one process has counted since it last told: counters, observed durations in seconds, and the present values of gauges."""

    process: str
    counters: Mapping[tuple[str, Labels], float]
    observed: Mapping[tuple[str, Labels], tuple[float, ...]]
    gauges: Mapping[tuple[str, Labels], float]
    turns: bool = True  # whether the process gets on with its work


class Counts:
    """The counts of one process. May be used from any thread; an addition takes less than a microsecond or two."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counters: dict[tuple[str, Labels], float] = {}
        self._observed: dict[tuple[str, Labels], list[float]] = {}
        self._gauges: dict[tuple[str, Labels], float] = {}

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count something. `name` is that of the metric without its first word, and `labels` are the values of its labels."""
        with self._lock:
            self._counters[name, labels] = self._counters.get((name, labels), 0) + by

    def observe(self, name: str, seconds: float, *labels: str) -> None:
        """Take notice of a duration. While nobody takes them, the newest few are kept."""
        with self._lock:
            known = self._observed.setdefault((name, labels), [])
            if len(known) < MOST_OBSERVED:
                known.append(round(seconds, 4))

    def set(self, name: str, value: float, *labels: str) -> None:
        """Set the present value of a gauge."""
        with self._lock:
            self._gauges[name, labels] = value

    def take(self, process: str) -> NewCounts:
        """Return what is new, and begin anew."""
        with self._lock:
            figures = NewCounts(
                process,
                dict(self._counters),
                {key: tuple(seconds) for key, seconds in self._observed.items()},
                dict(self._gauges),
            )
            self._counters.clear()
            self._observed.clear()
            return figures

    def put_back(self, figures: NewCounts) -> None:
        """Keep what could not be told."""
        for (name, labels), by in figures.counters.items():
            self.add(name, *labels, by=by)
        for (name, labels), seconds in figures.observed.items():
            for duration in seconds:
                self.observe(name, duration, *labels)


MOST_OBSERVED = 500  # durations of one metric in one telling
counts = Counts()  # of this process, as the standard logger is


class CountsLine:
    """Leads from all processes of a node to the one that shows their figures. Datagrams are whole or not there."""

    def __init__(self) -> None:
        self._shown, self._told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.setblocking(False)
        self._shown.setblocking(False)
        self._told.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WAITING)

    def tell(self, process: str, of: Counts = counts, *, turns: bool = True) -> bool:
        """Tell what is new in this process, and whether it gets on. Never blocks. False where too much waits; then it is told with the next."""
        figures = replace(of.take(process), turns=turns)
        try:
            self._told.send(_written(figures))
        except OSError:  # nobody reads, or too much at once
            of.put_back(figures)
            return False
        return True

    def heard(self) -> list[NewCounts]:
        """All that was told since the last call."""
        found = []
        while True:
            try:
                found.append(_read(self._shown.recv(LARGEST + 1)))
            except BlockingIOError:
                return found

    def fileno(self) -> int:
        return self._shown.fileno()

    def close(self) -> None:
        self._shown.close()
        self._told.close()


def _written(figures: NewCounts) -> bytes:
    def rows(values: Mapping[tuple[str, Labels], Any]) -> list[list[Any]]:
        return [[name, labels, value] for (name, labels), value in values.items()]

    return json.dumps(
        [figures.process, rows(figures.counters), rows(figures.observed), rows(figures.gauges), figures.turns]
    ).encode()


def _read(octets: bytes) -> NewCounts:
    process, *tables, turns = json.loads(octets)
    counters, observed, gauges = ({(name, tuple(labels)): value for name, labels, value in table} for table in tables)
    return NewCounts(process, counters, observed, gauges, turns)
