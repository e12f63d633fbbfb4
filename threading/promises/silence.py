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


def working_days(start: datetime, days: int, policy: Policy) -> datetime:
    """The moment so many usual working days later, within the desk's working time."""
    return next_working(due(start, days * usual_day(policy.calendar), policy.calendar), policy.calendar)


def away_until(returns: date, now: datetime, policy: Policy) -> datetime | None:
    """When work begins on the day of return; None if that is past."""
    furthest = (now + LONGEST_ABSENCE).date()
    back = morning_of(min(returns, furthest), policy.calendar)
    return back if back > now else None
