"""What of the desk a staff member may read and act on: asked about each request whenever a mail of theirs is worked on, or a letter is written.

Seniors and managers may everything. Agents may what is in a queue in which they work, or was; and what is in their hands, or was: they had it,
began it, or did something about it while they might. `[permissions]` lets them everything, which is also so where no agent is left out of a
queue. Who has been taken out of a queue has no part any more in what they never had in hand.

Limits: what somebody was allowed to read is not taken out of their mailbox again. A request that nobody on the desk may touch, because its
queue has no members and nobody is senior, is everybody's.
"""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.config.policy import Policy
from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Past, Ticket

EVERYWHERE = frozenset({"senior", "manager"})
NAME_ANOTHER = frozenset({Word.MERGE, Word.LINK, Word.INCIDENT})  # commands that act on a second request, or tell of it
MOST_NAMED = 3  # seniors whom a refusal names


def may(member: StaffMember, ticket: Ticket, context: Context) -> bool:
    """Whether this person may read a request and act on it."""
    return _has_it(member, ticket, context.policy) or not any(
        _has_it(member, ticket, context.policy) for member in context.known.staff
    )


def may_everywhere(member: StaffMember, policy: Policy) -> bool:
    """Whether this person may read whatever the desk has, without looking at any request."""
    return member.role in EVERYWHERE or policy.agents_work_everywhere


def _has_it(member: StaffMember, ticket: Ticket, policy: Policy) -> bool:
    queue = ticket.queue in member.queues or not set(ticket.past.queues).isdisjoint(member.queues)
    hands = member.address in (ticket.assignee, ticket.lineage.opened_by, *ticket.past.hands)
    return queue or hands or may_everywhere(member, policy)


def not_permitted(member: StaffMember, ticket: Ticket, context: Context, named: str = "") -> str | None:
    """Why this person has no part in a request, in one line that says whom to ask; None where they have.

    `named` is how they called it, since nothing else of it may be told. A request that is not theirs reads otherwise than one that does not
    exist: references are drawn at random and cannot be counted through, and whoever mistyped one must know that from whoever should hand
    the request over.
    """
    if may(member, ticket, context):
        return None
    return f"{named or ticket.reference} is neither in your queues nor in your hands, and never was: ask {_whom(ticket, context)}"


def foreign(member: StaffMember, ticket: Ticket, text: StaffText, context: Context) -> str | None:
    """Why a block of somebody's mail may not be carried out on a request; None where it may. Every request that it touches is asked about."""
    lack = not_permitted(member, ticket, context, text.reference)
    return f'"#on {text.reference}": {lack}' if lack and text.reference else lack or _foreign_second(member, text, context)


def _foreign_second(member: StaffMember, text: StaffText, context: Context) -> str | None:
    for command in text.commands:
        other = context.known.named(command.value) if command.word in NAME_ANOTHER and command.value else None
        lack = not_permitted(member, other, context, command.value) if other else None
        if lack is not None:
            return f'"{command.line.strip()}": {lack}'
    return None


def in_hand(ticket: Ticket, member: StaffMember, text: StaffText, context: Context) -> Ticket:
    """A request as somebody has worked on it: it stays theirs, and what was merged into it stays that of those who had it."""
    merged = [
        other
        for command in text.commands
        if command.word is Word.MERGE and (other := context.known.named(command.value)) is not None
    ]
    hands = (*ticket.past.hands, member.address, *(address for ticket in merged for address in ticket.past.hands))
    queues = (*ticket.past.queues, *(queue for ticket in merged for queue in ticket.past.queues))
    return replace(ticket, past=Past(tuple(dict.fromkeys(queues)), tuple(dict.fromkeys(hands))))


def _whom(ticket: Ticket, context: Context) -> str:
    """Who can act or hand over: whoever has it, the seniors, else whoever works in its queue. Staff may know each other."""
    holder = context.staff_member(ticket.assignee)
    seniors = [member.name for member in context.known.staff if member.role in EVERYWHERE]
    if holder is not None:
        return f"{holder.name}, who has it" + (", or a senior" if seniors else "")
    if seniors:
        return f"a senior ({', '.join(seniors[:MOST_NAMED])})"
    return ", ".join(list(_members(ticket, context))[:MOST_NAMED])


def _members(ticket: Ticket, context: Context) -> Iterator[str]:
    return (member.name for member in context.known.staff if _has_it(member, ticket, context.policy))
