"""Working time: how much of it lies between two moments, and when a promised span of it is over. Pure.

A moment is working time when the clock on the wall in the calendar's zone stands inside a window of that weekday and the day is no holiday.
So an hour that is skipped in spring is not worked, and an hour that is repeated in autumn is worked twice where the desk is open then.
All moments must be aware of their zone; answers are in UTC. Limits: a zone changes its offset at most once within 24 hours.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.config.hours import Window, windows
from helpdesk.config.opening_hours import WEEKDAYS, Calendar

DAY = timedelta(days=1)
MOST_DAYS = 5000  # of a calendar whose windows are kept
STEPS = ((timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"), (timedelta(seconds=1), "second"))

Week = tuple[tuple[Window, ...], ...]  # Monday first


@dataclass(frozen=True, slots=True)
class _Hours:
    """A calendar as it is computed with. Its texts are read once."""

    calendar: Calendar
    zone: ZoneInfo
    week: Week
    usual_day: timedelta
    on_days: dict[date, tuple[Window, ...]] = field(default_factory=dict)  # filled as days are asked for, at most `MOST_DAYS`

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """When the desk works on a day; nothing on a holiday."""
        found = self.on_days.get(day)
        if found is None:
            found = () if self.calendar.is_holiday(day) else self.week[day.weekday()]
            if len(self.on_days) < MOST_DAYS:
                self.on_days[day] = found
        return found


def due(start: datetime, working: timedelta, calendar: Calendar) -> datetime:
    """The first moment by which `working` time has passed since `start`; `start` itself where `working` is nothing.

    Raises OverflowError where the calendar has no working time left.
    """
    left = working
    if left <= timedelta(0):
        return start.astimezone(UTC)
    for begins, ends in _working_spans(start.astimezone(UTC), calendar):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    raise OverflowError("the calendar ended before the promise was due")


def working_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """The working time between two moments; none where `end` is not after `start`."""
    total, until = timedelta(0), end.astimezone(UTC)
    if until <= start:
        return total
    for begins, ends in _working_spans(start.astimezone(UTC), calendar):
        if begins >= until:
            break
        total += min(ends, until) - begins
    return total


def next_working(moment: datetime, calendar: Calendar) -> datetime:
    """The first moment of working time at or after `moment`."""
    return next(begins for begins, _ in _working_spans(moment.astimezone(UTC), calendar))


def morning_of(day: date, calendar: Calendar) -> datetime:
    """When work begins on `day`, or on the first working day after it."""
    return next_working(datetime.combine(day, time(), _hours(calendar).zone), calendar)


def is_working(moment: datetime, calendar: Calendar) -> bool:
    """Whether the desk works at a moment."""
    hours = _hours(calendar)
    local = moment.astimezone(hours.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    since_midnight = local.replace(tzinfo=None) - midnight
    return any(opens <= since_midnight < closes for opens, closes in hours.windows_on(local.date()))


def is_working_until(moment: datetime, calendar: Calendar) -> bool:
    """Whether the desk works at a moment or right before it, as at the end of its day."""
    return is_working(moment, calendar) or is_working(moment - timedelta(microseconds=1), calendar)


def working_day(moment: datetime, after: timedelta, calendar: Calendar) -> date | None:
    """The day of a moment, where the desk works on that day and the clock on the wall shows `after` or later; else None."""
    hours = _hours(calendar)
    local = moment.astimezone(hours.zone)
    shown = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return local.date() if shown >= after and hours.windows_on(local.date()) else None


def usual_day(calendar: Calendar) -> timedelta:
    """The working time of the most frequent kind of working day; of two kinds that are as frequent, the longer one."""
    return _hours(calendar).usual_day


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """A span of working time in its largest whole unit."""

    count: int
    unit: str  # day, hour, minute, second


def in_working_units(span: timedelta, calendar: Calendar) -> WorkingTime:
    """A span in the largest unit that gives a whole number. A part of a second counts as a whole second."""
    for unit, name in ((usual_day(calendar), "day"), *STEPS):
        if span and span % unit == timedelta(0):
            return WorkingTime(span // unit, name)
    return WorkingTime(-(-span // timedelta(seconds=1)), "second")


def in_words(span: timedelta, calendar: Calendar) -> str:
    """A span of working time in English: "4 working hours", "one working day", "2 working days"."""
    time = in_working_units(span, calendar)
    return quantity(time.count, f"working {time.unit}") if time.count else "no time"


def quantity(number: int, noun: str) -> str:
    """A number with its noun: "one day", "2 days"."""
    return f"one {noun}" if number == 1 else f"{number} {noun}s"


def _working_spans(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The spans of working time from `start` on, in UTC and in order."""
    hours = _hours(calendar)
    for begins, ends, offset in _even_stretches(start, hours.zone):
        first, last = begins + offset, ends + offset
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight < last:
            for opens, closes in hours.windows_on(midnight.date()):
                low, high = max(midnight + opens, first), min(midnight + closes, last)
                if low < high:
                    yield low - offset, high - offset
            midnight += DAY


def _even_stretches(start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Stretches of time from `start` on, each with the zone's offset from UTC. None is longer than a day, and none has two offsets."""
    begins = start
    while True:
        offset, ends = _offset(begins, zone), begins + DAY
        if _offset(ends, zone) != offset:
            ends = _change(begins, ends, zone)
        yield begins, ends, offset
        begins = ends


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the offset changes. Offsets change on whole seconds."""
    old = _offset(before, zone)
    low, high = int(before.timestamp()), int(after.timestamp()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(datetime.fromtimestamp(middle, UTC), zone) == old else (low, middle)
    return datetime.fromtimestamp(high, UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _hours(calendar: Calendar) -> _Hours:
    return calendar.derived(_read_hours)


def _read_hours(calendar: Calendar) -> _Hours:
    week = tuple(windows(getattr(calendar, day)) for day in WEEKDAYS)
    lengths = Counter(sum((closes - opens for opens, closes in day), timedelta(0)) for day in week if day)
    usual_day = max(lengths, key=lambda length: (lengths[length], length))
    return _Hours(calendar, ZoneInfo(calendar.zone), week, usual_day)
