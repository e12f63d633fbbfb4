"""Questions for permission on a ticket: which are open, what staff read about them, and when the next one wants attention."""

from dataclasses import replace
from datetime import datetime

from helpdesk.config.policy import Policy
from helpdesk.threading.model.permission import Permission, PermissionAnswer
from helpdesk.threading.model.sentence import Recorded, Sentence, recalled, sentence
from helpdesk.threading.model.ticket import Ticket

LONGEST_SHOWN = 300  # characters of a question in a line
NONE_GIVEN = sentence(
    'This is about business data: change nothing in it without the requester\'s permission. "#permission" and what you want to change asks for it.'
)


def numbered_permission(ticket: Ticket, number: int) -> Permission | None:
    """The question of this number."""
    return next((permission for permission in ticket.permissions if permission.number == number), None)


def open_permissions(ticket: Ticket) -> tuple[Permission, ...]:
    """The questions that wait for an answer."""
    return tuple(permission for permission in ticket.permissions if permission.is_open)


def changed(ticket: Ticket, permission: Permission) -> Ticket:
    """The ticket with this question in place of the one of its number."""
    rows = tuple(permission if row.number == permission.number else row for row in ticket.permissions)
    return replace(ticket, permissions=rows)


def line_about(permission: Permission) -> Sentence:
    """What staff read about a question: who was asked what, the answer, and how it is proved."""
    text = " ".join(permission.text.split())
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    asked, proof = permission.asked_of or sentence("the requester"), permission.proof
    at = Recorded(permission.answered_at) if permission.answered_at else ""
    match permission.answer:
        case PermissionAnswer.OPEN:
            return sentence(
                "Permission asked of {asked}, no answer yet (until {until}): “{text}”",
                asked=asked,
                until=Recorded(permission.until),
                text=text,
            )
        case PermissionAnswer.EXPIRED:
            return sentence("No permission: {asked} did not answer in time: “{text}”", asked=asked, text=text)
        case PermissionAnswer.YES if permission.contradicted_at is not None:
            return sentence(
                "NO permission any more: {asked} said yes at {at}, and no at {at_b}: “{text}”",
                asked=asked,
                at=at,
                at_b=Recorded(permission.contradicted_at),
                text=text,
            )
        case PermissionAnswer.YES:
            return sentence(
                "Permission given by {asked} at {at}, {way} ({reason}): “{text}”",
                asked=asked,
                at=at,
                way=recalled(proof.way),
                reason=recalled(proof.reason),
                text=text,
            )
    later = (
        sentence(", and yes at {at}: ask again", at=Recorded(permission.contradicted_at)) if permission.contradicted_at else ""
    )
    return sentence("Permission REFUSED by {asked} at {at}{later}: “{text}”", asked=asked, at=at, later=later, text=text)


def lines_about_permissions(ticket: Ticket, policy: Policy) -> tuple[Sentence, ...]:
    """What stands above each letter to staff: every question with its answer, or that one is needed before data is changed."""
    if ticket.permissions:
        return tuple(line_about(permission) for permission in ticket.permissions)
    category = policy.categories.get(ticket.category)
    return (NONE_GIVEN,) if category is not None and category.permission else ()


def next_permission_look(ticket: Ticket) -> datetime | None:
    """When a question is to be repeated or ends; None if none is open."""
    waiting = open_permissions(ticket)
    return min((row.until if row.reminded else row.remind_at for row in waiting), default=None)
