"""Questions for permission on a ticket: which are open, what staff read about them, and when the next one wants attention."""

from dataclasses import replace
from datetime import datetime

from helpdesk.config.policy import Policy
from helpdesk.threading.model.permission import Permission, PermissionAnswer
from helpdesk.threading.model.ticket import Ticket

LONGEST_SHOWN = 300  # characters of a question in a line
NONE_GIVEN = (
    "This is about business data: change nothing in it without the requester's permission. "
    '"#permission" and what you want to change asks for it.'
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


def line_about(permission: Permission) -> str:
    """What staff read about a question: who was asked what, the answer, and how it is proved."""
    text = " ".join(permission.text.split())
    text = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    asked, proof = permission.asked_of or "the requester", permission.proof
    at = f"{permission.answered_at:%Y-%m-%d %H:%M} UTC" if permission.answered_at else ""
    match permission.answer:
        case PermissionAnswer.OPEN:
            return f"Permission asked of {asked}, no answer yet (until {permission.until:%Y-%m-%d %H:%M} UTC): “{text}”"
        case PermissionAnswer.EXPIRED:
            return f"No permission: {asked} did not answer in time: “{text}”"
        case PermissionAnswer.YES if permission.contradicted_at is not None:
            return f"NO permission any more: {asked} said yes at {at}, and no at {permission.contradicted_at:%Y-%m-%d %H:%M} UTC: “{text}”"
        case PermissionAnswer.YES:
            return f"Permission given by {asked} at {at}, {proof.way} ({proof.reason}): “{text}”"
    later = f", and yes at {permission.contradicted_at:%Y-%m-%d %H:%M} UTC: ask again" if permission.contradicted_at else ""
    return f"Permission REFUSED by {asked} at {at}{later}: “{text}”"


def lines_about_permissions(ticket: Ticket, policy: Policy) -> tuple[str, ...]:
    """What stands above each letter to staff: every question with its answer, or that one is needed before data is changed."""
    if ticket.permissions:
        return tuple(line_about(permission) for permission in ticket.permissions)
    category = policy.categories.get(ticket.category)
    return (NONE_GIVEN,) if category is not None and category.permission else ()


def next_permission_look(ticket: Ticket) -> datetime | None:
    """When a question is to be repeated or ends; None if none is open."""
    waiting = open_permissions(ticket)
    return min((row.until if row.reminded else row.remind_at for row in waiting), default=None)
