"""Decide what follows when a customer stays silent: reminders of a question, then the closing; after a resolution, the closing at
once.

Silence closes a ticket only if the letter about it was handed over to a mail server, in working time, and while its reader is not
away.
"""

from dataclasses import replace
from datetime import datetime

from helpdesk.config.calendar import is_working, next_working
from helpdesk.threading.letters.order import CustomerFacts, Ending
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.team import notify_team, staff_facts
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.letter_state import NEVER_ARRIVED, LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.status import Status, Trigger
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind
from helpdesk.threading.promises.silence import after_question, closing_at, working_days

ACTOR = "scheduler"


def decide_reminder(draft: Draft) -> Decision:
    """Send the next reminder of a question. The caller has checked that the ticket still waits for the customer."""
    later = _later(draft.ticket, draft.context)
    if later is not None:
        return _put_off(draft, TimerKind.REMIND, later)
    state = delivery_of(draft, (Notice.INFORMATION_REQUEST, Notice.REMINDER))
    if state is LetterState.QUEUED:
        return _put_off(draft, TimerKind.REMIND, _tomorrow(draft))
    if state is LetterState.FAILED:
        return _leave_to_team(draft)
    count = draft.ticket.waiting.reminders + 1
    draft = draft.apply(Trigger.REMINDED, ACTOR, f"reminder {count}")
    at = after_question(draft.context.now, count, draft.context.policy)
    closing = working_days(draft.context.now, draft.context.policy.closing.close_after_reminders, draft.context.policy)
    draft = notify_customers_by_facts(
        replace(draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, reminders=count))),
        Notice.REMINDER,
        CustomerFacts(
            account=draft.ticket.account,
            closes_at=closing if at is None else None,
            question=_open_question(draft.ticket, draft.context),
        ),
    )
    draft = draft.set_timer(TimerKind.REMIND, at) if at is not None else draft.set_timer(TimerKind.SILENCE, closing)
    return draft.decision(
        Disposition.THREADED,
        f"{draft.ticket.reference} waits for the customer's reply: a reminder",
        Grounds(draft.ticket.assurance),
    )


def decide_closing(draft: Draft) -> Decision:
    """Close a ticket after silence. The caller has checked that silence may close it."""
    ticket = draft.ticket
    later = _later(ticket, draft.context)
    if later is not None:
        # A customer who returns has one working day to read their mail.
        away = later == ticket.waiting.away_until
        return _put_off(draft, TimerKind.SILENCE, working_days(later, 1, draft.context.policy) if away else later)
    resolved = ticket.status is Status.RESOLVED
    state = delivery_of(draft, (Notice.RESOLUTION,) if resolved else (Notice.REMINDER,))
    if state is LetterState.QUEUED:
        return _put_off(draft, TimerKind.SILENCE, _tomorrow(draft))
    if state is LetterState.FAILED:
        return _leave_to_team(draft)
    facts = CustomerFacts(account=ticket.account, ending=Ending.SILENCE)
    draft = notify_customers_by_facts(draft.apply(Trigger.SILENCE_ELAPSED, ACTOR), Notice.CLOSING, facts)
    heard = f"nothing was heard after {ticket.reference} was resolved" if resolved else f"no reply to {ticket.reference} came"
    return draft.decision(Disposition.THREADED, heard, Grounds(ticket.assurance))


def decide_quiet_closing(draft: Draft) -> Decision:
    """Close a ticket of which no person took notice. Its customer knows that none answers, so no letter says it again."""
    draft = draft.apply(Trigger.SILENCE_ELAPSED, ACTOR)
    return draft.decision(Disposition.THREADED, f"no person took up {draft.ticket.reference}", Grounds(draft.ticket.assurance))


def decide_settling(draft: Draft) -> Decision:
    """Resolve an answered ticket whose customer is silent, and ask them whether the answer solved it.

    The caller has checked that the ticket still waits for the customer.
    """
    ticket = draft.ticket
    later = _later(ticket, draft.context)
    if later is not None:
        away = later == ticket.waiting.away_until
        return _put_off(draft, TimerKind.SETTLE, working_days(later, 1, draft.context.policy) if away else later)
    state = delivery_of(draft, (Notice.ANSWER,))
    if state is LetterState.QUEUED:
        return _put_off(draft, TimerKind.SETTLE, _tomorrow(draft))
    if state is LetterState.FAILED:
        return _leave_to_team(draft)
    facts = CustomerFacts(account=ticket.account, settled=True, closes_at=closing_at(draft.context.now, draft.context.policy))
    draft = notify_customers_by_facts(draft.apply(Trigger.SETTLED, ACTOR), Notice.RESOLUTION, facts)
    return draft.decision(
        Disposition.THREADED, f"nothing was heard after {ticket.reference} was answered", Grounds(ticket.assurance)
    )


def may_close_by_silence(ticket: Ticket) -> bool:
    """Whether the customer's silence may close the ticket."""
    return ticket.status is Status.RESOLVED or ticket.is_asked


def delivery_of(draft: Draft, notices: tuple[Notice, ...]) -> LetterState:
    """The delivery state of the newest letter with one of these notices.

    SENT means that it was handed over for at least one recipient, QUEUED that it waits, and FAILED that it failed for good or was
    suppressed. A letter that never had to leave (the platform inbox alone, a ticket without automatic letters) counts as handed
    over.
    """
    handed = [row for row in draft.context.conversation(draft.ticket).handed_over if row.notice in notices]
    newest = max((row.at for row in handed), default=None)
    states = {row.state for row in handed if row.at == newest}
    if not states or LetterState.SENT in states:
        return LetterState.SENT
    return LetterState.FAILED if states <= NEVER_ARRIVED else LetterState.QUEUED


def notify_customers_by_facts(draft: Draft, notice: Notice, facts: CustomerFacts) -> Draft:
    """Send an automatic letter about the ticket to its customers."""
    return draft.notify_customers(notice, facts, automatic=True, fixed_text=draft.ticket.assurance not in SURE)


def _open_question(ticket: Ticket, context: Context) -> str:
    """The question of staff that a reminder repeats; "" where it is unknown, or one of the reminder's readers has not had it."""
    conversation = context.conversation(ticket)
    asked = {row.participant for row in conversation.handed_over if row.notice == Notice.INFORMATION_REQUEST}
    readers = {
        person.number
        for person in ticket.participants
        if person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE and person.address
    }
    newest = conversation.last_messages[-1] if conversation.last_messages else None
    known = newest is not None and newest.direction == Direction.SUPPORT and readers <= asked
    return newest.text if newest is not None and known else ""


def _later(ticket: Ticket, context: Context) -> datetime | None:
    """The time until which to wait, if the reader is away or the desk is closed; None if neither is so."""
    if ticket.waiting.away_until is not None and ticket.waiting.away_until > context.now:
        return ticket.waiting.away_until
    calendar = context.policy.calendar
    return None if is_working(context.now, calendar) else next_working(context.now, calendar)


def _tomorrow(draft: Draft) -> datetime:
    return working_days(draft.context.now, 1, draft.context.policy)


def _put_off(draft: Draft, kind: TimerKind, until: datetime) -> Decision:
    """Move the timer to a later time. The ticket itself does not change."""
    draft = draft.set_timer(kind, until).add_event("silence_waits", ACTOR, f"{kind} until {until:%Y-%m-%d %H:%M} UTC")
    return draft.decision(Disposition.NOTED, f"{kind} of {draft.ticket.reference} waits", Grounds(draft.ticket.assurance))


def _leave_to_team(draft: Draft) -> Decision:
    """Leave the ticket to the team: the customer got no letter, so their silence means nothing."""
    draft = draft.add_event("silence_stopped", ACTOR, "the letter before it never arrived")
    line = sentence(
        "{reference} does not close by itself: the letter that the customer should have read never arrived.",
        reference=draft.ticket.reference,
    )
    draft = notify_team(draft, Notice.DELIVERY_FAILURE, staff_facts(draft, draft.ticket.assurance, outcome=(line,)))
    return draft.decision(
        Disposition.THREADED,
        f"{draft.ticket.reference} stays as it is: its letter never arrived",
        Grounds(draft.ticket.assurance),
    )
