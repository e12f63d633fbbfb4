"""The few changes of status and waiting_on that no row of the lifecycle table makes. `Draft.apply` makes all others."""

from dataclasses import replace

from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket


def in_state(ticket: Ticket, status: Status, waiting_on: WaitingOn) -> Ticket:
    """An imported ticket in the state that its mails show. Imported history does not pass through the lifecycle table."""
    return replace(ticket, status=status, waiting_on=waiting_on)


def with_question_withdrawn(ticket: Ticket) -> Ticket:
    """The ticket waiting on support again, because the question, reminder or answer to its customer never arrived."""
    return replace(ticket, waiting_on=WaitingOn.SUPPORT, waiting=replace(ticket.waiting, answered_at=None))


def as_never_begun(ticket: Ticket) -> Ticket:
    """The ticket after the mail that began it was undone: closed, and waiting on nobody."""
    return replace(ticket, status=Status.CLOSED, waiting_on=WaitingOn.NOBODY)
