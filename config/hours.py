"""Opening hours of a day, as text and as spans since local midnight. It imports nothing of ours, because both policy and calendar use it."""

import difflib
import re
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

Window = tuple[timedelta, timedelta]  # opens, closes: wall-clock time since local midnight

WINDOW = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})", re.ASCII)
CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
MIDNIGHT = timedelta(hours=24)


def windows(text: str) -> tuple[Window, ...]:
    """The windows of one day: "09:00-17:00", "09:00-12:00, 13:00-17:00", "22:00-24:00"; "" is a day off.

    Raises ValueError that says what is allowed.
    """
    if not text.strip():
        return ()
    found = tuple(_window(part.strip()) for part in text.split(","))
    for (_, closes), (opens, _) in pairwise(found):
        if opens < closes:
            raise ValueError("write the hours of a day in their order, without overlap")
    return found


def _window(text: str) -> Window:
    shape = WINDOW.fullmatch(text)
    if not shape:
        raise ValueError('write hours as "09:00-17:00" or "09:00-12:00, 13:00-17:00", and "" for a day off')
    opens, closes = _time(shape[1], shape[2]), _time(shape[3], shape[4])
    if opens >= closes:
        raise ValueError(
            f'"{text}" ends before it begins; a night is two windows: "22:00-24:00", then "00:00-06:00" on the next day'
        )
    return opens, closes


def _time(hour: str, minute: str) -> timedelta:
    time = timedelta(hours=int(hour), minutes=int(minute))
    if int(minute) > 59 or time > MIDNIGHT:
        raise ValueError(f'"{hour}:{minute}" is no time of day: 00:00 to 24:00')
    return time


def hours(text: str) -> str:
    """The text itself, when it reads as hours."""
    windows(text)
    return text


def time_of_day(text: str) -> timedelta | None:
    """The span from midnight to a time of day such as "08:00"; None for "", which means never.

    Raises ValueError that says what is allowed.
    """
    if not text:
        return None
    shape = CLOCK.fullmatch(text)
    if not shape or int(shape[1]) > 23 or int(shape[2]) > 59:
        raise ValueError('write a time of day as "08:00", and "" for never')
    return timedelta(hours=int(shape[1]), minutes=int(shape[2]))


def clock(text: str) -> str:
    """The text itself, when it reads as a time of day."""
    time_of_day(text)
    return text


def zone(name: str) -> str:
    """The name itself, when it is an IANA time zone.

    Raises ValueError with the nearest known name.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(available_timezones()), n=1)
        hint = f', did you mean "{near[0]}"?' if near else "; write an IANA name such as Europe/Berlin"
        raise ValueError(f"unknown time zone{hint}") from None
    return name


def holiday(value: object) -> object:
    """An ISO date, as text or as TOML's own date; text comes back.

    Raises ValueError that says what is allowed.
    """
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise ValueError('write a day as "2026-12-25"')
