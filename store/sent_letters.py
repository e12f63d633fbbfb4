"""Looks up letters that a delivery report may be about, with what is needed if a letter was not delivered."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account, contact, message, outbox, ticket
from helpdesk.threading.matching.known import SentLetter
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.letter_state import NEVER_ARRIVED, LetterState
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.people import Contact

MOST_CONTACTS = 2000  # contacts among whom other addresses of the same person are searched


def sent_letters(connection: Connection, ids: Collection[int]) -> dict[int, SentLetter]:
    """Return letters by their id. The words of a letter are the message of staff that caused it."""
    rows = rows_among(connection, BY_ID, ids)
    accounts = {row.account for row in rows if row.account is not None and row.audience == "customer"}
    people = _people(connection, accounts)
    return {row.id: _sent_letter(row, people) for row in rows}


def _select_letters() -> Select[Any]:
    other = outbox.alias("other")
    reached = (
        select(func.count())
        .where(
            other.c.cause == outbox.c.cause,
            other.c.notice == outbox.c.notice,
            other.c.ticket_id == outbox.c.ticket_id,
            other.c.audience == outbox.c.audience,
            other.c.id != outbox.c.id,
            other.c.state.not_in(NEVER_ARRIVED),
        )
        .scalar_subquery()
    )
    words = and_(
        message.c.ticket_id == outbox.c.ticket_id,
        message.c.cause == outbox.c.cause,
        message.c.direction == Direction.SUPPORT,
        outbox.c.audience == "customer",
        outbox.c.automatic.is_(False),
    )
    names = (
        "id",
        "ticket_id",
        "participant",
        "recipient",
        "notice",
        "audience",
        "message_id",
        "created_at",
        "state",
        "automatic",
    )
    columns = [*(outbox.c[name] for name in names), outbox.c.last_reply]
    own = [message.c.author, message.c.text, message.c.attachments, ticket.c.account, reached.label("reached")]
    return select(*columns, *own).outerjoin_from(outbox, message, words).outerjoin(ticket, ticket.c.id == outbox.c.ticket_id)


def _people(connection: Connection, accounts: Collection[str]) -> Mapping[str, list[Contact]]:
    """Return the contacts that have a name, by their account."""
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in rows_among(connection, NAMED, accounts):
        found[row.account_id].append(Contact(row.address, row.name, row.account_id, row.plan))
    return found


def _sent_letter(row: AnyRow, people: Mapping[str, list[Contact]]) -> SentLetter:
    return SentLetter(
        id=row.id,
        ticket_id=row.ticket_id,
        participant=row.participant,
        recipient=row.recipient,
        notice=row.notice,
        for_staff=row.audience == "staff",
        message_id=row.message_id,
        at=row.created_at,
        state=LetterState(row.state),
        automatic=row.automatic,
        author=row.author or "",
        words=row.text or "",
        attachments=tuple(_attachment(entry) for entry in row.attachments or ()),
        reached=row.reached,
        namesakes=_namesakes(row.recipient, people.get(row.account or "", [])),
        last_reply=row.last_reply or "",
    )


def _namesakes(address: str, people: Collection[Contact]) -> tuple[Contact, ...]:
    """Return the contacts with the same name as the contact at `address`, but another address. A contact without a name has none."""
    name = next((_fold_name(person.name) for person in people if person.address == address), "")
    return tuple(person for person in people if name and person.address != address and _fold_name(person.name) == name)


def _fold_name(name: str) -> str:
    return " ".join(name.casefold().split())


def _attachment(entry: Mapping[str, Any]) -> Attachment:
    names = ("filename", "content_type", "size", "sha256", "content_id", "inline")
    return Attachment(**{name: entry[name] for name in names})


BY_ID = _select_letters().where(among(outbox.c.id))
NAMED = (
    select(contact.c.address, contact.c.name, contact.c.account_id, account.c.plan)
    .join_from(contact, account, contact.c.account_id == account.c.id)
    .where(among(contact.c.account_id), contact.c.name != "", contact.c.active, account.c.active)
    .order_by(contact.c.address)
    .limit(MOST_CONTACTS)
)
