"""How long silence may last: when a question is brought to mind, when it closes, and until when somebody is away. Pure."""

from datetime import date, datetime, timedelta

from helpdesk.config.calendar import due, morning_of, next_working, usual_day
from helpdesk.config.policy import Policy

LONGEST_ABSENCE = timedelta(days=60)  # a return that is said to be further off counts as this one


def after_question(now: datetime, reminders: int, policy: Policy) -> datetime | None:
    """When the next reminder is due, seen from the question or from the reminder before it; None after the last one."""
    days = (0, *policy.closing.remind_after)
    if reminders + 1 >= len(days):
        return None
    return working_days(now, days[reminders + 1] - days[reminders], policy)


def working_days(start: datetime, days: int, policy: Policy) -> datetime:
    """So many usual working days later, at a moment at which the desk works."""
    return next_working(due(start, days * usual_day(policy.calendar), policy.calendar), policy.calendar)


def away_until(returns: date, now: datetime, policy: Policy) -> datetime | None:
    """When work begins on the day of a return; None where that is past."""
    furthest = (now + LONGEST_ABSENCE).date()
    back = morning_of(min(returns, furthest), policy.calendar)
    return back if back > now else None
