"""Times as letters name them, read again by a reader who knows two languages and nothing of the gateway."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

KINDS = {
    "First answer": "first_response", "Next answer": "next_response", "Solution": "resolution", "Promised date": "given_date",
    "Erste Antwort": "first_response", "Nächste Antwort": "next_response", "Lösung": "resolution", "Zugesagter Termin": "given_date",
}  # fmt: skip
MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12, "Mär": 3,
    "Mai": 5, "Okt": 10, "Dez": 12,
}  # fmt: skip
WEEKDAYS = {"Mo": 0, "Tu": 1, "We": 2, "Th": 3, "Fr": 4, "Sa": 5, "Su": 6, "Di": 1, "Mi": 2, "Do": 3, "So": 6}
ZONES = {
    "Europe/Berlin": {"CET", "MEZ"},
    "Europe/London": {"GMT", "WEZ", "Greenwich Mean Time"},
    "America/New_York": {"EST", "Eastern Standard Time"},
}
WHAT = "|".join(KINDS)
SHORT_DAY = r"(?P<weekday>[A-Z][a-z])[a-z]*\.?,? (?P<day>\d{1,2})\.? (?P<month>[A-Z][a-zä]{2})[a-z]*\.?(?: \d{4})?"
DUE = re.compile(
    rf"(?P<what>{WHAT}) (?P<how>due soon:|due|overdue since|bald fällig:|fällig|überfällig seit) {SHORT_DAY}"
    r"(?:, (?P<time>\d\d:\d\d) (?P<zone>[A-Z]{2,}[+-]?[\d:]*))?"
)
LONG_DAY = re.compile(
    r"(?P<weekday>[A-Z][a-z])[a-z]+, (?P<day>\d{1,2})\.? (?P<month>[A-Z][a-zä]{2})[a-zä]* (?P<year>\d{4})"
    r"(?:(?:,| at| um) (?P<time>\d\d:\d\d)(?: Uhr)? \((?P<zone>[^)]+)\))?"
)


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A time as a letter names it. Without a time of day it is the whole day."""

    what: str  # the kind of promise; "" in a sentence
    late: bool
    weekday: str
    day: int
    month: str
    time: str
    zone: str

    def names(self, moment: datetime, zone: str) -> bool:
        """Whether this is how a reader in a zone reads that moment."""
        there = moment.astimezone(ZoneInfo(zone))
        is_day = (WEEKDAYS[self.weekday], self.day, MONTHS[self.month]) == (there.weekday(), there.day, there.month)
        if not self.time:
            return is_day
        return is_day and self.time == f"{there:%H:%M}" and self.zone in ZONES[zone]


def due_times(text: str) -> Iterator[NamedTime]:
    """The promised times in a letter to staff."""
    for found in DUE.finditer(" ".join(text.split())):
        late = "over" in found["how"] or "über" in found["how"]
        yield NamedTime(
            KINDS[found["what"]],
            late,
            found["weekday"],
            int(found["day"]),
            found["month"],
            found["time"] or "",
            found["zone"] or "",
        )


def dates_in(text: str) -> Iterator[NamedTime]:
    """The dates in a letter to a customer."""
    for found in LONG_DAY.finditer(" ".join(text.split())):
        yield NamedTime("", False, found["weekday"], int(found["day"]), found["month"], found["time"] or "", found["zone"] or "")
