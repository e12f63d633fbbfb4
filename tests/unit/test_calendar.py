"""Working time against an oracle that looks at every minute, in the weeks in which clocks change and in others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.config.calendar import due, in_words, is_working, usual_day, working_day, working_time
from helpdesk.config.hours import time_of_day, windows
from helpdesk.config.opening_hours import WEEKDAYS, Calendar
from helpdesk.config.section import ValidationError

MINUTE = timedelta(minutes=1)
STARTS = {  # a few days before a change of clocks, one before none, one before a change at midnight
    "Europe/Berlin": ("2026-03-27", "2026-10-23", "2026-06-10"),
    "America/New_York": ("2026-03-06", "2026-10-30"),
    "Australia/Lord_Howe": ("2026-04-03", "2026-10-02"),  # half an hour
    "America/St_Johns": ("2010-11-05", "2010-03-12"),  # at one minute past midnight, back into the day before
    "Asia/Kathmandu": ("2026-01-01",),
    "UTC": ("2026-12-23",),
}

Day = tuple[tuple[int, int], ...]  # windows in minutes since midnight


@st.composite
def days(draw: st.DrawFn) -> Day:
    edges = draw(
        st.lists(st.sampled_from([0, 1, 90, 120, 150, 180, 540, 720, 780, 1020, 1320, 1380, 1439, 1440]), max_size=6, unique=True)
    )
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    return tuple((opens, closes) for opens, closes in list(pairwise(ordered))[::2])


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, tuple[Day, ...], datetime]:
    week = draw(st.tuples(*[days()] * 7).filter(any))
    name = draw(st.sampled_from(sorted(STARTS)))
    first = datetime.fromisoformat(draw(st.sampled_from(STARTS[name]))).replace(tzinfo=UTC)
    holidays = draw(st.sets(st.integers(0, 5).map(lambda later: (first + timedelta(days=later)).date().isoformat()), max_size=2))
    hours = {day: ", ".join(f"{clock(a)}-{clock(b)}" for a, b in ranges) for day, ranges in zip(WEEKDAYS, week, strict=True)}
    calendar = Calendar(zone=name, holidays=tuple(sorted(holidays)), **hours)
    return calendar, week, first + timedelta(minutes=draw(st.integers(0, 2 * 1440)))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def worked_minutes(start: datetime, calendar: Calendar, week: tuple[Day, ...]) -> Iterator[bool]:
    """For each minute from `start` on, whether it is worked."""
    zone = ZoneInfo(calendar.zone)
    while True:
        local = start.astimezone(zone)
        minute = local.hour * 60 + local.minute
        yield local.date().isoformat() not in calendar.holidays and any(a <= minute < b for a, b in week[local.weekday()])
        start += MINUTE


@settings(max_examples=80, deadline=None)
@given(situations(), st.integers(1, 5 * 1440))
def test_working_time_is_what_counting_every_minute_gives(
    situation: tuple[Calendar, tuple[Day, ...], datetime], length: int
) -> None:
    calendar, week, start = situation
    counted = sum(islice(worked_minutes(start, calendar, week), length))
    assert working_time(start, start + length * MINUTE, calendar) == counted * MINUTE


@settings(max_examples=80, deadline=None)
@given(situations(), st.integers(1, 600))
def test_due_is_the_first_minute_by_which_enough_were_worked(
    situation: tuple[Calendar, tuple[Day, ...], datetime], working: int
) -> None:
    calendar, week, start = situation
    expected, left = start, working
    for worked in worked_minutes(start, calendar, week):
        expected += MINUTE
        left -= worked
        if not left:
            break
    assert due(start, working * MINUTE, calendar) == expected


@settings(max_examples=80, deadline=None)
@given(situations(), st.integers(0, 5 * 1440))
def test_a_moment_is_working_when_the_oracle_says_so(situation: tuple[Calendar, tuple[Day, ...], datetime], later: int) -> None:
    calendar, week, start = situation
    moment = start + later * MINUTE
    assert is_working(moment, calendar) == next(worked_minutes(moment, calendar, week))


@settings(max_examples=80, deadline=None)
@given(situations(), st.integers(1, 200_000), st.integers(0, 59))
def test_due_and_working_time_agree_to_the_second(
    situation: tuple[Calendar, tuple[Day, ...], datetime], seconds: int, second: int
) -> None:
    calendar, _, start = situation
    start += timedelta(seconds=second)
    end = due(start, timedelta(seconds=seconds), calendar)
    assert end.utcoffset() == timedelta(0)
    assert working_time(start, end, calendar) == timedelta(seconds=seconds)
    assert is_working(end - timedelta(microseconds=1), calendar)


def test_friday_afternoon_s_promise_is_due_on_monday() -> None:
    berlin = Calendar(zone="Europe/Berlin")
    assert due(datetime(2026, 11, 20, 15, 0, tzinfo=UTC), timedelta(hours=4), berlin) == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def test_a_night_shift_over_the_hour_that_is_skipped_and_the_one_that_is_repeated() -> None:
    night = Calendar(zone="Europe/Berlin", sunday="00:00-06:00")
    spring = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # Sunday 00:00 in Berlin
    autumn = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert working_time(spring, spring + timedelta(hours=8), night) == timedelta(hours=5)
    assert working_time(autumn, autumn + timedelta(hours=8), night) == timedelta(hours=7)


def test_nothing_to_wait_for_is_due_at_once_even_at_night() -> None:
    night = datetime(2026, 11, 22, 3, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert due(night, timedelta(0), Calendar()) == night
    assert working_time(night, night - timedelta(days=3), Calendar()) == timedelta(0)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(hours=8), "one working day"),
        (timedelta(hours=16), "2 working days"),
        (timedelta(hours=4), "4 working hours"),
        (timedelta(hours=1), "one working hour"),
        (timedelta(hours=12), "12 working hours"),
        (timedelta(minutes=90), "90 working minutes"),
        (timedelta(seconds=45), "45 working seconds"),
        (timedelta(0), "no time"),
    ],
)
def test_spans_in_words(span: timedelta, words: str) -> None:
    assert in_words(span, Calendar(saturday="10:00-12:00")) == words


def test_the_usual_day_is_the_commonest_and_counts_its_breaks() -> None:
    split = "09:00-12:00, 13:00-17:00"
    calendar = Calendar(monday=split, tuesday=split, wednesday=split, thursday="", friday="09:00-12:00")
    assert usual_day(calendar) == timedelta(hours=7)
    assert in_words(timedelta(hours=7), calendar) == "one working day"


@pytest.mark.parametrize(
    "text", ["9-17", "09:00-25:00", "17:00-09:00", "09:00-09:00", "09:00-12:00, 11:00-13:00", "09:60-10:00", "24:01-24:02"]
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write hours|ends before|no time of day|without overlap"):
        windows(text)


def test_a_calendar_without_any_hours_is_refused_because_no_promise_would_ever_be_due() -> None:
    with pytest.raises(ValidationError, match="no day of the week has hours"):
        Calendar(monday="", tuesday="", wednesday="", thursday="", friday="")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-27T06:59:59+00:00", None),  # Friday, a second to eight in Berlin
        ("2026-03-27T07:00:00+00:00", "2026-03-27"),
        ("2026-03-27T22:59:59+00:00", "2026-03-27"),  # shut since five, the day is still that day
        ("2026-03-27T23:00:00+00:00", None),
        ("2026-03-28T12:00:00+00:00", None),  # Saturday
        ("2026-03-30T06:00:00+00:00", "2026-03-30"),  # the clocks have changed
        ("2026-04-03T12:00:00+00:00", None),  # a holiday
    ],
)
def test_the_working_day_of_a_moment(moment: str, day: str | None) -> None:
    after = time_of_day("08:00")
    assert after == timedelta(hours=8) and time_of_day("") is None
    found = working_day(datetime.fromisoformat(moment), after, Calendar(zone="Europe/Berlin", holidays=("2026-04-03",)))
    assert (found.isoformat() if found else None) == day


def test_a_time_that_the_clocks_skip_is_followed_by_the_next_one() -> None:
    calendar = Calendar(zone="Europe/Berlin", sunday="00:00-24:00")
    skipped = timedelta(hours=2, minutes=30)
    assert working_day(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), skipped, calendar) is None
    assert working_day(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), skipped, calendar) is not None
