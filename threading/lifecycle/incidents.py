"""Which requests belong to an incident, and how one leaves it."""

from dataclasses import replace

from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.scene import Scene
from helpdesk.threading.model import Status, Ticket


def is_incident(ticket: Ticket) -> bool:
    return ticket.incident == ticket.id


def attached_to(ticket: Ticket, scene: Scene) -> tuple[Ticket, ...]:
    """The requests of an incident that go on, without itself, the oldest first; none for another ticket."""
    if not is_incident(ticket):
        return ()
    mine = (one for one in scene.known.tickets.values() if one.incident == ticket.id and one.id != ticket.id)
    return tuple(sorted((one for one in mine if one.status is not Status.CLOSED), key=lambda one: one.id))


def detached(draft: Draft, actor: str) -> Draft:
    """A request whose customer says that it is not over goes its own way; an incident itself stays one."""
    if draft.ticket.incident is None or is_incident(draft.ticket):
        return draft
    draft = draft.event("detached", actor, "taken out of the incident")
    return replace(draft, ticket=replace(draft.ticket, incident=None))
