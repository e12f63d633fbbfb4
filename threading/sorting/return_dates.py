"""Dates in the text of an absence note, in the forms of many languages, and the date of return.

A date without a year is the next such day after the date of the mail: `5 January` in a mail of December is in the next year.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from helpdesk.threading.sorting.absence_words import (
    MONTHS,
    RETURNS,
    RETURNS_AFTER,
    TOMORROW,
    UNTIL,
    UNTIL_AFTER,
    WEEKDAYS,
)

MONTH_OF = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}
WEEKDAY_OF = {name: number for number, names in enumerate(WEEKDAYS) for name in names.split()}
SEARCHED = 3000  # characters
BEFORE = 48  # characters before a date that may say whether it is the return or the last day
AFTER = 24  # the same behind a date
PAST = timedelta(days=31)  # a date without a year may lie so far back
FURTHEST = timedelta(days=800)  # longer absences are typing errors, or no absences

_YEAR = r"(?P<y>[0-9]{4}|[0-9]{2})"
_WORD = r"(?P<m>[^\W\d_]{2,14})"
FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![0-9])(?P<y>[12][0-9]{3}) ?[-/.] ?(?P<m>[0-9]{1,2}) ?[-/.] ?(?P<d>[0-9]{1,2})(?![0-9])",
        r"(?:(?P<y>[12][0-9]{3}) ?[年년] ?)?(?<![0-9])(?P<m>[0-9]{1,2}) ?[月월] ?(?P<d>[0-9]{1,2}) ?[日号號일]",
        rf"(?<![0-9.:])(?P<d>[0-9]{{1,2}}) ?\. ?(?P<m>[0-9]{{1,2}})(?:\. ?{_YEAR}(?![0-9:])|\.|(?![0-9.:%€]))",
        rf"(?<![0-9/])(?P<a>[0-9]{{1,2}})(?P<s>[/\-])(?P<b>[0-9]{{1,2}})(?:(?P=s){_YEAR})?(?![0-9/])",
        rf"(?<![0-9:.])(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|º|ª|\.|-го|-ого)?(?: de(?= )| of(?= )| d'|\.)? {{0,2}}{_WORD}\.?,?(?:(?: de(?= )| del(?= ))? {{0,2}}(?P<y>[12][0-9]{{3}}))?(?![0-9:])",
        rf"(?<!\w){_WORD}\.? {{1,2}}(?:the )?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?(?:,? {{1,2}}(?P<y>[12][0-9]{{3}}))?(?![0-9:])",
        rf"(?P<y>[12][0-9]{{3}})\. {_WORD} (?P<d>[0-9]{{1,2}})",
    )
)
WORD = re.compile(r"[^\W\d_]+(?:-feira)?|星期.|周.")


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date and where it stands."""

    day: date
    start: int
    end: int


def return_date(text: str, written: date) -> date | None:
    """The day of return: the day that is named as such, or the day after the last day of absence; None without either."""
    lowered = text[:SEARCHED].lower().replace("i̇", "i")
    dates = sorted(_dates(lowered, written), key=lambda found: (found.start, -found.end))
    dates = [
        found for at, found in enumerate(dates) if at == 0 or found.start >= dates[at - 1].end or found.end > dates[at - 1].end
    ]
    possible = [found for found in dates if written - PAST <= found.day <= written + FURTHEST]
    for says, extra in ((_returns, 0), (_until, 1)):
        days = [found.day + timedelta(days=extra) for found in possible if says(lowered, found)]
        if days:
            return max(days)
    return written + timedelta(days=1) if any(words in lowered for words in TOMORROW) else None


def _dates(lowered: str, written: date) -> Iterator[FoundDate]:
    for form in FORMS:
        for match in form.finditer(lowered):
            day = _day(match.groupdict(), written)
            if day is not None:
                yield FoundDate(day, match.start(), match.end())
    for match in WORD.finditer(lowered):
        weekday = WEEKDAY_OF.get(match[0])
        if weekday is not None:
            yield FoundDate(written + timedelta(days=(weekday - written.weekday() - 1) % 7 + 1), match.start(), match.end())


def _day(given: dict[str, str | None], written: date) -> date | None:
    year = int(given.get("y") or 0) or None
    if year is not None and year < 100:
        year += 2000
    if given.get("a"):
        return _ambiguous(int(given["a"] or 0), int(given["b"] or 0), year, written)
    month = given["m"] or ""
    number = int(month) if month.isdigit() else MONTH_OF.get(month, 0)
    return _date_of(int(given["d"] or 0), number, year, written)


def _ambiguous(first: int, second: int, year: int | None, written: date) -> date | None:
    """The day of `5/6`: of day first and month first the possible one, and of two possible ones the next day ahead."""
    days = [day for day in (_date_of(first, second, year, written), _date_of(second, first, year, written)) if day is not None]
    ahead = [day for day in days if day >= written]
    return min(ahead, key=lambda day: day - written) if ahead else next(iter(days), None)


def _date_of(day: int, month: int, year: int | None, written: date) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        this = date(written.year, month, day)
        return this if this >= written - PAST else date(written.year + 1, month, day)
    except ValueError:
        return None


def _returns(lowered: str, found: FoundDate) -> bool:
    return _ends_with(_before(lowered, found), RETURNS) or _begins_with(_after(lowered, found), RETURNS_AFTER)


def _until(lowered: str, found: FoundDate) -> bool:
    return _ends_with(_before(lowered, found), UNTIL) or _begins_with(_after(lowered, found), UNTIL_AFTER)


def _before(lowered: str, found: FoundDate) -> str:
    return lowered[max(0, found.start - BEFORE) : found.start]


def _after(lowered: str, found: FoundDate) -> str:
    return lowered[found.end : found.end + AFTER].lstrip(" ,.)'’")


def _ends_with(before: str, phrases: tuple[str, ...]) -> bool:
    """Whether a phrase stands right before the date, with at most a weekday, an article or a preposition between."""
    words = before.rstrip(" ,.:(")
    for _ in range(4):
        if any(words.endswith(phrase) and not words[: -len(phrase)][-1:].isalpha() for phrase in phrases):
            return True
        head, _, last = words.rpartition(" ")
        if last.strip(",.") not in BETWEEN:
            return False
        words = head.rstrip(" ,.:(")
    return False


def _begins_with(after: str, phrases: tuple[str, ...]) -> bool:
    return after.startswith(phrases)


BETWEEN = frozenset(
    (
        *WEEKDAY_OF,
        *"mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so lun mar mer jeu ven sam dim".split(),
        *"the on in at of from again to office work wieder am dem den der im büro le la el il o a dia día giorno no em de op het maandag den på kontoret på jobb i till la data în dnia dne do biura v w z on od с в во на зі з pe ins".split(),
    )
)
