"""What one part of a run took: wall time, and CPU time of all processes that served it (Linux)."""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")  # ticks a second of the figures in /proc, usually 100
PARENT, FIRST_TIME, LAST_TIME = (
    1,
    11,
    15,
)  # fields of /proc/PID/stat after the name: own CPU time, and that of children that have ended


@dataclass(frozen=True, slots=True)
class Measure:
    """`mails` took `seconds` of wall time and `cpu_seconds` of the measured processes together. The sender of the mails is
    not counted.
    """

    name: str
    mails: int
    seconds: float
    cpu_seconds: float

    @property
    def mails_per_second(self) -> float:
        return self.mails / self.seconds if self.seconds else 0.0

    @property
    def milliseconds(self) -> float:
        """Wall time of one mail."""
        return 1000 * self.seconds / self.mails if self.mails else 0.0

    @property
    def cpu_milliseconds(self) -> float:
        return 1000 * self.cpu_seconds / self.mails if self.mails else 0.0


class Stopwatch:
    """Add up the time between `start` and `stop`. `cpu` gives the CPU seconds that the measured processes have used so far."""

    def __init__(self, cpu: Callable[[], float] | None = None) -> None:
        self._cpu = cpu or own_cpu
        self._started = self._cpu_started = 0.0
        self.seconds = self.cpu_seconds = 0.0

    def start(self) -> None:
        self._cpu_started = self._cpu()
        self._started = time.perf_counter()

    def stop(self) -> None:
        self.seconds += time.perf_counter() - self._started
        self.cpu_seconds += self._cpu() - self._cpu_started

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *fault: object) -> None:
        self.stop()

    def measure(self, name: str, mails: int) -> Measure:
        return Measure(name, mails, self.seconds, self.cpu_seconds)


def own_cpu() -> float:
    """CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process and all its descendants, in hundredths of a second.

    `getrusage` counts children only when they have ended, and the readers of a node live as long as the node.
    """
    stats = _process_table()
    family = [pid]
    for parent in family:
        family.extend(child for child, fields in stats.items() if int(fields[PARENT]) == parent)
    return sum(int(ticks) for member in family if member in stats for ticks in stats[member][FIRST_TIME:LAST_TIME]) / CLOCK_TICKS


def _process_table() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # the process has just ended
                continue
    return found
