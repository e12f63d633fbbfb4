"""Orders the queue of mails fairly: a flood of one sender waits behind the mails of all other senders.

The turn of a mail is the time of its arrival, or one second after the last waiting mail of the same sender (a virtual clock). Turns only
order the queue; they delay no mail when nothing else waits. A mail yields only to mails that arrive before its turn, so none waits for ever.

Mails of known senders have a turn ten minutes before their arrival. So a flood under ten thousand sender addresses delays only strangers.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from helpdesk.store.schema import PENDING, account_domain, contact, inbound, staff
from helpdesk.store.tickets import portions
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.trust.addresses import canonical, domain_of, rate_key

A_TURN = timedelta(seconds=1)
HEAD_START = timedelta(minutes=10)  # of senders whom the desk knows
ARCHIVE = "archive"  # the door of imported mail, and the sender of all of it, so that new mail goes first
SEARCHED = 20_000  # octets at the beginning of a mail in which From is searched
LONGEST = 320  # characters of a sender
AUTHOR = re.compile(rb"^from:[^\r\n@]{0,500}?([^\s<>\",:;@]{1,64}@[^\s<>\",:;@]{1,255})", re.IGNORECASE | re.MULTILINE)


def sender_of(raw: RawMessage) -> str:
    """Return the sender of a mail for the order of the queue: its reverse-path, else an address in From, else the peer's host.

    The sender is not authenticated and is used for nothing else.
    """
    if raw.door == ARCHIVE:
        return ARCHIVE
    if raw.envelope is not None and raw.envelope.reverse_path:
        return rate_key(raw.envelope.reverse_path)[:LONGEST]
    found = AUTHOR.search(raw.content[:SEARCHED])
    return rate_key(found[1].decode("utf-8", "replace"))[:LONGEST] if found else raw.peer


def turns(connection: Connection, senders: Sequence[str], addresses: Sequence[str], now: datetime) -> list[datetime]:
    """Return the turns of new mails in the order of `senders`. `addresses` are the unchecked addresses of the same senders."""
    claimed = [canonical(address) for address in addresses]
    known = _known_addresses(connection, {address for address in claimed if address})
    waiting = (
        select(inbound.c.sender, func.max(inbound.c.turn_at))
        .where(PENDING, inbound.c.sender.in_(sorted(set(senders))))
        .group_by(inbound.c.sender)
    )
    last: dict[str, datetime] = dict(connection.execute(waiting).all())
    found = []
    for sender, address in zip(senders, claimed, strict=True):
        begins = now - HEAD_START if address in known and sender != ARCHIVE else now
        last[sender] = max(begins, last[sender] + A_TURN) if sender in last else begins
        found.append(last[sender])
    return found


def _known_addresses(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Return those of the addresses that belong to contacts, to staff or to the domains of accounts."""
    found: set[str] = set()
    for part in portions(addresses):
        for column in (contact.c.address, staff.c.address):
            found.update(connection.execute(select(column).where(column.in_(part))).scalars())
    domains = {domain_of(address) for address in addresses if address not in found}
    of_accounts: set[str] = set()
    for part in portions(domains):
        column = account_domain.c.domain
        of_accounts.update(connection.execute(select(column).where(column.in_(part))).scalars())
    return found | {address for address in addresses if domain_of(address) in of_accounts}
