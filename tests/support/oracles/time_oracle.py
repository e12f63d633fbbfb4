"""Promised times worked out the slow way: every minute of two years is asked whether it is worked, and used time is a sum of stretches.

Knows nothing of the code under test but the names of its configuration. Moments are whole seconds since 1970, UTC.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
START = int(FIRST.timestamp())
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Office:
    """The hours as the configuration writes them, by day, and the country whose holidays are days off."""

    zone: str
    hours: tuple[str, ...]
    country: str = ""
    subdivision: str = ""

    def keys(self) -> dict[str, str]:
        named = dict(zip(DAYS, self.hours, strict=True))
        return {"zone": self.zone, "country": self.country, "subdivision": self.subdivision, **named}


BERLIN = Office("Europe/Berlin", ("09:00-12:00, 13:00-17:00",) * 5 + ("", ""), "DE", "BE")
NEW_YORK = Office("America/New_York", ("08:30-18:00",) * 5 + ("10:00-14:00", ""), "US")
LORD_HOWE = Office("Australia/Lord_Howe", ("00:00-06:00, 22:00-24:00",) * 3 + ("09:00-17:00",) * 4)
OFFICES = (BERLIN, NEW_YORK, LORD_HOWE)


@cache
def worked_seconds(office: Office) -> list[int]:
    """How many seconds have been worked before each minute."""
    off = frozenset(
        country_holidays(office.country, subdiv=office.subdivision or None, years=range(2025, 2029)) if office.country else ()
    )
    minutes = [frozenset(_minutes(text)) for text in office.hours]
    zone, total, sums = ZoneInfo(office.zone), 0, [0]
    for minute in range((int(LAST.timestamp()) - START) // 60):
        wall = datetime.fromtimestamp(START + 60 * minute, zone)
        works = wall.hour * 60 + wall.minute in minutes[wall.weekday()] and not _is_off(wall.date(), off)
        total += 60 if works else 0
        sums.append(total)
    return sums


def _is_off(day: date, off: frozenset[date]) -> bool:
    return day in off


def _minutes(text: str) -> Iterator[int]:
    for window in filter(None, text.split(", ")):
        opens, closes = (int(clock[:2]) * 60 + int(clock[3:]) for clock in window.split("-"))
        yield from range(opens, closes)


def worked(office: Office, start: int, end: int) -> int:
    """The seconds worked between two moments."""
    return max(0, _worked_before(office, end) - _worked_before(office, start))


def _worked_before(office: Office, moment: int) -> int:
    sums, (minute, second) = worked_seconds(office), divmod(moment - START, 60)
    return sums[minute] + (second if sums[minute + 1] > sums[minute] else 0)


def reached(office: Office, start: int, seconds: int) -> int:
    """The first moment by which so many seconds were worked since `start`."""
    if seconds <= 0:
        return start
    sums, wanted = worked_seconds(office), _worked_before(office, start) + seconds
    minute = bisect_left(sums, wanted) - 1
    return START + 60 * minute + wanted - sums[minute]


@dataclass
class Watch:
    """One target: the stretches in which it ran, the last one still open where its second moment is None."""

    kind: str
    stretches: list[tuple[int, int | None]]
    answered_at: int | None = None
    warned: bool = False
    missed: bool = False
    late: bool = False  # found missed, or met after its time though nobody had looked


@dataclass
class Oracle:
    """What must be told of one ticket, and when. Events come in their order; `now` is when one is worked on, `at` when it happened."""

    office: Office
    promises: dict[tuple[str, str], int]  # severity and kind; seconds, a multiple of four
    severity: str
    opened: int
    runs: bool = True
    first_answered_at: int | None = None
    watches: list[Watch] = field(default_factory=list)
    told: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)
    over: list[tuple[str, bool]] = field(
        default_factory=list
    )  # promises that others have followed: kind, and whether it was late
    last: int = 0

    def __post_init__(self) -> None:
        self.watches = [Watch(kind, [(self.opened, None)]) for kind in ("first_response", "resolution")]
        self.last = self.opened

    def pauses(self, now: int) -> None:
        if self.runs:
            for watch in self.watches:
                begun = watch.stretches[-1][0]
                watch.stretches[-1] = (begun, max(now, begun))
        self.runs, self.last = False, now

    def never_paused(self) -> None:
        """What has paused the clocks turns out not to have happened."""
        if not self.runs:
            for watch in self.watches:
                watch.stretches[-1] = (watch.stretches[-1][0], None)
        self.runs = True

    def goes_on(self, at: int, now: int) -> None:
        if not self.runs:
            for watch in self.watches:
                ended = watch.stretches[-1][1]
                assert ended is not None
                watch.stretches.append((max(at, ended), None))
        self.runs, self.last = True, now

    def customer_writes(self, at: int, now: int) -> None:
        self.goes_on(at, now)
        waits = [watch for watch in self.watches if watch.kind == "next_response" and watch.answered_at is None]
        if self.first_answered_at is not None and not waits:
            self.over += [(watch.kind, watch.late) for watch in self.watches if watch.kind == "next_response"]
            self.watches = [watch for watch in self.watches if watch.kind != "next_response"]
            self.watches.append(Watch("next_response", [(at, None)]))

    def staff_answers(self, now: int) -> None:
        for watch in self.watches:
            if watch.kind != "resolution" and watch.answered_at is None:
                watch.late = watch.late or self._is_late(watch, now)
                watch.answered_at = now
        self.first_answered_at, self.last = self.first_answered_at or now, now

    def answer_bounces(self, answered: int, now: int) -> None:
        for watch in self.watches:
            watch.answered_at = None if watch.answered_at == answered else watch.answered_at
        self.first_answered_at = None if self.first_answered_at == answered else self.first_answered_at
        self.last = now

    def severity_becomes(self, severity: str, now: int) -> None:
        self.severity, self.last = severity, now

    def is_resolved(self, now: int) -> None:
        self.is_over(now)
        self.staff_answers(now)

    def is_over(self, now: int) -> None:
        for watch in self.watches:
            if watch.kind == "resolution":
                watch.late = watch.late or self._is_late(watch, now)
        self.pauses(now)

    def score(self, *, done: bool) -> dict[str, tuple[int, int, int]]:
        """How many promises of each kind were kept, missed, and may still be kept, where the severity that it has in the end promises them."""
        kept, missed, still_open = Counter[str](), Counter[str](), Counter[str]()
        for kind, late in self.over:
            missed[kind] += late
            kept[kind] += not late and (self.severity, kind) in self.promises
        for watch in self.watches:
            met = done if watch.kind == "resolution" else watch.answered_at is not None
            if watch.late:
                missed[watch.kind] += 1
            elif self._has_promise(watch) and met:
                kept[watch.kind] += 1
            elif self._has_promise(watch) and not done:
                still_open[watch.kind] += 1
        return {kind: (kept[kind], missed[kind], still_open[kind]) for kind in ("first_response", "next_response", "resolution")}

    def _has_promise(self, watch: Watch) -> bool:
        return (self.severity, watch.kind) in self.promises

    def _is_late(self, watch: Watch, now: int) -> bool:
        """Met in the very moment in which it is due is met in time."""
        if not self._has_promise(watch):
            return False
        begun, ended = watch.stretches[-1]
        wanted = self.promises[self.severity, watch.kind] - sum(worked(self.office, a, b or a) for a, b in watch.stretches[:-1])
        return wanted < 0 or reached(self.office, begun, wanted) < (now if ended is None else ended)

    def used(self, watch: Watch, now: int) -> int:
        return sum(worked(self.office, a, now if b is None else b) for a, b in watch.stretches)

    def next_look(self) -> int | None:
        """The next moment at which something is to be told."""
        moments = [self._crossing(target) for target in self._open()]
        return min((time for time in moments if time is not None), default=None)

    def _crossing(self, watch: Watch) -> int | None:
        promise = self.promises.get((self.severity, watch.kind))
        if promise is None:
            return None
        before = sum(worked(self.office, a, b) for a, b in watch.stretches if b is not None)
        wanted = promise if watch.warned else promise // 4 * 3
        return max(self.last, reached(self.office, watch.stretches[-1][0], wanted - before))

    def _open(self) -> list[Watch]:
        return [watch for watch in self.watches if self.runs and watch.answered_at is None and not watch.missed]

    def looks(self, now: int) -> None:
        """A miss is told once, whatever else is due; else what has used three quarters is warned of, once."""
        promised = [
            (target, self.promises[self.severity, target.kind])
            for target in self._open()
            if (self.severity, target.kind) in self.promises
        ]
        late = [target for target, promise in promised if self.used(target, now) >= promise]
        near = [target for target, promise in promised if self.used(target, now) * 4 >= promise * 3 and not target.warned]
        for target in near:
            target.warned = True
        for target in late:
            target.missed = target.late = True
        if late:
            self.told.append((now, "missed", tuple(sorted(target.kind for target in late))))
        elif near:
            self.told.append((now, "warning", tuple(sorted(target.kind for target in near))))
        self.last = now


def moment(seconds: int) -> datetime:
    return FIRST + timedelta(seconds=seconds - START)
