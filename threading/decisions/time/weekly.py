"""Send each manager the weekly report about the week before, on the first working day."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.letter_apart import facts_apart, letter_apart
from helpdesk.threading.lifecycle.permission import may_everywhere
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.reporting.report import Span, Weeks

WEEK = timedelta(days=7)


def week_of(day: date) -> str:
    """The ISO 8601 week of a day, such as "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def weeks_before(day: date, zone: str) -> tuple[Span, Span]:
    """The two weeks before that of a day, the later one first. Weeks run from Monday to Monday in the given zone."""
    monday = day - timedelta(days=day.weekday())
    begins = [datetime.combine(monday - count * WEEK, time(), ZoneInfo(zone)) for count in (2, 1, 0)]
    return Span(begins[1], begins[2]), Span(begins[0], begins[1])


def decide_weekly(address: str, weeks: Weeks, context: Context) -> Decision:
    """Send the report of a week. If nothing happened and nothing is open, or the manager has left, the week is recorded as done
    without a letter.
    """
    member, done = context.staff_member(address), Digest(next(context.fresh.ids), address, ())
    volumes = weeks.last.volumes
    quiet = not (volumes.opened or volumes.resolved or volumes.customer_messages or weeks.last.backlog.open)
    if member is None or quiet or not may_everywhere(member, context.policy):
        return Decision(
            Disposition.NOTED, f"{address} has nothing to be told of the week", Grounds(Assurance.UNVERIFIED), digest=done
        )
    facts = replace(facts_apart(), weeks=weeks)
    subject = sentence(
        "The week in figures: {opened} opened, {resolved} resolved", opened=volumes.opened, resolved=volumes.resolved
    )
    order = letter_apart(context, member, Notice.WEEKLY_REPORT, facts, subject)
    return Decision(
        Disposition.NOTED, f"{member.name} is told of the week", Grounds(Assurance.UNVERIFIED), letters=(order,), digest=done
    )
