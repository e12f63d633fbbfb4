"""Read times as staff write them in commands: "4h", "2d", "monday", "2026-11-25 14:00". English words alone. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.config.calendar import due
from helpdesk.config.opening_hours import WEEKDAYS, Calendar
from helpdesk.threading.model.given_date import END_OF_DAY

SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
MOMENT = timedelta(seconds=1)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def moment_named(text: str, now: datetime, calendar: Calendar) -> datetime | None:
    """Read a time as people write it: "4h", "2d", "monday", "tomorrow", "2026-11-25", "2026-11-25 14:00". The result is in UTC.

    A day means its first working moment in the calendar's zone, and a clock time is in that zone. None for any other text.
    """
    words = " ".join(text.lower().removeprefix("until ").split())
    zone = ZoneInfo(calendar.zone)
    if words[:-1].isdigit() and words[-1:] in SPANS and len(words) <= 5:
        span = int(words[:-1]) * SPANS[words[-1]]
        return now + span if words[-1] in "mh" else _opening((now + span).astimezone(zone).date(), calendar)
    named = day_named(words, now.astimezone(zone).date())
    try:
        return _opening(named, calendar) if named is not None else _written_moment(words, zone)
    except OverflowError:
        return None


def time_named(text: str, now: datetime, calendar: Calendar) -> datetime | None:
    """Read a time as `moment_named` does, and a day with a clock time: "monday 9:00", "tomorrow 14:30", "at 9:00" (the next one)."""
    words = " ".join(text.lower().removeprefix("at ").split())
    day, _, clock = words.rpartition(" ")
    found = CLOCK.fullmatch(clock)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return moment_named(words, now, calendar)
    zone = ZoneInfo(calendar.zone)
    today, at = now.astimezone(zone).date(), time(int(found[1]), int(found[2]))
    if day:
        named = day_named(day, today)
        return datetime.combine(named, at, zone).astimezone(UTC) if named else None
    soon = datetime.combine(today, at, zone)
    return (soon if soon > now else datetime.combine(today + timedelta(days=1), at, zone)).astimezone(UTC)


def day_named(words: str, today: date) -> date | None:
    """Read a day as people write it: "today", "tomorrow", "fri", "monday" (the next one), "2026-11-25". None for any other text."""
    if words in ("today", "tomorrow"):
        return today + timedelta(days=words == "tomorrow")
    weekday = next((index for index, name in enumerate(WEEKDAYS) if len(words) >= 3 and name.startswith(words)), None)
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    try:
        return date.fromisoformat(words) if len(words) == len("2026-11-25") else None
    except ValueError:
        return None


def _written_moment(words: str, zone: ZoneInfo) -> datetime | None:
    day, _, clock = words.replace("t", " ").partition(" ")
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone).astimezone(UTC) if clock else None
    except (ValueError, OverflowError):
        return None


def end_named(text: str, now: datetime, calendar: Calendar) -> datetime | None:
    """Read a time by which something is promised. A day means its end, as the calendar's zone has it, and "2d" the end of that day.

    None for any other text.
    """
    words, zone = " ".join(text.lower().split()), ZoneInfo(calendar.zone)
    day = day_named(words, now.astimezone(zone).date())
    if day is None and words[:-1].isdigit() and words[-1:] in "dw" and len(words) <= 4:
        day = (now + int(words[:-1]) * SPANS[words[-1]]).astimezone(zone).date()
    if day is not None:
        return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)
    return moment_named(words, now, calendar)


def _opening(day: date, calendar: Calendar) -> datetime:
    """The first working moment of a day, or the next one after that day."""
    midnight = datetime.combine(day, time(), ZoneInfo(calendar.zone))
    return due(midnight, MOMENT, calendar) - MOMENT
