"""Whose mail is worked on next: one sender's flood waits behind everybody else's mail.

Each mail has its turn when it comes, or a second after its sender's last one that still waits (a virtual clock). The turns order the
queue and delay nothing. A mail yields only to those that came before its turn, so none waits for ever.

Whoever the desk knows has the turn of one who came somewhat earlier: a flood under ten thousand names holds up strangers alone, and them only
as long as that head start is.
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
HEAD_START = timedelta(minutes=10)  # of whoever the desk knows
ARCHIVE = "archive"  # the door of imported mail; also the one sender of all of it, so that mail that comes today goes before
SEARCHED = 20_000  # octets of a header
LONGEST = 320
AUTHOR = re.compile(rb"^from:[^\r\n@]{0,500}?([^\s<>\",:;@]{1,64}@[^\s<>\",:;@]{1,255})", re.IGNORECASE | re.MULTILINE)


def sender_of(raw: RawMessage) -> str:
    """Who is to be counted for a mail: its reverse-path, else its author as far as a glance can tell, else the host it came from.

    Nobody's identity: it orders the queue alone.
    """
    if raw.door == ARCHIVE:
        return ARCHIVE
    if raw.envelope is not None and raw.envelope.reverse_path:
        return rate_key(raw.envelope.reverse_path)[:LONGEST]
    found = AUTHOR.search(raw.content[:SEARCHED])
    return rate_key(found[1].decode("utf-8", "replace"))[:LONGEST] if found else raw.peer


def turns(connection: Connection, senders: Sequence[str], addresses: Sequence[str], now: datetime) -> list[datetime]:
    """The turns of new mails, in the order of their senders; `addresses` are those that the senders claim, as they wrote them."""
    claimed = [canonical(address) for address in addresses]
    known = _known(connection, {address for address in claimed if address})
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


def _known(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Those of contacts, of staff, and of the domains of accounts."""
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
