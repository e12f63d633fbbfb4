"""How long a customer's silence may last: when reminders are due, when a ticket closes, and how long an absence lasts. Pure."""

from datetime import date, datetime, timedelta

from helpdesk.config.calendar import due, morning_of, next_working, usual_day
from helpdesk.config.policy import Policy

LONGEST_ABSENCE = timedelta(days=60)  # a longer absence is cut to this


def after_question(now: datetime, reminders: int, policy: Policy) -> datetime | None:
    """When the next reminder is due, counted from the question or from the last reminder; None after the last one."""
    days = (0, *policy.closing.remind_after)
    if reminders + 1 >= len(days):
        return None
    return working_days(now, days[reminders + 1] - days[reminders], policy)


def after_answer(now: datetime, policy: Policy) -> datetime | None:
    """When a request counts as settled that was answered now; None if it never does so by silence."""
    span = policy.closing.settle_after
    if span is None:
        return None
    return next_working(due(now, in_working_time(span, policy), policy.calendar), policy.calendar)


def in_working_time(span: timedelta, policy: Policy) -> timedelta:
    """A span of working time in which a day stands for one usual working day."""
    return span.days * usual_day(policy.calendar) + span % timedelta(days=1)


def closing_at(now: datetime, policy: Policy) -> datetime:
    """When a request closes that was resolved now, if its customer stays silent: never while the desk is closed."""
    return next_working(now + policy.closing.close_after, policy.calendar)


def working_days(start: datetime, days: int, policy: Policy) -> datetime:
    """The moment so many usual working days later, within the desk's working time."""
    return next_working(due(start, days * usual_day(policy.calendar), policy.calendar), policy.calendar)


def away_until(returns: date, now: datetime, policy: Policy) -> datetime | None:
    """When work begins on the day of return; None if that is past."""
    furthest = (now + LONGEST_ABSENCE).date()
    back = morning_of(min(returns, furthest), policy.calendar)
    return back if back > now else None
