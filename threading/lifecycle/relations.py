"""Requests that are linked to a request: how letters to staff name them, and who takes a new one that is linked to others."""

from collections.abc import Iterable

from helpdesk.threading.letters.names import status_name
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import assignee_for
from helpdesk.threading.lifecycle.standing import standing_of
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

MOST_SHOWN = 5  # linked requests that a letter names, the newest
OVER = frozenset({Status.RESOLVED, Status.CLOSED})


def related_tickets(ticket: Ticket, linked: Iterable[int], context: Context) -> tuple[Ticket, ...]:
    """The requests that are linked to this one, or are about to be, newest first. `linked` are ids that this decision links."""
    known = context.known
    found = {other.id: other for other in (*_tickets(linked, context), *known.related.get(ticket.id, ()))}
    return tuple(sorted((other for other in found.values() if other.id != ticket.id), key=lambda other: -other.id))[:MOST_SHOWN]


def _tickets(ids: Iterable[int], context: Context) -> Iterable[Ticket]:
    return (ticket for number in ids if (ticket := context.known.tickets.get(number)) is not None)


def lines_about_related(tickets: Iterable[Ticket], reader: StaffMember, context: Context) -> tuple[Sentence, ...]:
    """One line for each request: reference, status and subject; the reference alone where the reader may not read the request."""
    return tuple(
        sentence(
            "{reference}, {value}: {subject}",
            reference=ticket.reference,
            value=ticket.status.value.replace("_", " "),
            subject=ticket.subject or sentence("no subject"),
        )
        if may(reader, ticket, context)
        else sentence("{reference}, of another queue", reference=ticket.reference)
        for ticket in tickets
    )


def colleague_with_related(ticket: Ticket, tickets: Iterable[Ticket], context: Context) -> tuple[StaffMember, Ticket] | None:
    """Who has a linked request in hand, works in this request's queue and is at work; with that request. None if nobody is."""
    for other in tickets:
        member = context.staff_member(other.assignee)
        if member is not None and assignee_for(ticket.queue, (member,), context.policy, context.now)[0] is not None:
            return member, other
    return None


def same_customer(ticket: Ticket, other: Ticket, context: Context) -> bool:
    """Whether two requests belong to one customer.

    They do if they have the same account. They also do if one requester wrote both, one request has no account, and the requester
    belongs to the other's. Requests of two accounts never belong together.
    """
    if ticket.account is not None and other.account is not None:
        return ticket.account == other.account
    mine, theirs = ticket.participant(ticket.requester), other.participant(other.requester)
    if not (mine and theirs and mine.address and mine.address == theirs.address):
        return False
    account = ticket.account or other.account
    return account is None or standing_of(mine.address, context, ticket.support_address).account == account


def why_apart(ticket: Ticket, other: Ticket, context: Context) -> Sentence | None:
    """Why a request cannot go on in another one; None if it can.

    It can where both are of one customer, and where nobody's account had it: a stranger's words may stand with a customer's request,
    where they reach staff alone, but a customer's words never stand with a stranger's, because answers there go to the stranger.
    """
    if other.status in OVER:
        return sentence("{other} is {status}; #reopen it first", other=other.reference, status=status_name(other.status))
    if same_customer(ticket, other, context) or ticket.account is None:
        return None
    return sentence("{other} belongs to another customer; #link keeps both apart", other=other.reference)


def remark_on_joining(ticket: Ticket, linked: Iterable[int], context: Context) -> tuple[Sentence, ...]:
    """The sentence for staff about the open request in which a new one could go on; () where there is none. It tells the reference alone."""
    others = related_tickets(ticket, linked, context)
    open_one = next((other for other in others if why_apart(ticket, other, context) is None), None)
    if open_one is None:
        return ()
    command = "#join" if len(others) == 1 else f"#join {open_one.reference}"
    return (
        sentence(
            "It may belong to {reference}, which is open: {command} puts it there.", reference=open_one.reference, command=command
        ),
    )
