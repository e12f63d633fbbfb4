"""The few changes of status and waiting_on that no row of the lifecycle table makes. All others are made by `Draft.apply`."""

from dataclasses import replace

from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket


def in_state(ticket: Ticket, status: Status, waiting_on: WaitingOn) -> Ticket:
    """A ticket of an archive in the state that its mails tell. Imported history does not pass through the lifecycle again."""
    return replace(ticket, status=status, waiting_on=waiting_on)


def with_question_withdrawn(ticket: Ticket) -> Ticket:
    """The ticket waits on support again, because the question or reminder to its customer never arrived."""
    return replace(ticket, waiting_on=WaitingOn.SUPPORT)


def as_never_begun(ticket: Ticket) -> Ticket:
    """What a ticket becomes when the mail that began it is taken back: closed, and nobody's turn."""
    return replace(ticket, status=Status.CLOSED, waiting_on=WaitingOn.NOBODY)
