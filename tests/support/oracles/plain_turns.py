"""The turns of new mails, worked out one mail at a time with one question for each thing that must be known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from helpdesk.store.schema import account_domain, contact, inbound, staff
from helpdesk.store.turns import A_TURN, ARCHIVE, HEAD_START
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.trust.addresses import canonical, domain_of


def plain_turns(connection: Connection, senders: Sequence[str], addresses: Sequence[str], now: datetime) -> list[datetime]:
    found: list[datetime] = []
    for number, (sender, address) in enumerate(zip(senders, addresses, strict=True)):
        waiting = select(inbound.c.turn_at).where(inbound.c.state == Disposition.PENDING, inbound.c.sender == sender)
        turns = [*connection.execute(waiting).scalars(), *(found[at] for at in range(number) if senders[at] == sender)]
        begins = now - HEAD_START if sender != ARCHIVE and _is_known(connection, canonical(address)) else now
        found.append(max([begins, *(turn + A_TURN for turn in turns)]))
    return found


def _is_known(connection: Connection, address: str) -> bool:
    if not address:
        return False
    people = (select(table.c.address).where(table.c.address == address) for table in (contact, staff))
    domain = select(account_domain.c.domain).where(account_domain.c.domain == domain_of(address))
    return any(connection.execute(statement).first() for statement in (*people, domain))
