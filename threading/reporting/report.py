"""A desk's figures over a span: volumes, answer times, promises kept, backlog, and what came back. Pure.

Answer times are working time of the desk's calendar. A request that was resolved or closed is no backlog. Percentiles are by the
nearest rank: the 90th is a time that one of the requests really took.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.config.calendar import working_time
from helpdesk.config.policy import Policy
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.reporting.facts import DeskFacts, MeasuredFacts, Move, TicketFacts

DONE = frozenset({Status.RESOLVED, Status.CLOSED})
RATINGS = ("good", "okay", "bad")
DAY = timedelta(days=1)
FIRST = TargetKind.FIRST_RESPONSE


@dataclass(frozen=True, slots=True)
class Span:
    """From `since`, until before `until`."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Of how many, and how long; None for none."""

    count: int
    median: timedelta | None
    ninetieth: timedelta | None


@dataclass(frozen=True, slots=True)
class Promises:
    """Of one kind: kept where they were met in time within the span, missed where a look found them late within it.

    `open` ones are neither yet. Both are what the clocks have recorded, pauses and the account's calendar included.
    """

    kept: int
    missed: int
    open: int

    @property
    def rate(self) -> float | None:
        """The part that was kept, of those that are decided."""
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


@dataclass(frozen=True, slots=True)
class Held:
    """Requests that came within the span and had a measured time in which nine of ten are answered: how often that held.

    `open` ones may still be answered in it. Those that ended without an answer count nowhere.
    """

    held: int
    broken: int
    open: int

    @property
    def rate(self) -> float | None:
        """Of those that are decided; nine of ten where the measurement is sound."""
        decided = self.held + self.broken
        return self.held / decided if decided else None


@dataclass(frozen=True, slots=True)
class Volumes:
    opened: int
    resolved: int
    reopened: int
    escalated: int
    customer_messages: int
    letters: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """`backlog` at the day's end, or at the span's where that comes first."""

    day: date
    opened: int
    resolved: int
    backlog: int


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The same for the requests of one queue, plan or category; `promises` are those of first responses."""

    name: str
    opened: int
    resolved: int
    backlog: int
    first_response: AnswerTimes
    promises: Promises


@dataclass(frozen=True, slots=True)
class Backlog:
    """At the end of the span."""

    open: int
    waiting_on_support: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """A promise was met, or was found to be late."""

    at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Report:
    span: Span
    zone: str
    volumes: Volumes
    first_response: AnswerTimes
    resolution: AnswerTimes
    promises: Mapping[TargetKind, Promises]
    told: Held  # what customers were told in busy periods
    measured: Held  # with what was measured and not told
    backlog: Backlog
    reopen_rate: float | None  # of what was resolved
    bounce_rate: float | None  # of the letters that went out
    days: tuple[DayFigures, ...]
    queues: tuple[GroupFigures, ...]
    plans: tuple[GroupFigures, ...]
    categories: tuple[GroupFigures, ...]
    satisfaction: tuple[tuple[str, int], ...]  # how many said good, okay, bad


@dataclass(frozen=True, slots=True)
class Weeks:
    """A week and the one before it."""

    last: Report
    before: Report


def report_of(facts: DeskFacts, policy: Policy, span: Span) -> Report:
    """`span` in the past: what is still to come is not known."""
    tickets, moves = facts.tickets, [move for one in facts.tickets for move in one.moves if move.at in span]
    resolved = sum(_resolves(move) for move in moves)
    reopened = sum(_reopens(move) for move in moves)
    return Report(
        span=span,
        zone=policy.calendar.zone,
        volumes=Volumes(
            opened=sum(one.created_at in span for one in tickets),
            resolved=resolved,
            reopened=reopened,
            escalated=sum(move.after is Status.ESCALATED for move in moves),
            customer_messages=facts.customer_messages,
            letters=facts.letters,
        ),
        first_response=_first_responses(tickets, policy, span),
        resolution=_resolutions(tickets, policy, span),
        promises={kind: _promises(kind, tickets, policy, span) for kind in TargetKind},
        told=_held([one for one in facts.measured if one.told], span),
        measured=_held(facts.measured, span),
        backlog=_backlog(tickets, span.until),
        reopen_rate=reopened / resolved if resolved else None,
        bounce_rate=facts.undelivered / facts.letters if facts.letters else None,
        days=tuple(_days(tickets, span, ZoneInfo(policy.calendar.zone))),
        queues=_groups(tickets, policy, span, lambda one: one.queue),
        plans=_groups(tickets, policy, span, lambda one: one.plan),
        categories=_groups(tickets, policy, span, lambda one: one.category),
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
    """Of the answers that were given within the span."""
    return answer_times(
        working_time(one.created_at, one.first_response_at, policy.calendar)
        for one in tickets
        if one.first_response_at is not None and one.first_response_at in span
    )


def _resolutions(tickets: Iterable[TicketFacts], policy: Policy, span: Span) -> AnswerTimes:
    """From the beginning to each resolution within the span; one that did not last counts, and so does the next."""
    return answer_times(
        working_time(one.created_at, move.at, policy.calendar)
        for one in tickets
        for move in one.moves
        if move.at in span and _resolves(move)
    )


def _promises(kind: TargetKind, tickets: Iterable[TicketFacts], policy: Policy, span: Span) -> Promises:
    wanted = [one for one in tickets if _time(kind, one, policy) is not None or one.marks]
    ends = [end for one in wanted for end in _ends(kind, one, policy, span.until) if end.at in span]
    return Promises(
        kept=sum(end.kept for end in ends),
        missed=sum(not end.kept for end in ends),
        open=sum(_is_to_come(kind, one, policy, span.until) for one in wanted),
    )


def _time(kind: TargetKind, one: TicketFacts, policy: Policy) -> timedelta | None:
    plan = policy.plans.get(one.plan)
    return plan.promised(kind, one.severity) if plan else None


def _ends(kind: TargetKind, one: TicketFacts, policy: Policy, until: datetime) -> Iterator[End]:
    """How each promise of this kind has ended before `until`: as the history and the clocks say. One that was missed is never kept later.

    What was met counts where the request's severity promises it now.
    """
    late, promised = False, _time(kind, one, policy) is not None
    for mark in one.marks:
        if kind not in mark.targets or mark.at >= until:
            continue
        if mark.answered_at is not None:
            if promised and not late:
                yield End(mark.answered_at, True)
            late = False
        elif not late:
            late = True
            yield End(mark.at, False)
    kept_at = _answered_at(kind, one, until)
    if promised and not late and kept_at is not None:
        yield End(kept_at, True)


def _answered_at(kind: TargetKind, one: TicketFacts, until: datetime) -> datetime | None:
    """When the newest promise of this kind was met, if that was before `until`."""
    if kind is TargetKind.RESOLUTION:
        resolved = [move.at for move in one.moves if _resolves(move) and move.at < until]
        return resolved[-1] if resolved and one.clocks and one.status_at(until) in DONE else None
    ends = (clock.ended_at for clock in one.clocks if clock.kind is kind)
    return next((end for end in ends if end is not None and end < until), None)


def _is_to_come(kind: TargetKind, one: TicketFacts, policy: Policy, until: datetime) -> bool:
    """Whether a promise was still to be kept then, and could be."""
    clock = next((clock for clock in one.clocks if clock.kind is kind), None)
    if clock is None or _time(kind, one, policy) is None or one.status_at(until) in (None, *DONE):
        return False
    ended = clock.ended_at is not None and clock.ended_at < until
    marks = [mark for mark in one.marks if kind in mark.targets and mark.at < until]
    return not ended and (not marks or marks[-1].answered_at is not None)


def _held(measured: Iterable[MeasuredFacts], span: Span) -> Held:
    """As it is known at the end of the span."""
    known = [_known_at(one, span.until) for one in measured if not one.ended]
    held = [one.held(span.until) for one in known]
    return Held(held.count(True), held.count(False), held.count(None))


def _known_at(one: MeasuredFacts, moment: datetime) -> MeasuredFacts:
    return one if one.answered_at is None or one.answered_at < moment else replace(one, answered_at=None)


def _backlog(tickets: Iterable[TicketFacts], at: datetime) -> Backlog:
    waiting = [one for one in tickets if _is_open(one, at)]
    return Backlog(
        open=len(waiting),
        waiting_on_support=sum(one.waiting_on is WaitingOn.SUPPORT for one in waiting),
        oldest=min((one.created_at for one in waiting), default=None),
    )


def _is_open(one: TicketFacts, at: datetime) -> bool:
    status = one.status_at(at)
    return status is not None and status not in DONE


def _days(tickets: Sequence[TicketFacts], span: Span, zone: ZoneInfo) -> Iterator[DayFigures]:
    """Every day of the calendar's zone that the span touches."""
    day = span.since.astimezone(zone).date()
    while (begins := datetime.combine(day, time(), zone)) < span.until:
        whole = Span(max(begins, span.since), min(datetime.combine(day + DAY, time(), zone), span.until))
        yield DayFigures(
            day=day,
            opened=sum(one.created_at in whole for one in tickets),
            resolved=sum(_resolves(move) and move.at in whole for one in tickets for move in one.moves),
            backlog=sum(_is_open(one, whole.until - timedelta.resolution) for one in tickets),
        )
        day += DAY


def _groups(
    tickets: Sequence[TicketFacts], policy: Policy, span: Span, name_of: Callable[[TicketFacts], str]
) -> tuple[GroupFigures, ...]:
    """By name."""
    return tuple(
        _group(name, [one for one in tickets if name_of(one) == name], policy, span)
        for name in sorted(set(map(name_of, tickets)))
    )


def _group(name: str, tickets: Sequence[TicketFacts], policy: Policy, span: Span) -> GroupFigures:
    return GroupFigures(
        name=name,
        opened=sum(one.created_at in span for one in tickets),
        resolved=sum(_resolves(move) and move.at in span for one in tickets for move in one.moves),
        backlog=_backlog(tickets, span.until).open,
        first_response=_first_responses(tickets, policy, span),
        promises=_promises(FIRST, tickets, policy, span),
    )
