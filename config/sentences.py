"""The desk's policy in plain sentences, as `helpdesk check` prints it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from helpdesk.config.calendar import due, in_words, quantity
from helpdesk.config.conduct import Busy, Form, Incidents
from helpdesk.config.hours import windows
from helpdesk.config.opening_hours import WEEKDAYS, Calendar
from helpdesk.config.people import SupportAddress
from helpdesk.config.plans import Plan, Targets
from helpdesk.config.policy import Policy
from helpdesk.config.settings import DeskSettings
from helpdesk.config.triage_sentences import sorting_sentences
from helpdesk.config.values import SEVERITIES

TARGETS = {"first_response": "a first answer", "next_response": "each later answer", "resolution": "a solution"}
EXAMPLE_SEVERITY = "high"
EXAMPLE_WEEK = date(2027, 2, 1)
HALF_AN_HOUR = timedelta(minutes=30)
UNITS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def sentences(desk: DeskSettings, policy: Policy) -> Iterator[str]:
    """What the desk promises and how it works, one statement a line."""
    yield f"{desk.name} answers from {desk.domain}; replies come back to {desk.reply_address}."
    if desk.request_page:
        yield f"Letters name {desk.request_page} for new requests."
    yield from (_address(row) for row in policy.addresses)
    yield from _queues(policy)
    yield from (_plan(name, plan, policy.calendar) for name, plan in policy.plans.items())
    yield f"The directory lists {quantity(len(policy.accounts), 'account')}; a customer without an account has plan {policy.default_plan}."
    yield from (_form(form) for form in policy.forms)
    yield from sorting_sentences(policy)
    yield opening_hours(policy.calendar)
    yield from (f"Calendar {name}: {opening_hours(calendar)}" for name, calendar in policy.calendars.items())
    yield from _example(policy)
    yield _busy(policy.busy, policy.calendar)
    yield _incidents(policy.incidents)
    yield f"A ticket can escalate {quantity(policy.escalation.highest_level, 'time')}."
    yield (
        f"A resolved ticket closes after {span(policy.closing.close_after)} of silence; a reply within "
        f"{span(policy.closing.reopen_within)} after that reopens it, a later one opens a follow-up ticket."
    )
    yield _reminders(policy.closing.remind_after, policy.closing.close_after_reminders)
    yield (
        f"A letter that cannot leave is tried again after {_enumeration(span(wait) for wait in policy.retry.waits)}, "
        f"and given up after {span(policy.retry.give_up_after)}."
    )


def _form(form: Form) -> str:
    where = form.address or f"any address at {form.domain}"
    return f"Mail from {where} is written by a machine for a person: the desk answers that person, who is named in its Reply-To and counts as unverified."


def _busy(busy: Busy, calendar: Calendar) -> str:
    return (
        f"When one in ten first answers of a queue takes longer than {in_words(busy.enter_above, calendar)}, its confirmations tell the "
        f"measured time, until that time is below {in_words(busy.leave_below, calendar)}."
    )


def _incidents(incidents: Incidents) -> str:
    if not incidents.propose_from:
        return "Requests that are alike are never proposed as an incident."
    return (
        f"When requests of {incidents.propose_from} customers within {span(incidents.within)} are alike, a senior is asked once whether "
        "they are one incident."
    )


def _reminders(days: tuple[int, ...], then: int) -> str:
    if not days:
        return "A question to a customer waits for its reply without reminders, and never closes by itself."
    after = f"{_enumeration(map(str, days))} working {'day' if days == (1,) else 'days'}"
    last = f"{quantity(then, 'working day')} after the last reminder"
    return f"A customer is reminded of an unanswered question after {after}; {last} the ticket closes."


def opening_hours(calendar: Calendar) -> str:
    """The calendar in words, days with the same hours together."""
    days = [(day.capitalize(), getattr(calendar, day).strip()) for day in WEEKDAYS]
    runs = [(hours, [day for day, _ in run]) for hours, run in groupby(days, key=itemgetter(1))]
    worked = [f"{_days(names)} {hours}" for hours, names in runs if hours]
    days_off = [quantity(len(calendar.holidays), "holiday")] if calendar.holidays else []
    place = "-".join(part for part in (calendar.country, calendar.subdivision) if part)
    days_off += [f"public holidays of {place}"] if place else []
    off = f", except on {_enumeration(days_off)}" if days_off else ""
    return f"The desk works {'; '.join(worked)} ({calendar.zone}){off}."


def span(time: timedelta) -> str:
    """A span of ordinary time: "5 days", "90 minutes"."""
    for unit, name in UNITS:
        if time and time % unit == timedelta(0):
            return quantity(time // unit, name)
    return f"{time.total_seconds():g} seconds"


def _address(row: SupportAddress) -> str:
    plan = f", on plan {row.plan}" if row.plan else ""
    account = f", for account {row.account}" if row.account else ""
    name = f'; its letters come from "{row.name}"' if row.name else ""
    return f"Mail to {row.address} waits in queue {row.queue}{plan}{account}{name}."


def _queues(policy: Policy) -> Iterator[str]:
    for queue in policy.queues:
        members = [f"{member.name} ({member.role})" for member in policy.staff if queue in member.queues]
        yield f"Queue {queue} has {quantity(len(members), 'member')}: {_enumeration(members)}."


def _plan(name: str, plan: Plan, calendar: Calendar) -> str:
    times = [_promise(target, time, calendar) for target in TARGETS if (time := plan.promised(target, "")) is not None]
    sentence = f"Plan {name} promises {_enumeration(times) if times else 'no time'}."
    return " ".join([sentence, *_severities(plan, calendar), *_pages(plan)])


def _pages(plan: Plan) -> Iterator[str]:
    """Where letters to customers of a plan point, and whether a person answers them."""
    pages = [page for page in (plan.self_service, plan.community) if page]
    if pages:
        yield f"Its letters name {_enumeration(pages)}."
    if plan.is_self_service:
        yield "No person answers its requests, and its customers are told so."


def _severities(plan: Plan, calendar: Calendar) -> Iterator[str]:
    for severity in SEVERITIES:
        own: Targets = getattr(plan, severity)
        times = [_promise(target, time, calendar) for target in TARGETS if (time := getattr(own, target)) is not None]
        if times:
            yield f"At severity {severity}: {_enumeration(times)}."


def _promise(target: str, time: timedelta, calendar: Calendar) -> str:
    return f"{TARGETS[target]} within {in_words(time, calendar)}"


def _example(policy: Policy) -> Iterator[str]:
    """When a mail is due that arrives half an hour before the end of a week's work. The example shows what the calendar means."""
    plans = [name for name, plan in policy.plans.items() if plan.promised("first_response", EXAMPLE_SEVERITY)]
    if not plans:
        return
    name = "business" if "business" in plans else plans[0]
    time = policy.plans[name].promised("first_response", EXAMPLE_SEVERITY)
    assert time is not None
    zone, day = ZoneInfo(policy.calendar.zone), _last_worked(policy.calendar)
    closes = windows(getattr(policy.calendar, WEEKDAYS[day.weekday()]))[-1][1]
    wall = datetime.combine(day, datetime.min.time()) + closes - HALF_AN_HOUR
    by = due(wall.replace(tzinfo=zone), time, policy.calendar).astimezone(zone)
    late = f"{by:%A %H:%M}" if by.date() - day < timedelta(days=7) else f"{by:%Y-%m-%d %H:%M}"
    yield (
        f"A {EXAMPLE_SEVERITY}-severity mail from a customer on plan {name} that arrives {wall:%A %H:%M} is due {late} "
        f"(as on {day:%Y-%m-%d})."
    )


def _last_worked(calendar: Calendar) -> date:
    """The last working day of a week without a holiday in it or in the week after it, where a year has one."""
    monday = EXAMPLE_WEEK
    for _ in range(52):
        if not any(calendar.is_holiday(monday + timedelta(days=after)) for after in range(14)):
            break
        monday += timedelta(days=7)
    worked = [after for after in range(7) if getattr(calendar, WEEKDAYS[after]).strip()]
    return monday + timedelta(days=max((after for after in worked if after < 5), default=worked[-1]))


def _days(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _enumeration(parts: Iterable[str]) -> str:
    names = list(parts)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
