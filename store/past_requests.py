"""Looks up the newest requests of people and of their accounts, with how each ended."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, TextualSelect, bindparam, text

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import Texts
from helpdesk.store.schema import CleanJson, Instant
from helpdesk.threading.matching.known import PastRequest
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Lineage, TicketPast

MOST = 12  # newest requests of one person, and of one account
COLUMNS = (
    "id", "version", "reference", "subject", "status", "created_at", "updated_at", "rating", "account",
    "queue", "assignee", "opened_by", "incident", "past_queues", "past_hands",
)  # fmt: skip
# Each of the two lists is read backwards from its index, and no further than it is long. SQLite knows no LATERAL, and PostgreSQL would
# read all tickets for the form of SQLite.
OF_PERSON = (
    "SELECT ticket_id FROM participant AS own WHERE own.address = wanted.value AND own.role = :customer AND own.state = :active "
    "ORDER BY own.ticket_id DESC LIMIT :most"
)
OF_ACCOUNT = "SELECT id AS ticket_id FROM ticket AS own WHERE own.account = wanted.value ORDER BY own.id DESC LIMIT :most"
FROM = {
    "sqlite": "json_each(:{keys}) AS wanted CROSS JOIN ticket AS t ON t.id IN ({inner})",
    "postgresql": "unnest(:{keys}) AS wanted(value) CROSS JOIN LATERAL ({inner}) AS near JOIN ticket AS t ON t.id = near.ticket_id",
}
ENDED = (
    "(SELECT kind FROM event WHERE event.ticket_id = t.id AND event.to_status IN ('resolved', 'closed') "
    "ORDER BY event.number DESC LIMIT 1)"
)
REQUESTER = "(SELECT {column} FROM participant AS asks WHERE asks.ticket_id = t.id AND asks.number = t.requester)"
WORDS = "(SELECT words FROM ticket_words WHERE ticket_words.ticket_id = t.id)"


def past_requests(connection: Connection, contacts: Collection[Contact]) -> dict[str, tuple[PastRequest, ...]]:
    """Return by address the newest requests of each person and of their account, newest first, without those that were merged."""
    accounts = {contact.account for contact in contacts if contact.account}
    values = {"people": sorted({contact.address for contact in contacts}), "accounts": sorted(accounts), "most": MOST}
    shared = {"customer": Role.CUSTOMER, "active": ParticipantState.ACTIVE}
    of_person: dict[str, dict[int, PastRequest]] = defaultdict(dict)
    of_account: dict[str, dict[int, PastRequest]] = defaultdict(dict)
    for row in connection.execute(STATEMENTS[connection.dialect.name], values | shared) if contacts else ():
        (of_person if row.own else of_account)[row.key][row.id] = _past_request(row)
    return {contact.address: _of_contact(contact, of_person, of_account) for contact in contacts}


def _of_contact(
    contact: Contact, of_person: Mapping[str, Mapping[int, PastRequest]], of_account: Mapping[str, Mapping[int, PastRequest]]
) -> tuple[PastRequest, ...]:
    found = {**of_account.get(contact.account or "", {}), **of_person.get(contact.address, {})}
    return tuple(found[number] for number in sorted(found, reverse=True))


def _past_request(row: AnyRow) -> PastRequest:
    return PastRequest(
        id=row.id,
        version=row.version,
        reference=row.reference,
        subject=row.subject,
        status=Status(row.status),
        created_at=row.created_at,
        changed_at=row.updated_at,
        ended=row.ended or "",
        rating=row.rating or "",
        customer=row.customer or "",
        name=row.name or "",
        words=tuple(row.words or ()),
        queue=row.queue,
        assignee=row.assignee,
        lineage=Lineage(row.opened_by, None, row.incident),
        past=TicketPast(tuple(row.past_queues), tuple(row.past_hands)),
    )


def _statement(dialect: str) -> TextualSelect:
    columns = ", ".join(f"t.{name}" for name in COLUMNS)
    more = f"{ENDED} AS ended, {WORDS} AS words"
    people = f"{REQUESTER.format(column='address')} AS customer, {REQUESTER.format(column='name')} AS name"
    parts = (("people", OF_PERSON, 1), ("accounts", OF_ACCOUNT, 0))
    selects = (
        f"SELECT wanted.value AS key, {own} AS own, {columns}, {more}, {people} "
        f"FROM {FROM[dialect].format(keys=keys, inner=inner)} WHERE t.merged_into IS NULL"
        for keys, inner, own in parts
    )
    kinds: dict[str, Any] = {"created_at": Instant, "updated_at": Instant}
    kinds |= dict.fromkeys(("past_queues", "past_hands", "words"), CleanJson)
    keys = (bindparam(name, type_=Texts()) for name in ("people", "accounts"))
    return text(" UNION ALL ".join(selects)).bindparams(*keys).columns(**kinds)


STATEMENTS = {dialect: _statement(dialect) for dialect in FROM}
