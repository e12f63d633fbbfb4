"""Orders the queue of mails fairly: a flood of one sender waits behind the mails of all other senders.

The turn of a mail is the time of its arrival, or one second after the last waiting mail of the same sender (a virtual clock). Turns only
order the queue; they delay no mail when nothing else waits. A mail yields only to mails that arrive before its turn, so none waits for ever.

Mails of known senders have a turn ten minutes before their arrival. So a flood under ten thousand sender addresses delays only strangers.
"""

import json
import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Text,
    any_,
    bindparam,
    column,
    func,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from helpdesk.store.schema import PENDING, account_domain, contact, inbound, staff, storable
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
    writers = [storable(sender) for sender in senders]
    claimed = [canonical(address) for address in addresses]
    last, known = _look_up(connection, set(writers), {address for address in claimed if address})
    found = []
    for sender, address in zip(writers, claimed, strict=True):
        begins = now - HEAD_START if address in known and sender != ARCHIVE else now
        last[sender] = max(begins, last[sender] + A_TURN) if sender in last else begins
        found.append(last[sender])
    return found


def _look_up(
    connection: Connection, senders: Collection[str], addresses: Collection[str]
) -> tuple[dict[str, datetime], set[str]]:
    """Return the last turn of each sender who has waiting mail, and the addresses that the desk knows.

    An address is known if it belongs to a contact, to a staff member or to the domain of an account.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    names = {"senders": senders, "addresses": addresses, "domains": {domain_of(address) for address in addresses}}
    values = {name: json.dumps(sorted(listed)) if is_sqlite else sorted(listed) for name, listed in names.items()}
    last: dict[str, datetime] = {}
    known: set[str] = set()
    for turn, sender, name in connection.execute(LOOK_UP_SQLITE if is_sqlite else LOOK_UP_POSTGRESQL, values):
        if turn is not None:
            last[sender] = turn
        elif name is not None:
            known.add(name)
    return last, {address for address in addresses if address in known or domain_of(address) in known}


def _statement(
    listed: Callable[[str], FromClause], is_listed: Callable[[ColumnElement[str], str], ColumnElement[bool]]
) -> Executable:
    """Build the one look-up that a batch of mails needs. Its text does not depend on the number of mails, so that it is compiled
    and planned once.

    The last turn is asked for sender by sender, because a database finds a maximum in an index, but counts through all mails of a
    flood to group them. `listed` and `is_listed` are how a database takes a list as one value.
    """
    senders = listed("senders")
    last = select(func.max(inbound.c.turn_at)).where(PENDING, inbound.c.sender == senders.c.value).scalar_subquery()
    named = ((contact.c.address, "addresses"), (staff.c.address, "addresses"), (account_domain.c.domain, "domains"))
    return union_all(
        select(last, senders.c.value, null()),
        *(select(null(), null(), column).where(is_listed(column, name)) for column, name in named),
    )


def _json_list(name: str) -> FromClause:
    return func.json_each(bindparam(name, type_=Text)).table_valued(column("value", Text))


def _array(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(Text))


LOOK_UP_SQLITE = _statement(_json_list, lambda column, name: column.in_(select(_json_list(name).c.value)))
LOOK_UP_POSTGRESQL = _statement(
    lambda name: func.unnest(_array(name)).table_valued(column("value", Text)).render_derived(),
    lambda column, name: column == any_(_array(name)),
)
