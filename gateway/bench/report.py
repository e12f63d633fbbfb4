"""The results of a run, as a table for people and as plain values."""

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from helpdesk.gateway.bench.measure import Measure
from helpdesk.threading.model.mail import Disposition


class Part(StrEnum):
    """The parts of a run, in order."""

    NULL_HANDLER = "aiosmtpd, null handler"
    SINGLE_COMMITS = "SQLite, 1 mail a commit"
    GROUP_COMMITS = "SQLite, 50 mails a commit"
    ACCEPT = "durable accept"
    PROCESSING = "processing alone"
    END_TO_END = "end to end"
    WITH_LETTERS = "end to end, letters sent"


RATIOS = (
    (Part.ACCEPT, Part.NULL_HANDLER),
    (Part.ACCEPT, Part.SINGLE_COMMITS),
    (Part.PROCESSING, Part.GROUP_COMMITS),
    (Part.END_TO_END, Part.NULL_HANDLER),
    (Part.END_TO_END, Part.ACCEPT),
)


@dataclass(frozen=True, slots=True)
class BenchReport:
    """The results: `parts` in order, `steps` in one process, `sizes` of the mails in octets, and `letters` that the steps
    wrote.
    """

    seed: int
    sizes: tuple[int, ...]
    parts: Mapping[Part, Measure]
    steps: tuple[Measure, ...]
    dispositions: Mapping[Disposition, int]
    letters: int

    def ratios(self) -> dict[str, float]:
        """The rate of one part divided by that of another. Only ratios can be compared between machines."""
        found = {}
        for part, limit in RATIOS:
            rate, base = self.parts[part].mails_per_second, self.parts[limit].mails_per_second
            found[f"{part} / {limit}"] = rate / base if base else 0.0
        return found

    def values(self) -> dict[str, Any]:
        """The results under the names of the JSON contract."""
        return {
            "workload": self._workload(),
            "machine": _machine(),
            "parts": {part: _values(measure) for part, measure in self.parts.items()},
            "ratios": {name: round(ratio, 3) for name, ratio in self.ratios().items()},
            "steps": {step.name: _values(step) for step in self.steps},
            "fates": dict(self.dispositions),
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines of the table."""
        workload, machine = self._workload(), _machine()
        yield f"{workload['mails']} mails, {workload['mean_octets'] / 1024:.0f} KB on average, seed {self.seed}; {workload['letters_a_mail']} letters a mail"
        yield f"Python {machine['python']}, {machine['cores']} cores, load {machine['load']} when it ended"
        yield ""
        yield f"{'':28}{'mails/s':>10}{'CPU ms':>10}{'x null':>10}"
        null = self.parts[Part.NULL_HANDLER].mails_per_second
        for part, measure in self.parts.items():
            times = measure.mails_per_second / null if null else 0.0
            yield f"{part:28}{measure.mails_per_second:>10.0f}{measure.cpu_milliseconds:>10.2f}{times:>10.2f}"
        yield ""
        yield from (f"{name:56}{ratio:>8.2f}" for name, ratio in self.ratios().items())
        yield ""
        yield f"{'steps, in one process':42}{'ms':>8}{'CPU ms':>8}"
        yield from (f"{step.name:42}{step.milliseconds:>8.3f}{step.cpu_milliseconds:>8.3f}" for step in self.steps)
        yield ""
        yield "all mails: " + ", ".join(f"{count} {disposition}" for disposition, count in sorted(self.dispositions.items()))

    def _workload(self) -> dict[str, Any]:
        count = len(self.sizes)
        return {
            "mails": count,
            "seed": self.seed,
            "mean_octets": sum(self.sizes) // max(1, count),
            "median_octets": sorted(self.sizes)[count // 2] if count else 0,
            "letters_a_mail": round(self.letters / count, 2) if count else 0.0,
        }


def _values(measure: Measure) -> dict[str, float]:
    return {
        "mails": measure.mails,
        "seconds": round(measure.seconds, 4),
        "cpu_seconds": round(measure.cpu_seconds, 4),
        "mails_per_second": round(measure.mails_per_second, 1),
        "cpu_ms_a_mail": round(measure.cpu_milliseconds, 3),
    }


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
    }
