"""Permissions: which requests a staff member may read and act on. They are checked for each mail that staff write and each letter
to staff.

Seniors and managers may act on every request. Agents may act on the requests that are, or were, in one of their queues, and on
those that are, or were, in their hands: they were assigned it, began it, or worked on it while they were permitted to. Agents may
act on everything if `[permissions]` says so, or if every agent is in every queue. An agent who leaves a queue loses its requests,
except those they had in hand.

Limits: mail that somebody was permitted to read stays in their mailbox. A request that no staff member may act on, because its
queue has no members and there are no seniors, is open to all staff.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from helpdesk.config.policy import Policy
from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.model.people import SENIORS, StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Lineage, Ticket, TicketPast

# Commands that act on a second request or disclose something about it.
NAME_ANOTHER = frozenset({Word.MERGE, Word.LINK, Word.JOIN, Word.INCIDENT})
MOST_NAMED = 3  # most seniors that a refusal names


class Guarded(Protocol):
    """What a permission depends on: a request, or a line about one in a list."""

    @property
    def queue(self) -> str: ...

    @property
    def assignee(self) -> str | None: ...

    @property
    def lineage(self) -> Lineage: ...

    @property
    def past(self) -> TicketPast: ...


def may(member: StaffMember, ticket: Guarded, context: Context) -> bool:
    """Whether this person may read a request and act on it."""
    return may_read(member, ticket, context.known.staff, context.policy)


def may_read(member: StaffMember, ticket: Guarded, staff: Sequence[StaffMember], policy: Policy) -> bool:
    """The same, where only the staff and the policy are known."""
    return _is_permitted(member, ticket, policy) or not any(_is_permitted(other, ticket, policy) for other in staff)


def may_everywhere(member: StaffMember, policy: Policy) -> bool:
    """Whether this person may read and act on every request."""
    return member.role in SENIORS or policy.agents_work_everywhere


def _is_permitted(member: StaffMember, ticket: Guarded, policy: Policy) -> bool:
    queue = ticket.queue in member.queues or not set(ticket.past.queues).isdisjoint(member.queues)
    deputy = policy.deputy_of(ticket.assignee)
    hands = member.address in (ticket.assignee, deputy, ticket.lineage.opened_by, *ticket.past.hands)
    return queue or hands or may_everywhere(member, policy)


def why_not_permitted(member: StaffMember, ticket: Ticket, context: Context, named: str = "") -> Sentence | None:
    """Why this person may not act on a request, in one line that says whom to ask; None if they may.

    `named` is the reference that they wrote, because the line may tell nothing else about the request. The line differs from that
    for a reference that does not exist, so that a mistyped reference is not taken for a missing permission. References are
    random, so nobody can enumerate them.
    """
    if may(member, ticket, context):
        return None
    return sentence(
        "{named} is neither in your queues nor in your hands, and never was: ask {people_to_ask}",
        named=named or ticket.reference,
        people_to_ask=_people_to_ask(ticket, context),
    )


def why_block_not_permitted(member: StaffMember, ticket: Ticket, text: StaffText, context: Context) -> Sentence | None:
    """Why a block of a staff member's mail may not be carried out on a request; None if it may. Every request that the block
    names is checked.
    """
    lack = why_not_permitted(member, ticket, context, text.reference)
    return (
        sentence('"#on {reference}": {lack}', reference=text.reference, lack=lack)
        if lack and text.reference
        else lack or _foreign_second(member, text, context)
    )


def _foreign_second(member: StaffMember, text: StaffText, context: Context) -> Sentence | None:
    for command in text.commands:
        other = context.known.ticket_named(command.value) if command.word in NAME_ANOTHER and command.value else None
        lack = why_not_permitted(member, other, context, command.value) if other else None
        if lack is not None:
            return sentence('"{line}": {lack}', line=command.line.strip(), lack=lack)
    return None


def in_hand(ticket: Ticket, member: StaffMember, merged: Iterable[Ticket]) -> Ticket:
    """The ticket after somebody has worked on it: it stays in their hands, and in the hands of everybody who had a request that is
    `merged` into it.
    """
    merged = tuple(merged)
    hands = (*ticket.past.hands, member.address, *(address for ticket in merged for address in ticket.past.hands))
    queues = (*ticket.past.queues, *(queue for ticket in merged for queue in ticket.past.queues))
    return replace(ticket, past=TicketPast(tuple(dict.fromkeys(queues)), tuple(dict.fromkeys(hands))))


def _people_to_ask(ticket: Ticket, context: Context) -> Sentence:
    """The people who can act on the request or hand it over: its assignee and the seniors, or else the members of its queue."""
    holder = context.staff_member(ticket.assignee)
    seniors = [member.name for member in context.known.staff if member.role in SENIORS]
    if holder is not None:
        return sentence("{name}, who has it, or a senior" if seniors else "{name}, who has it", name=holder.name)
    if seniors:
        return sentence("a senior ({names})", names=", ".join(seniors[:MOST_NAMED]))
    return sentence("{names}", names=tuple(_members(ticket, context))[:MOST_NAMED])


def _members(ticket: Ticket, context: Context) -> Iterator[str]:
    return (member.name for member in context.known.staff if _is_permitted(member, ticket, context.policy))
