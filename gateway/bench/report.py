"""The results of a run, as a table for people and as plain values."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from helpdesk.gateway.bench.measure import Measure, Spread, spread_of
from helpdesk.threading.model.mail import Disposition

MEGABYTE = 1024 * 1024


class Part(StrEnum):
    """The parts of a round, in order."""

    NULL_HANDLER = "aiosmtpd, null handler"
    SINGLE_COMMITS = "SQLite, 1 mail a commit"
    GROUP_COMMITS = "SQLite, 50 mails a commit"
    ACCEPT = "durable accept"
    PROCESSING = "processing alone"
    BUSY_ACCEPT = "accept, workers at work"
    END_TO_END = "end to end"
    WITH_LETTERS = "end to end, letters sent"
    BY_SMTP = "end to end, letters by SMTP"


RATIOS = (
    (Part.ACCEPT, Part.NULL_HANDLER),
    (Part.BUSY_ACCEPT, Part.NULL_HANDLER),
    (Part.ACCEPT, Part.SINGLE_COMMITS),
    (Part.PROCESSING, Part.GROUP_COMMITS),
    (Part.END_TO_END, Part.NULL_HANDLER),
    (Part.END_TO_END, Part.ACCEPT),
)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: all parts once on the same desk, then the steps in one process; `memory` of the node is in octets.

    `database_cpu` are the seconds of a database server on this machine in the part `WITH_LETTERS`.
    """

    parts: Mapping[Part, Measure]
    steps: tuple[Measure, ...]
    memory: int
    database_cpu: float = 0.0

    @property
    def sum(self) -> float:
        """Milliseconds of CPU a mail in all steps together."""
        return sum(step.cpu_milliseconds for step in self.steps)

    @property
    def whole(self) -> float:
        """Milliseconds of CPU a mail in all processes of the node, from the door to the sent letter."""
        return self.parts[Part.WITH_LETTERS].cpu_milliseconds

    @property
    def database(self) -> float:
        """Milliseconds of CPU a mail of the database server."""
        mails = self.parts[Part.WITH_LETTERS].mails
        return 1000 * self.database_cpu / mails if mails else 0.0

    @property
    def megabytes(self) -> float:
        """Memory of the node."""
        return self.memory / MEGABYTE

    @property
    def outside(self) -> float:
        """The part of the whole that no step has. Negative where the node needs less than the steps in one process."""
        return (self.whole - self.sum) / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Extra:
    """A further measurement: its name, lines for people, and the same as plain values."""

    name: str
    lines: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BenchReport:
    """The results: all rounds, the reading of a mail alone, `sizes` of the mails in octets, and how many `letters` a mail got."""

    seed: int
    database: str
    sizes: tuple[int, ...]
    rounds: Sequence[Round]
    reading: tuple[Measure, ...]
    dispositions: Mapping[Disposition, int]
    letters: float
    extras: Sequence[Extra] = ()

    def ratios(self) -> dict[str, Spread]:
        """The rate of one part divided by that of another in the same round. Only ratios can be compared between machines."""
        return {
            f"{part} / {limit}": spread_of([_ratio(measured_round, part, limit) for measured_round in self.rounds])
            for part, limit in RATIOS
        }

    def rate(self, part: Part) -> Spread:
        """Mails a second."""
        return spread_of([measured_round.parts[part].mails_per_second for measured_round in self.rounds])

    def values(self) -> dict[str, Any]:
        """The results under the names of the JSON contract. A figure over all rounds is [median, smallest, largest]."""
        return {
            "workload": self._workload(),
            "machine": _machine(),
            "parts": {part: _values([measured_round.parts[part] for measured_round in self.rounds]) for part in Part},
            "ratios": {name: ratio.rounded(3) for name, ratio in self.ratios().items()},
            "steps": {steps[0].name: _values(steps) for steps in self._steps()},
            "sum": {
                "steps_cpu_ms": self._spread("sum").rounded(3),
                "whole_cpu_ms": self._spread("whole").rounded(3),
                "not_in_the_steps": self._spread("outside").rounded(3),
                "database_server_cpu_ms": self._spread("database").rounded(3),
            },
            "reading": {measure.name: _values([measure]) for measure in self.reading},
            "memory_mb": self._spread("megabytes").rounded(1),
            "fates": dict(self.dispositions),
            "extras": {extra.name: dict(extra.values) for extra in self.extras},
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines of the table."""
        workload, machine = self._workload(), _machine()
        yield f"{workload['mails']} mails a part, {workload['mean_octets'] / 1024:.0f} KB on average, seed {self.seed}; {workload['letters_a_mail']} letters a mail"
        yield f"Python {machine['python']}, {machine['cores']} cores, load {machine['load']} when it ended; {self.database}"
        yield f"{len(self.rounds)} rounds; medians, and smallest and largest values in parentheses"
        yield ""
        yield f"{'':28}{'mails/s':>22}{'CPU ms':>24}{'x null':>8}"
        null = self.rate(Part.NULL_HANDLER).median
        for part in Part:
            rate, cpu = (
                self.rate(part),
                spread_of([measured_round.parts[part].cpu_milliseconds for measured_round in self.rounds]),
            )
            shown = format(cpu, ".2f") if cpu.median else ""
            yield f"{part:28}{format(rate, '.0f'):>22}{shown:>24}{rate.median / null if null else 0:>8.2f}"
        yield ""
        yield from (f"{name:56}{format(ratio, '.2f'):>24}" for name, ratio in self.ratios().items())
        yield ""
        yield f"{'steps, in one process':42}{'CPU ms':>24}"
        for steps in self._steps():
            yield f"{steps[0].name:42}{format(spread_of([step.cpu_milliseconds for step in steps]), '.3f'):>24}"
        yield f"{'sum of the steps':42}{format(self._spread('sum'), '.2f'):>24}"
        yield f"{'whole: end to end, letters sent':42}{format(self._spread('whole'), '.2f'):>24}"
        yield f"{'not in the steps':42}{format(self._spread('outside'), '.1%'):>24}"
        if any(measured_round.database_cpu for measured_round in self.rounds):
            yield f"{'beside it, the database server':42}{format(self._spread('database'), '.2f'):>24}"
        yield ""
        yield f"{'reading alone':42}{'CPU ms':>24}"
        yield from (f"{measure.name:42}{measure.cpu_milliseconds:>24.3f}" for measure in self.reading)
        yield ""
        yield f"memory of the node: {self._spread('megabytes'):.0f} MB in all its processes (PSS)"
        for extra in self.extras:
            yield ""
            yield f"{extra.name}:"
            yield from (f"  {line}" for line in extra.lines)
        yield ""
        yield "all mails: " + ", ".join(f"{count} {disposition}" for disposition, count in sorted(self.dispositions.items()))

    def _steps(self) -> list[tuple[Measure, ...]]:
        """Each step in all rounds."""
        return list(zip(*(measured_round.steps for measured_round in self.rounds), strict=True))

    def _spread(self, name: str) -> Spread:
        return spread_of([getattr(measured_round, name) for measured_round in self.rounds])

    def _workload(self) -> dict[str, Any]:
        count = len(self.sizes)
        return {
            "mails": count,
            "rounds": len(self.rounds),
            "seed": self.seed,
            "database": self.database,
            "mean_octets": sum(self.sizes) // max(1, count),
            "median_octets": sorted(self.sizes)[count // 2] if count else 0,
            "letters_a_mail": round(self.letters, 2),
        }


def _ratio(measured_round: Round, part: Part, limit: Part) -> float:
    rate, base = measured_round.parts[part].mails_per_second, measured_round.parts[limit].mails_per_second
    return rate / base if base else 0.0


def _values(measures: Sequence[Measure]) -> dict[str, Any]:
    return {
        "mails": measures[0].mails,
        "seconds": spread_of([measure.seconds for measure in measures]).rounded(4),
        "cpu_seconds": spread_of([measure.cpu_seconds for measure in measures]).rounded(4),
        "mails_per_second": spread_of([measure.mails_per_second for measure in measures]).rounded(1),
        "cpu_ms_a_mail": spread_of([measure.cpu_milliseconds for measure in measures]).rounded(3),
    }


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
    }
