"""The weekly report: one letter to each manager, on the first working day, about the week before."""

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
from helpdesk.threading.reporting.report import Span, Weeks

WEEK = timedelta(days=7)


def week_of(day: date) -> str:
    """The week of a day as ISO 8601 counts: "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def weeks_before(day: date, zone: str) -> tuple[Span, Span]:
    """The week before that of a day, from Monday to Monday on the clocks of a zone, and the one before that."""
    monday = day - timedelta(days=day.weekday())
    begins = [datetime.combine(monday - count * WEEK, time(), ZoneInfo(zone)) for count in (2, 1, 0)]
    return Span(begins[1], begins[2]), Span(begins[0], begins[1])


def decide_weekly(address: str, weeks: Weeks, context: Context) -> Decision:
    """The report of a week. Where nothing happened and nothing is open, or for somebody who has left, it is done without a letter."""
    member, done = context.staff_member(address), Digest(next(context.fresh.ids), address, ())
    volumes = weeks.last.volumes
    quiet = not (volumes.opened or volumes.resolved or volumes.customer_messages or weeks.last.backlog.open)
    if member is None or quiet or not may_everywhere(member, context.policy):
        return Decision(
            Disposition.NOTED, f"{address} has nothing to be told of the week", Grounds(Assurance.UNVERIFIED), digest=done
        )
    facts = replace(facts_apart(), weeks=weeks)
    subject = f"The week in figures: {volumes.opened} opened, {volumes.resolved} resolved"
    order = letter_apart(context, member, Notice.WEEKLY_REPORT, facts, subject)
    return Decision(
        Disposition.NOTED, f"{member.name} is told of the week", Grounds(Assurance.UNVERIFIED), letters=(order,), digest=done
    )
