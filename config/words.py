"""The desk's policy in plain sentences, for people who want to know what they promise."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby

from helpdesk.config.calendar import in_words
from helpdesk.config.policy import WEEKDAYS, Calendar, Plan, Policy, SupportAddress
from helpdesk.config.settings import Desk
from helpdesk.config.sorting import sorting_sentences

UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def sentences(desk: Desk, policy: Policy) -> Iterator[str]:
    """One sentence for each promise."""
    yield f"{desk.name} answers from {desk.domain}; replies come back to {desk.reply_address}."
    yield from (_address(row) for row in policy.addresses)
    yield from _queues(policy)
    yield from (_plan(name, plan, policy.calendar) for name, plan in policy.plans.items())
    yield f"{_counted(len(policy.accounts), 'account')}; a customer without one has the plan {policy.default_plan}."
    yield from sorting_sentences(policy)
    yield opening_hours(policy.calendar)
    yield f"A ticket can escalate {_counted(policy.escalation.highest_level, 'time')}."
    yield (
        f"A resolved ticket closes after {span(policy.closing.close_after)} of silence; a reply within "
        f"{span(policy.closing.reopen_within)} after that reopens it, a later one opens a follow-up ticket."
    )
    yield _reminders(policy.closing.remind_after, policy.closing.close_after_reminders)
    yield (
        f"A letter that cannot leave is tried again after {_joined(span(one) for one in policy.retry.waits)}, "
        f"and given up after {span(policy.retry.give_up_after)}."
    )


def _reminders(days: tuple[int, ...], then: int) -> str:
    if not days:
        return "A question to a customer waits for its reply without reminders, and never closes by itself."
    after = ", ".join(str(one) for one in days)
    noun = "working day" if days == (1,) else "working days"
    return f"A question without a reply is brought to mind after {after} {noun}; {_counted(then, 'working day')} later the ticket closes."


def opening_hours(calendar: Calendar) -> str:
    """The calendar in words, days with the same hours together."""
    days = [(day.capitalize(), getattr(calendar, day).strip()) for day in WEEKDAYS]
    runs = [(hours, [day for day, _ in run]) for hours, run in groupby(days, key=lambda one: one[1])]
    worked = [f"{_run(names)} {hours}" for hours, names in runs if hours]
    off = f", except on {_counted(len(calendar.holidays), 'holiday')}" if calendar.holidays else ""
    return f"The desk works {'; '.join(worked)} ({calendar.zone}){off}."


def span(time: timedelta) -> str:
    """A span of ordinary time: "5 days", "90 minutes"."""
    for unit, name in UNITS:
        if time and time % unit == timedelta(0):
            return _counted(time // unit, name)
    return f"{time.total_seconds():g} seconds"


def _address(row: SupportAddress) -> str:
    plan = f", on plan {row.plan}" if row.plan else ""
    account = f", for account {row.account}" if row.account else ""
    return f"Mail to {row.address} waits in queue {row.queue}{plan}{account}."


def _queues(policy: Policy) -> Iterator[str]:
    for queue in sorted({queue for member in policy.staff for queue in member.queues}):
        members = [f"{member.name} ({member.role})" for member in policy.staff if queue in member.queues]
        yield f"In queue {queue} {'works' if len(members) == 1 else 'work'} {_joined(members)}."


def _plan(name: str, plan: Plan, calendar: Calendar) -> str:
    time = f"a first answer within {in_words(plan.first_response, calendar)}" if plan.first_response else "no time"
    return f"Plan {name} promises {time}{', and points to self-service' if plan.self_service else ''}."


def _run(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _joined(parts: Iterable[str]) -> str:
    names = list(parts)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _counted(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{number} {noun}s"
