"""Dates that staff give to customers, as in "#working by friday". Pure."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

END_OF_DAY = time(23, 59)  # on the clock on the wall; a moment at that time stands for the whole day


def day_of(moment: datetime, zone: str) -> date | None:
    """The day for whose end a moment stands, in a zone; None for any other moment."""
    there = moment.astimezone(ZoneInfo(zone))
    return there.date() if there.time() == END_OF_DAY else None


def by_words(moment: datetime, zone: str) -> str:
    """A given date in English, for staff: "Wednesday, 2 December 2026", with the time where one was given."""
    there = moment.astimezone(ZoneInfo(zone))
    day = f"{there:%A}, {there.day} {there:%B %Y}"
    return day if there.time() == END_OF_DAY else f"{day} at {there:%H:%M} ({there:%Z})"
