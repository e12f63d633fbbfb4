"""The time by which leases end and work becomes due.

Nodes that share a PostgreSQL database share its clock, because a lease that one node writes is judged by another. The processes of a
desk on SQLite share one machine, whose wall clock is the authority.

No node needs to stop when its own clock is wrong: no decision uses it. A difference is reported, because the times in logs and in
certificates are still read from the node's own clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from helpdesk.gateway.observe import Log
from helpdesk.store.database import Database, DatabaseAway

SAMPLES = 4
MEASURED_EVERY = timedelta(seconds=30).total_seconds()
LONGEST_TRIP = 0.5  # seconds; a slower answer says too little about the time, unless there is no better one
APART = 2.0  # seconds between two clocks that are worth a warning
TOGETHER = (
    1.0  # seconds between two clocks that are right again, less than APART so that a clock in between is not reported twice
)
JUMP = 1.0  # seconds by which the node's own clock moves against the monotonic clock, after which the database is asked at once

log = Log("helpdesk.clock")


def seconds_since_boot() -> float:
    """Monotonic seconds. On Linux the time of a suspended machine counts, because leases end while a machine sleeps."""
    return time.clock_gettime(CLOCK) if CLOCK is not None else time.monotonic()


CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One answer of the database's clock. `offset` is the database's time in seconds since 1970 minus the monotonic clock.

    The answer was given somewhere within the round trip, so that `offset` is wrong by half of `trip` at most.
    """

    offset: float
    trip: float


class DatabaseClock:
    """The clock of a PostgreSQL server, asked every half minute and advanced by the monotonic clock in between. Threads may share it.

    Calling it gives the time in UTC, without any I/O once `tick` has succeeded. It does not give an earlier time than before: after a
    small correction it stands still until the database's time has caught up. If the database's clock itself went back by more than two
    seconds, the time follows it, which is logged. The node's wall clock is only compared.
    """

    def __init__(
        self,
        database: Database,
        *,
        monotonic: Callable[[], float] = seconds_since_boot,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._wall = wall
        self._changing = Lock()
        self._offset: float | None = None
        self._ahead = 0.0
        self._measured_at = 0.0
        self._own_offset = 0.0  # of the node's wall clock at the last measurement
        self._latest = 0.0
        self._is_apart = False

    def __call__(self) -> datetime:
        """The time in UTC. Raise DatabaseAway if the database has never been asked and cannot be asked now."""
        if self._offset is None:
            self._measure()
        with self._changing:
            assert self._offset is not None
            self._latest = max(self._latest, self._monotonic() + self._offset)
            return datetime.fromtimestamp(self._latest, UTC)

    def tick(self) -> None:
        """Ask the database for its time if half a minute has passed or this machine's clock has jumped. Call this every few seconds.

        While the database is away, the monotonic clock carries on.
        """
        now = self._monotonic()
        # A virtual machine that was paused did not count the time, but its wall clock is usually put right when it resumes.
        has_jumped = abs(self._wall() - now - self._own_offset) > JUMP
        if self._offset is not None and now - self._measured_at < MEASURED_EVERY and not has_jumped:
            return
        try:
            self._measure()
        except DatabaseAway as fault:
            log.warning("clock.not_measured", reason=str(fault))

    def _measure(self) -> None:
        best = min(self._samples(), key=lambda sample: sample.trip)
        now = self._monotonic()
        own_offset = self._wall() - now
        if best.trip <= LONGEST_TRIP or self._offset is None:
            with self._changing:
                back = self._latest - (now + best.offset)
                self._offset = best.offset
                if back > APART:
                    self._latest = now + best.offset
            if back > APART:
                log.warning("clock.database_went_back", seconds=round(back, 1))
            self._compare(own_offset - best.offset)
        self._own_offset, self._measured_at = own_offset, now

    def _samples(self) -> list[ClockSample]:
        """Ask several times: the first answer includes the way to a new connection."""
        samples = []
        asked_at = self._monotonic()
        for moment in self._database.moments(SAMPLES):
            answered_at = self._monotonic()
            samples.append(ClockSample(moment.timestamp() - (asked_at + answered_at) / 2, answered_at - asked_at))
            asked_at = self._monotonic()
        return samples

    @property
    def ahead(self) -> timedelta:
        """By how much this machine's wall clock was ahead of the database's at the last look."""
        return timedelta(seconds=self._ahead)

    def _compare(self, ahead: float) -> None:
        """Log once when this machine's wall clock begins to differ from the database's, and once when it is right again."""
        self._ahead = ahead
        if not self._is_apart and abs(ahead) > APART:
            self._is_apart = True
            log.warning(
                "clock.apart", seconds_ahead=round(ahead, 1), do="set the clock of this machine; the database's time is used"
            )
        elif self._is_apart and abs(ahead) < TOGETHER:
            self._is_apart = False
            log.info("clock.right")


class MachineClock:
    """The wall clock of this machine, for a desk on SQLite. A jump is logged; due times are compared with the new time at the next tick."""

    def __init__(self, *, monotonic: Callable[[], float] = seconds_since_boot, wall: Callable[[], float] = time.time) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._offset = wall() - monotonic()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), UTC)

    @property
    def ahead(self) -> timedelta:
        """There is no other clock to compare with."""
        return timedelta()

    def tick(self) -> None:
        """Log it if the clock has jumped by more than two seconds. Call this every few seconds."""
        offset = self._wall() - self._monotonic()
        moved, self._offset = offset - self._offset, offset
        if abs(moved) > APART:
            log.warning("clock.jumped", seconds=round(moved, 1))


def clock_for(database: Database) -> DatabaseClock | MachineClock:
    """The clock that all processes with this database share."""
    return MachineClock() if database.is_sqlite else DatabaseClock(database)
