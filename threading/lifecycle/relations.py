"""Requests that are linked to a request: how letters to staff name them, and who takes a new one that is linked to others."""

from collections.abc import Iterable

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import assignee_for
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Ticket

MOST_SHOWN = 5  # linked requests that a letter names, the newest


def related_tickets(ticket: Ticket, linked: Iterable[int], context: Context) -> tuple[Ticket, ...]:
    """The requests that are linked to this one, or are about to be, newest first. `linked` are ids that this decision links."""
    known = context.known
    found = {other.id: other for other in (*_tickets(linked, context), *known.related.get(ticket.id, ()))}
    return tuple(sorted((other for other in found.values() if other.id != ticket.id), key=lambda other: -other.id))[:MOST_SHOWN]


def _tickets(ids: Iterable[int], context: Context) -> Iterable[Ticket]:
    return (ticket for number in ids if (ticket := context.known.tickets.get(number)) is not None)


def lines_about_related(tickets: Iterable[Ticket], reader: StaffMember, context: Context) -> tuple[str, ...]:
    """One line for each request: reference, status and subject; the reference alone where the reader may not read the request."""
    return tuple(
        f"{ticket.reference}, {ticket.status.value.replace('_', ' ')}: {ticket.subject or 'no subject'}"
        if may(reader, ticket, context)
        else f"{ticket.reference}, of another queue"
        for ticket in tickets
    )


def colleague_with_related(ticket: Ticket, tickets: Iterable[Ticket], context: Context) -> tuple[StaffMember, Ticket] | None:
    """Who has a linked request in hand, works in this request's queue and is at work; with that request. None if nobody is."""
    for other in tickets:
        member = context.staff_member(other.assignee)
        if member is not None and assignee_for(ticket.queue, (member,), context.policy, context.now)[0] is not None:
            return member, other
    return None
