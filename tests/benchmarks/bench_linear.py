"""How every scanner bears hostile input: time at 256 KiB and at 1 MiB, and their ratio (4 is linear, 16 is quadratic).

    python tests/benchmarks/bench_linear.py            each scanner with its slowest patterns, and whatever is over a limit
    python tests/benchmarks/bench_linear.py masked     one scanner, all patterns

Times are of the processor. Limits on an idle machine: 100 ms for 1 MiB, 200 ms for a full header, a ratio below 8.
"""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.hostile.hostile import OF_HEADERS, PATTERNS, SCANNERS, WHOLE, prepared

SMALL, LARGE = 1 << 18, 1 << 20
MOST_SECONDS, MOST_HEADER_SECONDS, MOST_GROWTH = 0.1, 0.2, 8.0
NOTICED = 0.01  # seconds below which a ratio says nothing
ROUNDS = 3
SHOWN = 2  # patterns of each scanner


@dataclass(frozen=True, slots=True)
class Scan:
    scanner: str
    pattern: str
    small: float  # seconds
    large: float

    @property
    def growth(self) -> float:
        return self.large / max(self.small, 1e-6)

    @property
    def over(self) -> bool:
        most = MOST_HEADER_SECONDS if self.scanner in OF_HEADERS or self.scanner in WHOLE else MOST_SECONDS
        return self.large > most or (self.large > NOTICED and self.growth > MOST_GROWTH)

    def __str__(self) -> str:
        mark = "OVER" if self.over else ""
        return (
            f"{self.scanner:<20}{self.pattern:<22}{self.small * 1000:>9.1f}{self.large * 1000:>9.1f}{self.growth:>8.1f}  {mark}"
        )


def measured(scanner: str, pattern: str) -> Scan:
    """Measured again, and the best of it taken, while it is over a limit: other work on the machine must not be blamed."""
    scan = _once(scanner, pattern)
    for _ in range(ROUNDS - 1):
        if not scan.over:
            break
        again = _once(scanner, pattern)
        scan = Scan(scanner, pattern, min(scan.small, again.small), min(scan.large, again.large))
    return scan


def _once(scanner: str, pattern: str) -> Scan:
    return Scan(scanner, pattern, _seconds(prepared(scanner, pattern, SMALL)), _seconds(prepared(scanner, pattern, LARGE)))


def _seconds(scan: Callable[[], object]) -> float:
    start = time.process_time()
    scan()
    return time.process_time() - start


def main() -> int:
    logging.disable(logging.CRITICAL)
    wanted = sys.argv[1:] or SCANNERS
    over = 0
    print(f"{'scanner':<20}{'repeated':<22}{'256 KiB':>9}{'1 MiB':>9}{'ratio':>8}  (ms)")
    for scanner in wanted:
        scans = sorted((measured(scanner, pattern) for pattern in PATTERNS), key=lambda scan: -scan.large)
        over += sum(scan.over for scan in scans)
        for number, scan in enumerate(scans):
            if scan.over or number < SHOWN or sys.argv[1:]:
                print(scan, flush=True)
    print(f"{len(wanted)} scanners, {len(PATTERNS)} patterns, {over} over a limit")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
