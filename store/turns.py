"""Whose mail is worked on next: one sender's flood waits behind everybody else's mail.

Each mail has its turn when it comes, or a second after its sender's last one that still waits (a virtual clock). The turns order the
queue and delay nothing. A mail yields only to those that came before its turn, so none waits for ever.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from helpdesk.store.schema import PENDING, inbound
from helpdesk.threading.model import RawMessage
from helpdesk.threading.trust.addresses import rate_key

A_TURN = timedelta(seconds=1)
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


def turns(connection: Connection, senders: Sequence[str], now: datetime) -> list[datetime]:
    """The turns of new mails, in the order of their senders."""
    waiting = (
        select(inbound.c.sender, func.max(inbound.c.turn_at))
        .where(PENDING, inbound.c.sender.in_(sorted(set(senders))))
        .group_by(inbound.c.sender)
    )
    last: dict[str, datetime] = dict(connection.execute(waiting).all())
    found = []
    for sender in senders:
        last[sender] = max(now, last[sender] + A_TURN) if sender in last else now
        found.append(last[sender])
    return found
