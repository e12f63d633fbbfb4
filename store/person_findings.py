"""Looks for people by their addresses: which requests are theirs, what is under way for them, and what forbids an erasure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.lists import among, rows_among
from helpdesk.store.own_rows import Own, own_of_tickets
from helpdesk.store.schema import (
    PENDING,
    UNSENT,
    WAITING,
    contact,
    inbound,
    mailbox_mail,
    outbox,
    participant,
    platform_reply,
    staff,
    ticket,
)
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.trust.addresses import canonical, rate_key


@dataclass(frozen=True, slots=True)
class Findings:
    """What the desk has about people, before anything is done. `open_requests`, `undecided` and `sending` forbid an erasure for now."""

    names: tuple[str, ...]
    own: Own
    references: tuple[str, ...]
    open_requests: tuple[str, ...]
    undecided: int
    sending: int
    held: tuple[str, ...]
    of_staff: frozenset[str]  # those of the addresses that are or were of the team
    active_staff: tuple[str, ...]
    listed_in: tuple[str, ...]  # sources of the directory that name them
    in_mailboxes: dict[str, int]


def find(connection: Connection, addresses: Sequence[str], hold: LegalHold) -> Findings:
    """Look for people by canonical addresses."""
    values = list(addresses)
    taking_part = rows_among(
        connection,
        select(participant).where(among(participant.c.address), participant.c.role == Role.CUSTOMER),
        values,
    )
    contacts = rows_among(connection, select(contact).where(among(contact.c.address)), values)
    colleagues = rows_among(connection, select(staff).where(among(staff.c.address)), values)
    tickets = {row.ticket_id for row in taking_part}
    own = own_of_tickets(connection, tickets, frozenset(values))
    rows = rows_among(connection, select(ticket).where(among(ticket.c.id)), tickets)
    own.threads = {row.thread_key for row in rows if row.id in own.tickets}
    tickets_held = hold.of_tickets(connection, tickets)
    held = {row.reference for row in rows if row.id in tickets_held}
    held |= {address for address in values if hold.holds_any((address,))}
    names = {row.name.strip() for row in (*taking_part, *contacts, *colleagues) if row.name.strip()}
    mails = [row.id for row in rows_among(connection, select(inbound.c.id).where(among(inbound.c.ticket_id)), own.tickets)]
    kept = rows_among(
        connection, select(mailbox_mail.c.mailbox, mailbox_mail.c.inbound_id).where(among(mailbox_mail.c.inbound_id)), mails
    )
    in_mailboxes: dict[str, int] = {}
    for row in kept:
        in_mailboxes[row.mailbox] = in_mailboxes.get(row.mailbox, 0) + 1
    return Findings(
        names=tuple(sorted(names - set(values))),
        own=own,
        references=tuple(sorted(row.reference for row in rows)),
        open_requests=tuple(sorted(row.reference for row in rows if row.id in own.tickets and row.status != Status.CLOSED)),
        undecided=_count_undecided(connection, values, tickets),
        sending=_count_sending(connection, values, own.tickets),
        held=tuple(sorted(held)),
        of_staff=frozenset(row.address for row in colleagues),
        active_staff=tuple(row.address for row in colleagues if row.active),
        listed_in=tuple(sorted({row.source for row in contacts if row.active})),
        in_mailboxes=in_mailboxes,
    )


def _count_undecided(connection: Connection, addresses: Collection[str], tickets: Collection[int]) -> int:
    keys = {rate_key(address) for address in addresses}
    mails = connection.execute(select(inbound.c.sender, inbound.c.turn_ticket).where(PENDING)).all()
    replies = connection.execute(select(platform_reply.c.contact_address).where(WAITING)).scalars().all()
    return sum(row.sender in keys or row.turn_ticket in tickets for row in mails) + sum(
        canonical(address) in addresses for address in replies
    )


def _count_sending(connection: Connection, addresses: Collection[str], tickets: Collection[int]) -> int:
    statement = select(outbox.c.recipient, outbox.c.ticket_id).where(UNSENT, outbox.c.state == LetterState.SENDING)
    return sum(row.recipient in addresses or row.ticket_id in tickets for row in connection.execute(statement))
