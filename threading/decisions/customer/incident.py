"""Find the requests that belong to an incident, and detach one from it."""

from dataclasses import replace

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.people import SENIORS, StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

MOST_ATTACHED = 500  # attached requests that one mail can reach


def is_incident(ticket: Ticket) -> bool:
    """Whether the ticket is an incident itself."""
    return ticket.lineage.incident == ticket.id


def attached_requests(ticket: Ticket, context: Context) -> tuple[Ticket, ...]:
    """The open requests attached to an incident, without the incident itself, oldest first; none for another ticket."""
    if not is_incident(ticket):
        return ()
    mine = (
        request for request in context.known.tickets.values() if request.lineage.incident == ticket.id and request.id != ticket.id
    )
    return tuple(sorted((ticket for ticket in mine if ticket.status is not Status.CLOSED), key=lambda ticket: ticket.id))


def why_not_to_all(member: StaffMember, ticket: Ticket, context: Context) -> Sentence | None:
    """Why this person may not write to all customers of an incident; None if they may, or if nothing is attached."""
    if not attached_requests(ticket, context):
        return None
    if member.role not in SENIORS:
        return sentence("{reference} is an incident; a senior writes to all its customers", reference=ticket.reference)
    if (
        sum(ticket.lineage.incident is not None and not is_incident(ticket) for ticket in context.known.tickets.values())
        > MOST_ATTACHED
    ):
        return sentence("more than {most_attached} requests are attached; close some first", most_attached=MOST_ATTACHED)
    return None


def detach(draft: Draft, actor: str) -> Draft:
    """Detach a request from its incident, because its customer says that the problem continues. An incident itself stays one."""
    if draft.ticket.lineage.incident is None or is_incident(draft.ticket):
        return draft
    draft = draft.add_event("detached", actor, "taken out of the incident")
    return replace(draft, ticket=replace(draft.ticket, lineage=replace(draft.ticket.lineage, incident=None)))
