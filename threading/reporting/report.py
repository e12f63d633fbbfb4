"""A desk's figures over a span of time: volumes, answer times, kept promises, backlog, and reopened requests.

Answer times are working time of the desk's calendar. Requests that are resolved or closed do not count as backlog. Percentiles are taken
by the nearest rank, so the 90th is a time that one of the requests really took.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.config.calendar import working_time
from helpdesk.config.policy import Policy
from helpdesk.threading.model.promise import BY_PLAN, TargetKind
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.reporting.facts import DeskFacts, MeasuredFacts, Move, TicketFacts

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
RATINGS = ("good", "okay", "bad")
DAY = timedelta(days=1)
FIRST = TargetKind.FIRST_RESPONSE


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time: `since` belongs to it, `until` does not."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How many requests were answered, and how long that took; None where none was."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None


@dataclass(frozen=True, slots=True)
class Promises:
    """The promises of one kind: how many were kept within the span, how many were found missed in it, and how many are still open.

    The figures are those that the clocks recorded, with their pauses and the account's calendar.
    """

    kept: int
    missed: int
    open: int

    @property
    def rate(self) -> float | None:
        """The part of the decided promises that was kept; None where none is decided."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


@dataclass(frozen=True, slots=True)
class FiguresHeld:
    """How often the measured time held in which nine of ten requests are answered, for the requests that came within the span.

    `open` ones may still be answered in time. Requests that ended without an answer are left out.
    """

    held: int
    broken: int
    open: int

    @property
    def rate(self) -> float | None:
        """The part of the decided requests for which the time held: about nine of ten, if the measurement is sound."""
        decided = self.held + self.broken
        return self.held / decided if decided else None


@dataclass(frozen=True, slots=True)
class Volumes:
    """What happened within the span, counted."""

    opened: int
    resolved: int
    reopened: int
    escalated: int
    customer_messages: int
    letters: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one day. `backlog` is that of the end of the day, or of the span where it ends earlier."""

    day: date
    opened: int
    resolved: int
    backlog: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The figures of one queue, plan or category. `promises` are those of first responses."""

    name: str
    opened: int
    resolved: int
    backlog: int
    first_response: AnswerTimes
    promises: Promises


@dataclass(frozen=True, slots=True)
class Backlog:
    """The open requests at the end of the span."""

    open: int
    waiting_on_support: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """The end of a promise: it was kept, or it was found to be late."""

    at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a desk over one span."""

    span: Span
    zone: str
    volumes: Volumes
    first_response: AnswerTimes
    resolution: AnswerTimes
    promises: Mapping[TargetKind, Promises]
    told: FiguresHeld  # for requests whose customers were told the time, in busy periods
    measured: FiguresHeld  # for all requests with a measured time
    backlog: Backlog
    reopen_rate: float | None  # the part of the resolved requests
    bounce_rate: float | None  # the part of the letters that went out
    days: tuple[DayFigures, ...]
    queues: tuple[GroupFigures, ...]
    plans: tuple[GroupFigures, ...]
    categories: tuple[GroupFigures, ...]
    satisfaction: tuple[tuple[str, int], ...]  # how many customers said good, okay, bad


@dataclass(frozen=True, slots=True)
class Weeks:
    """A week and the one before it."""

    last: Report
    before: Report


def report_of(facts: DeskFacts, policy: Policy, span: Span) -> Report:
    """Compute a desk's figures. `span` lies in the past, since nothing is known about the future."""
    tickets, moves = facts.tickets, [move for ticket in facts.tickets for move in ticket.moves if move.at in span]
    resolved = sum(_resolves(move) for move in moves)
    reopened = sum(_reopens(move) for move in moves)
    return Report(
        span=span,
        zone=policy.calendar.zone,
        volumes=Volumes(
            opened=sum(ticket.created_at in span for ticket in tickets),
            resolved=resolved,
            reopened=reopened,
            escalated=sum(move.after is Status.ESCALATED for move in moves),
            customer_messages=facts.customer_messages,
            letters=facts.letters,
        ),
        first_response=_first_responses(tickets, policy, span),
        resolution=_resolutions(tickets, policy, span),
        promises={kind: _promises(kind, tickets, policy, span) for kind in BY_PLAN},
        told=_figures_held([request for request in facts.measured if request.told], span),
        measured=_figures_held(facts.measured, span),
        backlog=_backlog(tickets, span.until),
        reopen_rate=reopened / resolved if resolved else None,
        bounce_rate=facts.undelivered / facts.letters if facts.letters else None,
        days=tuple(_days(tickets, span, ZoneInfo(policy.calendar.zone))),
        queues=_groups(tickets, policy, span, lambda ticket: ticket.queue),
        plans=_groups(tickets, policy, span, lambda ticket: ticket.plan),
        categories=_groups(tickets, policy, span, lambda ticket: ticket.category),
        satisfaction=tuple((word, facts.ratings.count(word)) for word in RATINGS),
    )


def answer_times(times: Iterable[timedelta]) -> AnswerTimes:
    """Median and 90th percentile by the nearest rank."""
    found = sorted(times)
    if not found:
        return AnswerTimes(0, None, None)
    return AnswerTimes(len(found), _rank(found, 0.5), _rank(found, 0.9))


def _rank(found: Sequence[timedelta], part: float) -> timedelta:
    return found[math.ceil(part * len(found)) - 1]


def _resolves(move: Move) -> bool:
    return move.after in DONE and move.before not in DONE


def _reopens(move: Move) -> bool:
    return move.before in DONE and move.after not in DONE


def _first_responses(tickets: Iterable[TicketFacts], policy: Policy, span: Span) -> AnswerTimes:
    """The times of first answers that were given within the span."""
    return answer_times(
        working_time(ticket.created_at, ticket.first_response_at, policy.calendar)
        for ticket in tickets
        if ticket.first_response_at is not None and ticket.first_response_at in span
    )


def _resolutions(tickets: Iterable[TicketFacts], policy: Policy, span: Span) -> AnswerTimes:
    """The times from the beginning of a request to each of its resolutions within the span, those included that did not last."""
    return answer_times(
        working_time(ticket.created_at, move.at, policy.calendar)
        for ticket in tickets
        for move in ticket.moves
        if move.at in span and _resolves(move)
    )


def _promises(kind: TargetKind, tickets: Iterable[TicketFacts], policy: Policy, span: Span) -> Promises:
    wanted = [ticket for ticket in tickets if _time(kind, ticket, policy) is not None or ticket.marks]
    ends = [end for ticket in wanted for end in _ends(kind, ticket, policy, span.until) if end.at in span]
    return Promises(
        kept=sum(end.kept for end in ends),
        missed=sum(not end.kept for end in ends),
        open=sum(_is_to_come(kind, ticket, policy, span.until) for ticket in wanted),
    )


def _time(kind: TargetKind, ticket: TicketFacts, policy: Policy) -> timedelta | None:
    plan = policy.plans.get(ticket.plan)
    return plan.promised(kind, ticket.severity) if plan else None


def _ends(kind: TargetKind, ticket: TicketFacts, policy: Policy, until: datetime) -> Iterator[End]:
    """How each promise of this kind ended before `until`, by history and clocks. A missed promise is never counted as kept later.

    A kept promise counts where the request's present severity promises a time.
    """
    late, promised = False, _time(kind, ticket, policy) is not None
    for mark in ticket.marks:
        if kind not in mark.targets or mark.at >= until:
            continue
        if mark.answered_at is not None:
            if promised and not late:
                yield End(mark.answered_at, True)
            late = False
        elif not late:
            late = True
            yield End(mark.at, False)
    kept_at = _answered_at(kind, ticket, until)
    if promised and not late and kept_at is not None:
        yield End(kept_at, True)


def _answered_at(kind: TargetKind, ticket: TicketFacts, until: datetime) -> datetime | None:
    """When the newest promise of this kind was kept, if that was before `until`."""
    if kind is TargetKind.RESOLUTION:
        resolved = [move.at for move in ticket.moves if _resolves(move) and move.at < until]
        return resolved[-1] if resolved and ticket.clocks and ticket.status_at(until) in DONE else None
    ends = (clock.ended_at for clock in ticket.clocks if clock.kind is kind)
    return next((end for end in ends if end is not None and end < until), None)


def _is_to_come(kind: TargetKind, ticket: TicketFacts, policy: Policy, until: datetime) -> bool:
    """Whether a promise of this kind was still open at that time, and not yet missed."""
    clock = next((clock for clock in ticket.clocks if clock.kind is kind), None)
    if clock is None or _time(kind, ticket, policy) is None or ticket.status_at(until) in (None, *DONE):
        return False
    ended = clock.ended_at is not None and clock.ended_at < until
    marks = [mark for mark in ticket.marks if kind in mark.targets and mark.at < until]
    return not ended and (not marks or marks[-1].answered_at is not None)


def _figures_held(measured: Iterable[MeasuredFacts], span: Span) -> FiguresHeld:
    """How often the upper figure held, as far as that is known at the end of the span."""
    then = [_as_known_at(request, span.until) for request in measured if not request.ended]
    answers = [request.figure_held(span.until) for request in then]
    return FiguresHeld(answers.count(True), answers.count(False), answers.count(None))


def _as_known_at(request: MeasuredFacts, moment: datetime) -> MeasuredFacts:
    """The request without an answer that came later."""
    known = request.answered_at is None or request.answered_at < moment
    return request if known else replace(request, answered_at=None)


def _backlog(tickets: Iterable[TicketFacts], at: datetime) -> Backlog:
    waiting = [ticket for ticket in tickets if _is_open(ticket, at)]
    return Backlog(
        open=len(waiting),
        waiting_on_support=sum(ticket.waiting_on is WaitingOn.SUPPORT for ticket in waiting),
        oldest=min((ticket.created_at for ticket in waiting), default=None),
    )


def _is_open(ticket: TicketFacts, at: datetime) -> bool:
    status = ticket.status_at(at)
    return status is not None and status not in DONE


def _days(tickets: Sequence[TicketFacts], span: Span, zone: ZoneInfo) -> Iterator[DayFigures]:
    """The figures of every day that the span touches, in the calendar's zone."""
    day = span.since.astimezone(zone).date()
    while (begins := datetime.combine(day, time(), zone)) < span.until:
        whole = Span(max(begins, span.since), min(datetime.combine(day + DAY, time(), zone), span.until))
        yield DayFigures(
            day=day,
            opened=sum(ticket.created_at in whole for ticket in tickets),
            resolved=sum(_resolves(move) and move.at in whole for ticket in tickets for move in ticket.moves),
            backlog=sum(_is_open(ticket, whole.until - timedelta.resolution) for ticket in tickets),
        )
        day += DAY


def _groups(
    tickets: Sequence[TicketFacts], policy: Policy, span: Span, name_of: Callable[[TicketFacts], str]
) -> tuple[GroupFigures, ...]:
    """The figures of each group, in the order of their names."""
    return tuple(
        _group(name, [ticket for ticket in tickets if name_of(ticket) == name], policy, span)
        for name in sorted(set(map(name_of, tickets)))
    )


def _group(name: str, tickets: Sequence[TicketFacts], policy: Policy, span: Span) -> GroupFigures:
    return GroupFigures(
        name=name,
        opened=sum(ticket.created_at in span for ticket in tickets),
        resolved=sum(_resolves(move) and move.at in span for ticket in tickets for move in ticket.moves),
        backlog=_backlog(tickets, span.until).open,
        first_response=_first_responses(tickets, policy, span),
        promises=_promises(FIRST, tickets, policy, span),
    )
