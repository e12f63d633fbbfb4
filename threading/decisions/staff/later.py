"""Carry out a staff member's mail later: `#at TIME` holds it until then, when it is worked on as if it had just come.

Everything is tried at once, so that what cannot work is refused now. At its time the guards look again: an answer whose author has not
read what the customer wrote meanwhile is held, and its author is asked.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from helpdesk.config.opening_hours import Calendar
from helpdesk.threading.commands.moments import time_named
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.held import Doubt, hold_mail
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.staff.work import Work
from helpdesk.threading.lifecycle.decision import Decision, Past
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.scheduled import Scheduled
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.timer import TimerKind

LONGEST = timedelta(days=366)
MOST = 20  # scheduled mails of one ticket
EXAMPLES = sentence('"#at monday 9:00", "#at tomorrow", "#at 2h" or "#at 2026-11-25 14:00" would work')


def asks_for_later(mail: StaffMail) -> bool:
    """Whether a mail names a time at which it is to be carried out, and that time has not come."""
    return waited_since(mail) is None and any(block.command(Word.AT) for block in mail.blocks)


def waited_since(mail: StaffMail) -> datetime | None:
    """When a mail came that has waited for its time, or has been let go before it; None for any other mail."""
    release = mail.incoming.release
    return mail.incoming.received_at if release is not None and HoldReason.LATER in release.waived else None


def why_not_later(mail: StaffMail) -> Sentence | None:
    """Why a mail cannot be carried out later; None if it can."""
    lines = [command.line for block in mail.blocks for command in block.commands if command.word is Word.AT]
    if len(mail.blocks) > 1 or len(lines) > 1:
        return sentence(
            '"{word}": a mail that waits is about one request and has one time; send the rest in another mail', word=lines[0]
        )
    at = _time_of(mail)
    if at is None or not mail.context.now < at <= mail.context.now + LONGEST:
        return sentence('"{word}": this is no time to come within a year; {examples}', word=lines[0], examples=EXAMPLES)
    if mail.incoming.inbound_id is None:
        return sentence('"{word}": this mail cannot wait', word=lines[0])
    return None


def schedule(mail: StaffMail, work: Work) -> Decision:
    """Hold the mail until its time, with a letter that says how to let it go now or to drop it."""
    at, ticket, number = _time_of(mail), work.ticket, mail.incoming.inbound_id
    assert at is not None
    assert number is not None
    held = hold_mail(
        mail,
        Doubt(
            HoldReason.LATER,
            sentence("it waits until {at}, as its #at line says", at=at),
        ),
    )
    row = Scheduled(number, mail.member.address, at)
    draft = Draft(mail.context, ticket, ticket.version, mail.member.address, mail.incoming.message_id)
    draft = _with_rows(draft, (*ticket.scheduled, row)[-MOST:])
    draft = draft.add_event("scheduled", mail.member.address, f"{at:%Y-%m-%d %H:%M} UTC")
    decision = draft.decision(held.disposition, held.reason, mail.grounds, past=Past(before=ticket))
    return replace(decision, letters=held.letters, hold=held.hold)


def _time_of(mail: StaffMail) -> datetime | None:
    command = next((command for block in mail.blocks for command in block.commands if command.word is Word.AT), None)
    return time_named(command.value, mail.context.now, _calendar_of(mail)) if command else None


def _calendar_of(mail: StaffMail) -> Calendar:
    """The desk's calendar, in the time zone of the staff member."""
    policy = mail.context.policy
    zone = next((row.zone for row in policy.staff if row.address.lower() == mail.member.address), "")
    return policy.calendar.model_copy(update={"zone": zone}) if zone else policy.calendar


def _with_rows(draft: Draft, rows: tuple[Scheduled, ...]) -> Draft:
    draft = replace(draft, ticket=replace(draft.ticket, scheduled=rows)).cancel_timer(TimerKind.LATER)
    return draft.set_timer(TimerKind.LATER, min(row.at for row in rows))
