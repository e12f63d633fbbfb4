"""Which repetitions of the same trouble stand in the log: the first one, and then counts of the others after 1, 10 and 60 minutes."""

from collections.abc import Hashable
from dataclasses import dataclass, field

MARKS = (60.0, 600.0, 3600.0)  # seconds after the first one at which the count is told; then every hour
QUIET = 900.0  # seconds without a repetition after which a trouble is over: the next one is a first one
MOST_TROUBLES = 1000  # that are remembered; beyond them, the one that was quiet for the longest time is forgotten


@dataclass(frozen=True, slots=True)
class Repetition:
    """How often a trouble came since it was last told, and when it came first, in the seconds of the caller's clock."""

    times: int
    first: float


FIRST = Repetition(0, 0.0)


@dataclass(slots=True)
class _Trouble:
    first: float
    latest: float
    untold: int = 0
    told: int = 0  # how many of the marks are behind


@dataclass(slots=True)
class Repeats:
    """Remembers the troubles of one process. The clock of the caller may jump: a trouble that seems to come from the future is a first one."""

    _troubles: dict[Hashable, _Trouble] = field(default_factory=dict)

    def come(self, trouble: Hashable, now: float) -> Repetition | None:
        """Take notice of a trouble. Return FIRST where it is to be told, a count where the count is to be told, None where nothing is."""
        known = self._troubles.pop(trouble, None)
        if known is None or not 0 <= now - known.latest <= QUIET:
            self._troubles[trouble] = _Trouble(now, now)
            if len(self._troubles) > MOST_TROUBLES:
                del self._troubles[next(iter(self._troubles))]
            return FIRST
        self._troubles[trouble] = known  # the newest is the last one
        known.latest = now
        known.untold += 1
        if now - known.first < _mark(known.told):
            return None
        while now - known.first >= _mark(known.told):
            known.told += 1
        times, known.untold = known.untold, 0
        return Repetition(times, known.first)


def _mark(number: int) -> float:
    """After how many seconds the count is told for the nth time."""
    return MARKS[number] if number < len(MARKS) else MARKS[-1] * (number - len(MARKS) + 2)
