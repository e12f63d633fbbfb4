"""Promised times: how much of each is used, when it is due, and which are missed or need a warning. Pure.

A clock runs exactly while the ticket waits on support. It stores the working time used so far, not the due time, so that a new
severity, plan or calendar takes effect at once. Times are exact to the microsecond.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.config.calendar import due, is_working_until, next_working, usual_day, working_time
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.policy import Policy
from helpdesk.config.values import SEVERITIES
from helpdesk.threading.model.promise import BY_PLAN, Clock, Target, TargetKind
from helpdesk.threading.model.status import Status, Trigger, WaitingOn
from helpdesk.threading.model.ticket import Ticket

ANSWERS = frozenset({TargetKind.FIRST_RESPONSE, TargetKind.NEXT_RESPONSE, TargetKind.GIVEN_DATE})
WARNING = 0.75  # part of a promised time after which the team is warned; exact in binary
DONE = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Look:
    """The targets that are missed or need a warning now. With a miss there is no warning, because its letter lists the other targets."""

    missed: tuple[TargetKind, ...]
    warned: tuple[TargetKind, ...]
    clocks: tuple[Clock, ...]


def calendar_of(ticket: Ticket, policy: Policy) -> Calendar:
    """The calendar in which a ticket's promises count."""
    return policy.calendar_for(ticket.account)


def promised_time(kind: TargetKind, ticket: Ticket, policy: Policy) -> timedelta | None:
    """The working time that the ticket's plan and severity promise; None if they promise none, as for a given date."""
    plan = policy.plans.get(ticket.plan)
    return plan.promised(kind, ticket.severity) if plan and kind in BY_PLAN else None


def first_clocks(at: datetime) -> tuple[Clock, ...]:
    """The clocks of a request that has waited for support since `at`."""
    return Clock(TargetKind.FIRST_RESPONSE, at), Clock(TargetKind.RESOLUTION, at)


def clocks_after(before: Ticket, after: Ticket, trigger: Trigger, at: datetime, policy: Policy) -> tuple[Clock, ...]:
    """The clocks after a trigger at `at`: they pause or resume, and a customer's message starts the clock of the next response."""
    clocks, calendar = before.clocks, calendar_of(after, policy)
    if after.status in DONE:
        clocks = tuple(_end(clock, at) if clock.kind is TargetKind.GIVEN_DATE else clock for clock in clocks)
    if trigger is Trigger.WOKEN and before.waiting.snoozed_until is not None:
        at = before.waiting.snoozed_until
    if _runs(before) and not _runs(after):
        return tuple(_pause(clock, at) for clock in clocks)
    clocks = tuple(_resume(clock, at, calendar) for clock in clocks) if _runs(after) else clocks
    answered_before = after.first_response_at is not None
    waits = any(clock.kind is TargetKind.NEXT_RESPONSE and clock.ended_at is None for clock in clocks)
    if trigger is Trigger.CUSTOMER_WROTE and _runs(after) and answered_before and not waits:
        others = tuple(clock for clock in clocks if clock.kind is not TargetKind.NEXT_RESPONSE)
        return (*others, Clock(TargetKind.NEXT_RESPONSE, at))
    return clocks


def end_answered(ticket: Ticket, at: datetime) -> tuple[Clock, ...]:
    """The clocks after an answer at `at`, which ends all that waited for one."""
    return tuple(_end(clock, at) if clock.kind in ANSWERS else clock for clock in ticket.clocks)


def with_given_date(ticket: Ticket, due_at: datetime, at: datetime) -> tuple[Clock, ...]:
    """The clocks after the customer was told at `at` that they will hear from the desk by `due_at`. A later date replaces an earlier
    one.
    """
    others = tuple(clock for clock in ticket.clocks if clock.kind is not TargetKind.GIVEN_DATE)
    return (*others, Clock(TargetKind.GIVEN_DATE, at, due_at=due_at))


def without_next_response(ticket: Ticket) -> tuple[Clock, ...]:
    """The clocks without that of the next answer, because the message that waited for it belongs to another ticket now."""
    return tuple(clock for clock in ticket.clocks if clock.kind is not TargetKind.NEXT_RESPONSE or clock.ended_at is not None)


def clocks_together(survivor: Ticket, ended: Ticket, at: datetime, policy: Policy) -> tuple[Clock, ...]:
    """The clocks of a request in which another open one goes on at `at`: of each promise the clock that comes due first.

    Their customer has had a first answer if either of them had one. A message that still waits on the other one then waits for the next
    answer.
    """
    theirs = resume_clocks(ended, at, policy) if _runs(survivor) else ended.clocks
    answered = survivor.first_response_at is not None or ended.first_response_at is not None
    both = [_as_next_response(clock) if answered else clock for clock in (*survivor.clocks, *theirs)]
    kinds = dict.fromkeys(clock.kind for clock in both)
    return tuple(
        min((clock for clock in both if clock.kind is kind), key=lambda clock: _comes_due(clock, survivor, at, policy))
        for kind in kinds
    )


def _as_next_response(clock: Clock) -> Clock:
    """The clock of a first answer that has not come, as the clock of the next one; any other clock as it is."""
    waits = clock.kind is TargetKind.FIRST_RESPONSE and clock.ended_at is None
    return replace(clock, kind=TargetKind.NEXT_RESPONSE) if waits else clock


def _comes_due(clock: Clock, ticket: Ticket, at: datetime, policy: Policy) -> tuple[bool, datetime]:
    """The place of a clock in the order in which clocks come due if all of them ran from `at`: those that have ended are the last."""
    resumed = _resume(clock, at, calendar_of(ticket, policy))
    return clock.ended_at is not None, clock.ended_at or _time_reached(resumed, 1, ticket, policy) or clock.since


def is_promised(ticket: Ticket) -> bool:
    """Whether staff have given the customer a date that is still to be kept."""
    return any(clock.due_at is not None and clock.ended_at is None for clock in ticket.clocks)


def date_answer_anew(ticket: Ticket, before: datetime, at: datetime) -> tuple[Clock, ...]:
    """The clocks after the answer of one moment was sent again at another, from which it counts."""
    return tuple(replace(clock, ended_at=at) if clock.ended_at == before else clock for clock in ticket.clocks)


def withdraw_answer(ticket: Ticket, at: datetime) -> tuple[Clock, ...]:
    """The clocks without the answer of that moment, which never arrived: they run as if it had not been sent."""
    return tuple(replace(clock, ended_at=None) if clock.ended_at == at else clock for clock in ticket.clocks)


def undo_pause(ticket: Ticket) -> tuple[Clock, ...]:
    """The clocks without their pause, because its cause never happened."""
    return tuple(replace(clock, paused_at=None) for clock in ticket.clocks)


def resume_clocks(ticket: Ticket, at: datetime, policy: Policy) -> tuple[Clock, ...]:
    """The clocks after the end of their pause."""
    return tuple(_resume(clock, at, calendar_of(ticket, policy)) for clock in ticket.clocks)


def overdue(kinds: Iterable[TargetKind], ticket: Ticket, at: datetime, policy: Policy) -> tuple[TargetKind, ...]:
    """The targets whose time was over before `at` although no check has recorded a miss yet."""
    open_clocks = [clock for clock in ticket.clocks if clock.kind in kinds and clock.ended_at is None and not clock.missed]
    return tuple(clock.kind for clock in open_clocks if _was_reached(clock, clock.paused_at or at, ticket, policy))


def clock_replaced(before: Ticket, after: Ticket, policy: Policy) -> Clock | None:
    """The ended next-response clock that a new message's clock replaces; None if there is none, or if the plan promises no next
    response.

    All severities of the plan count. With another severity, a miss of the earlier message must not count for the next one.
    """
    plan = policy.plans.get(before.plan)
    if plan is None or all(plan.promised(TargetKind.NEXT_RESPONSE, severity) is None for severity in SEVERITIES):
        return None
    was, now = (_of_kind(TargetKind.NEXT_RESPONSE, ticket.clocks) for ticket in (before, after))
    return was if was is not None and was.ended_at is not None and now is not None and now.ended_at is None else None


def due_of(kind: TargetKind, ticket: Ticket, policy: Policy) -> datetime | None:
    """When a target is or was due; None if it is met or paused, or if nothing is promised."""
    found = (_time_reached(clock, 1, ticket, policy) for clock in ticket.clocks if clock.kind is kind and _counts(clock, ticket))
    return next(found, None)


def running(ticket: Ticket, policy: Policy) -> tuple[Target, ...]:
    """The targets that the team must still keep, the first due first."""
    ended = {clock.kind for clock in ticket.clocks if clock.ended_at is not None}
    going = [target for target in targets_of(ticket, policy) if target.kind not in ended and ticket.status not in DONE]
    return tuple(sorted(going, key=lambda target: (target.due_at is None, target.due_at or ticket.created_at)))


def targets_of(ticket: Ticket, policy: Policy) -> tuple[Target, ...]:
    """Every promised time of a ticket, with its state."""
    return tuple(
        Target(clock.kind, due_of(clock.kind, ticket, policy), _state(clock, ticket))
        for clock in ticket.clocks
        if clock.due_at is not None or promised_time(clock.kind, ticket, policy) is not None
    )


def next_answer(ticket: Ticket, policy: Policy, now: datetime) -> datetime | None:
    """When the customer will hear from the desk after a miss: one more response time from now; None if the plan promises none."""
    times = (promised_time(kind, ticket, policy) for kind in (TargetKind.NEXT_RESPONSE, TargetKind.FIRST_RESPONSE))
    time = next((time for time in times if time is not None), None)
    return None if time is None else due(now, time, calendar_of(ticket, policy))


def next_look(ticket: Ticket, policy: Policy) -> datetime | None:
    """The next moment at which a target needs a warning or is missed; None if none runs."""
    moments = [_next_look_at(clock, ticket, policy) for clock in ticket.clocks if _counts(clock, ticket) and not clock.missed]
    return min((moment for moment in moments if moment is not None), default=None)


def _next_look_at(clock: Clock, ticket: Ticket, policy: Policy) -> datetime | None:
    """When a clock next needs a look. A given date may end at night, and nobody is told before the morning."""
    at = _time_reached(clock, 1 if clock.warned else WARNING, ticket, policy)
    calendar = calendar_of(ticket, policy)
    nightly = at is not None and clock.due_at is not None and not is_working_until(at, calendar)
    return next_working(at, calendar) if at is not None and nightly else at


def look(ticket: Ticket, policy: Policy, now: datetime) -> Look:
    """Which targets are due by now, and the clocks that record it."""
    clocks = ticket.clocks
    open_clocks = [clock for clock in clocks if _counts(clock, ticket) and not clock.missed]
    missed = tuple(clock.kind for clock in open_clocks if _is_reached(clock, 1, ticket, policy, now))
    near = [clock.kind for clock in open_clocks if not clock.warned and _is_reached(clock, WARNING, ticket, policy, now)]
    marked = tuple(
        replace(clock, missed=clock.missed or clock.kind in missed, warned=clock.warned or clock.kind in near) for clock in clocks
    )
    return Look(missed, () if missed else tuple(near), marked)


def kinds_in(words: str) -> tuple[TargetKind, ...]:
    """The targets in a text that `in_words` has written; other words are ignored."""
    known = {kind.replace("_", " "): kind for kind in TargetKind}
    return tuple(known[word] for word in words.split(", ") if word in known)


def in_words(kinds: Iterable[TargetKind]) -> str:
    """The names of targets, such as "first response, resolution"."""
    return ", ".join(kind.replace("_", " ") for kind in kinds)


def _time_reached(clock: Clock, part: float, ticket: Ticket, policy: Policy) -> datetime | None:
    """When a running clock has used a part of its promised time; the start of its current run if it had done so before."""
    if clock.due_at is not None:
        return clock.due_at if part == 1 else _reminder_of(clock.since, clock.due_at, part, calendar_of(ticket, policy))
    time = promised_time(clock.kind, ticket, policy)
    return None if time is None else due(clock.since, time * part - clock.spent, calendar_of(ticket, policy))


def _was_reached(clock: Clock, at: datetime, ticket: Ticket, policy: Policy) -> bool:
    """Whether the time was over before `at`. An answer at the very moment at which it is due is in time."""
    if clock.due_at is not None:
        return clock.due_at < at
    time, reached = promised_time(clock.kind, ticket, policy), _time_reached(clock, 1, ticket, policy)
    return time is not None and reached is not None and (clock.spent > time or reached < at)


def _of_kind(kind: TargetKind, clocks: Iterable[Clock]) -> Clock | None:
    return next((clock for clock in clocks if clock.kind is kind), None)


def _is_reached(clock: Clock, part: float, ticket: Ticket, policy: Policy, now: datetime) -> bool:
    at = _time_reached(clock, part, ticket, policy)
    return at is not None and at <= now


def _runs(ticket: Ticket) -> bool:
    return ticket.waiting_on is WaitingOn.SUPPORT and ticket.status not in DONE


def _counts(clock: Clock, ticket: Ticket) -> bool:
    """Whether a clock runs. A given date also comes while the ticket waits on the customer or sleeps."""
    runs = ticket.status not in DONE if clock.due_at is not None else clock.paused_at is None and _runs(ticket)
    return clock.ended_at is None and runs


def _end(clock: Clock, at: datetime) -> Clock:
    return replace(clock, ended_at=at) if clock.ended_at is None else clock


def _reminder_of(since: datetime, due_at: datetime, part: float, calendar: Calendar) -> datetime:
    """When the team is reminded of a given date: one working day before it, or later if a part of the time ends later."""
    time = working_time(since, due_at, calendar)
    return due(since, max(time * part, time - usual_day(calendar)), calendar) if time else due_at


def _pause(clock: Clock, at: datetime) -> Clock:
    return clock if clock.paused_at is not None or clock.due_at is not None else replace(clock, paused_at=max(at, clock.since))


def _resume(clock: Clock, at: datetime, calendar: Calendar) -> Clock:
    """Resume a paused clock with the time used up to the pause, even if the event that ends the pause happened before it and came
    in late.
    """
    if clock.paused_at is None:
        return clock
    spent = clock.spent + working_time(clock.since, clock.paused_at, calendar)
    return replace(clock, since=max(at, clock.paused_at), spent=spent, paused_at=None)


def _state(clock: Clock, ticket: Ticket) -> str:
    if clock.missed:
        return "missed"
    if clock.ended_at is not None or (clock.kind is TargetKind.RESOLUTION and ticket.status in DONE):
        return "met"
    if ticket.status in DONE:
        return "cancelled"
    return "running" if _counts(clock, ticket) else "paused"
