"""What one part of a run took: wall time, and CPU time and memory of all processes that served it (Linux)."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")  # ticks a second of the figures in /proc, usually 100
# Fields of /proc/PID/stat after the name: the parent, own CPU time, and that of children that have ended.
PARENT, OWN_TIME, ENDED_TIME = 1, slice(11, 13), slice(13, 15)
PROCESS_CLOCK = 2  # CPUCLOCK_SCHED of the kernel's <linux/posix-timers.h>


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


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over all rounds: its median, and its smallest and largest value."""

    median: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        """The median, and the range in parentheses where rounds differ; each number in the format `spec`."""
        middle, low, high = (format(value, spec) for value in (self.median, self.low, self.high))
        return middle if low == high else f"{middle} ({low}–{high})"

    def rounded(self, digits: int) -> list[float]:
        """Median, smallest and largest value, for JSON."""
        return [round(value, digits) for value in (self.median, self.low, self.high)]


def spread_of(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


class Stopwatch:
    """Add up the time between `start` and `stop`. `cpu` gives the CPU seconds that the measured processes have used so far."""

    def __init__(self, cpu: Callable[[], float] | None = None) -> None:
        self._cpu = cpu or time.process_time
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


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process and all its descendants, those included that have ended and were waited for.

    `getrusage` counts children only when they have ended, and the readers of a node live as long as the node. Running processes are read
    from their clocks, to the microsecond; what has ended is known in hundredths of a second.
    """
    stats = _process_table()
    family = [member for member in _family(pid, stats) if member in stats]
    ended = sum(int(ticks) for member in family for ticks in stats[member][ENDED_TIME])
    return ended / CLOCK_TICKS + sum(_clock_of(member, stats[member]) for member in family)


def parent_of(pid: int, name: str) -> int:
    """The parent of a process of this machine that has that name; 0 where there is no such process."""
    try:
        command, _, fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").partition("(")[2].rpartition(")")
    except OSError:
        return 0
    return int(fields.split()[PARENT]) if command == name else 0


def memory_of(pid: int) -> int:
    """Resident octets of a process and all its descendants. A page that several of them share is counted once (PSS)."""
    total = 0
    for member in _family(pid, _process_table()):
        with suppress(OSError):  # the process has just ended
            total += proportional_set_size(Path(f"/proc/{member}/smaps_rollup").read_text())
    return total


def proportional_set_size(rollup: str) -> int:
    """The octets of the field Pss in the text of /proc/PID/smaps_rollup; 0 for a process without memory."""
    kilobytes = [line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")]
    return 1024 * int(kilobytes[0]) if kilobytes else 0


def _family(pid: int, stats: dict[int, list[str]]) -> list[int]:
    """The process and its descendants that run, parents before children."""
    family = [pid]
    for parent in family:
        family.extend(child for child, fields in stats.items() if int(fields[PARENT]) == parent)
    return family


def _clock_of(pid: int, fields: list[str]) -> float:
    """CPU seconds of one process alone, from its clock (clock_getcpuclockid), or from /proc where it has just ended."""
    try:
        return time.clock_gettime((~pid << 3) | PROCESS_CLOCK)
    except OSError:
        return sum(int(ticks) for ticks in fields[OWN_TIME]) / CLOCK_TICKS


def _process_table() -> dict[int, list[str]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # the process has just ended
                continue
    return found
