"""The figures of a report against small cases that a person can count, and against counting by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.people import SupportAddress
from helpdesk.config.plans import Plan
from helpdesk.config.policy import Policy
from helpdesk.threading.model.promise import BY_PLAN, Clock
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.reporting.facts import DeskFacts, Mark, Move, TicketFacts
from helpdesk.threading.reporting.report import AnswerTimes, Promises, Report, Span, answer_times, report_of

POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))  # 09:00 to 17:00 UTC, business within four hours
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WEEK = Span(MONDAY, MONDAY + timedelta(days=7))
HOUR = timedelta(hours=1)


def at(day: int, hour: float) -> datetime:
    """Of the week; Monday is 0."""
    return MONDAY + timedelta(days=day, hours=hour)


def one(
    created: datetime, answered: datetime | None = None, resolved: datetime | None = None, reopened: datetime | None = None,
    plan: str = "business", queue: str = "general",
) -> TicketFacts:  # fmt: skip
    moves = [Move(resolved, Status.IN_PROGRESS, Status.RESOLVED)] if resolved else []
    moves += [Move(reopened, Status.RESOLVED, Status.IN_PROGRESS)] if reopened else []
    status = moves[-1].after if moves else Status.IN_REVIEW
    return TicketFacts(created, queue, plan, "technical issue", status, WaitingOn.SUPPORT, answered, tuple(moves))


def reported(*tickets: TicketFacts, letters: int = 0, undelivered: int = 0, span: Span = WEEK) -> Report:
    return report_of(DeskFacts(tickets, 0, letters, undelivered), POLICY, span)


FIRST, NEXT, WHOLE = BY_PLAN
NONE, KEPT, MISSED, OPEN = Promises(0, 0, 0), Promises(1, 0, 0), Promises(0, 1, 0), Promises(0, 0, 1)
ALL = POLICY.model_copy(
    update={"plans": {"business": Plan(first_response=4 * HOUR, next_response=4 * HOUR, resolution=16 * HOUR), "free": Plan()}}
)


def clocked(
    answered: datetime | None = None, following: datetime | None = None, resolved: datetime | None = None,
    marks: tuple[Mark, ...] = (), plan: str = "business", reopened: datetime | None = None,
) -> TicketFacts:  # fmt: skip
    """Of Monday, nine o'clock; `following` is when a later message was answered."""
    clocks = [Clock(FIRST, at(0, 9), ended_at=answered), Clock(WHOLE, at(0, 9))]
    clocks += [Clock(NEXT, at(1, 9), ended_at=following)] if following else []
    return replace(one(at(0, 9), answered, resolved, reopened, plan), clocks=tuple(clocks), marks=marks)


LATE = (at(0, 13), at(1, 13), at(8, 13))
SCORED = {
    "answered in time": (clocked(at(0, 12)), KEPT, NONE, OPEN),
    "answered after days in which it paused": (clocked(at(3, 12)), KEPT, NONE, OPEN),
    "a look found it late": (clocked(at(0, 14), marks=(Mark(LATE[0], (FIRST,)),)), MISSED, NONE, OPEN),
    "late, and the answer came back, and late": (clocked(marks=(Mark(LATE[0], (FIRST,)), Mark(LATE[1], (FIRST,)))), MISSED, NONE, OPEN),
    "never answered, resolved": (clocked(resolved=at(1, 9)), NONE, NONE, KEPT),
    "not yet": (clocked(), OPEN, NONE, OPEN),
    "late after the span": (clocked(marks=(Mark(LATE[2], (FIRST, WHOLE)),)), OPEN, NONE, OPEN),
    "answered after the span": (clocked(at(8, 9)), OPEN, NONE, OPEN),
    "the first of two answered in time": (
        clocked(at(0, 12), at(2, 9), marks=(Mark(at(1, 15), (NEXT,), at(1, 12)),)), KEPT, Promises(2, 0, 0), OPEN
    ),
    "the first of two late": (
        clocked(at(0, 12), at(2, 9), marks=(Mark(LATE[1], (NEXT,)), Mark(at(1, 15), (NEXT,), at(1, 14)))),
        KEPT, Promises(1, 1, 0), OPEN,
    ),
    "the second of two late": (
        clocked(at(0, 12), at(3, 9), marks=(Mark(at(1, 15), (NEXT,), at(1, 12)), Mark(at(2, 10), (NEXT,)))),
        KEPT, Promises(1, 1, 0), OPEN,
    ),
    "resolved in time": (clocked(at(0, 12), resolved=at(1, 9)), KEPT, NONE, KEPT),
    "resolved late": (clocked(at(0, 12), resolved=at(3, 9), marks=(Mark(at(3, 9), (WHOLE,)),)), KEPT, NONE, MISSED),
    "reopened": (clocked(at(0, 12), resolved=at(1, 9), reopened=at(1, 10)), KEPT, NONE, OPEN),
    "not promised": (clocked(at(0, 12), resolved=at(1, 9), plan="free"), NONE, NONE, NONE),
    "of the archive": (replace(clocked(), clocks=()), NONE, NONE, NONE),
}  # fmt: skip


@pytest.mark.parametrize("name", SCORED)
def test_a_promise_was_kept_as_the_clocks_say(name: str) -> None:
    ticket, first, following, whole = SCORED[name]
    promises = report_of(DeskFacts((ticket,), 0, 0, 0), ALL, WEEK).promises
    assert promises == {FIRST: first, NEXT: following, WHOLE: whole}


def test_what_was_over_is_no_backlog_until_it_comes_back() -> None:
    report = reported(one(at(0, 9), at(0, 10), at(1, 10), at(3, 10)), one(at(2, 9), resolved=at(2, 12)))
    assert [day.backlog for day in report.days] == [1, 0, 0, 1, 1, 1, 1]
    assert [day.opened for day in report.days] == [1, 0, 1, 0, 0, 0, 0]
    assert (report.backlog.open, report.backlog.oldest) == (1, at(0, 9))
    assert (report.volumes.resolved, report.volumes.reopened, report.reopen_rate) == (2, 1, 0.5)


def test_resolution_takes_working_time() -> None:
    assert reported(one(at(0, 16), resolved=at(1, 10))).resolution == AnswerTimes(1, 2 * HOUR, 2 * HOUR)


def test_days_are_those_of_the_calendar() -> None:
    berlin = POLICY.model_copy(update={"calendar": POLICY.calendar.model_copy(update={"zone": "Europe/Berlin"})})
    facts = DeskFacts((one(at(0, 23.5)),), 0, 0, 0)
    days = report_of(facts, berlin, WEEK).days
    assert [(str(day.day), day.opened) for day in days][:3] == [("2026-11-23", 0), ("2026-11-24", 1), ("2026-11-25", 0)]


def test_nothing_is_none_and_not_nought() -> None:
    report = reported()
    assert (report.reopen_rate, report.bounce_rate) == (None, None)
    assert [promise.rate for promise in report.promises.values()] == [None, None, None]
    assert report.first_response == AnswerTimes(0, None, None)
    assert reported(letters=4, undelivered=1).bounce_rate == 0.25


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_percentiles_are_times_that_were_taken_and_as_many_are_within_them(seconds: list[int]) -> None:
    found = answer_times(timedelta(seconds=second) for second in seconds)
    assert found.median is not None and found.ninetieth is not None
    for span, part in ((found.median, 0.5), (found.ninetieth, 0.9)):
        taken = span.total_seconds()
        assert taken in seconds
        assert sum(second <= taken for second in seconds) >= part * len(seconds)
        assert sum(second < taken for second in seconds) < part * len(seconds)


HOURS = st.integers(-100, 200)


@given(st.lists(st.tuples(HOURS, st.lists(st.integers(1, 60), max_size=4), st.sampled_from(["a", "b"])), max_size=12))
def test_parts_add_up_and_the_backlog_follows_from_what_came_and_went(lives: list[tuple[int, list[int], str]]) -> None:
    tickets = []
    for begins, waits, queue in lives:
        when, moves, done = MONDAY + begins * HOUR, list[Move](), False
        for wait in waits:
            when += wait * HOUR
            before, after = (Status.RESOLVED, Status.IN_PROGRESS) if done else (Status.IN_PROGRESS, Status.RESOLVED)
            moves.append(Move(when, before, after))
            done = not done
        tickets.append(
            TicketFacts(MONDAY + begins * HOUR, queue, "free", "x", Status.IN_REVIEW, WaitingOn.SUPPORT, None, tuple(moves))
        )
    alive = [ticket for ticket in tickets if ticket.created_at < WEEK.until]
    report = reported(*alive)
    assert sum(day.opened for day in report.days) == sum(one.opened for one in report.queues) == report.volumes.opened
    assert sum(day.resolved for day in report.days) == sum(one.resolved for one in report.queues) == report.volumes.resolved
    left = sum(one.status_at(MONDAY - timedelta.resolution) not in (None, Status.RESOLVED) for one in alive)
    assert left + report.volumes.opened - report.volumes.resolved + report.volumes.reopened == report.days[-1].backlog


def test_how_it_went_is_counted_by_word() -> None:
    facts = DeskFacts((), 0, 0, 0, ratings=("good", "bad", "good"))
    assert report_of(facts, POLICY, WEEK).satisfaction == (("good", 2), ("okay", 0), ("bad", 1))
