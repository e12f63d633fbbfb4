"""Converts rows to tickets and tickets to rows. Nothing here reads internal notes; `store.history` does."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from sqlalchemy import Connection, func, select

from helpdesk.store.asides import asides_as_json, consultations_from_json, permissions_from_json, scheduled_from_json
from helpdesk.store.clocks import clocks_as_json, clocks_from_json
from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import message, participant, ticket
from helpdesk.threading.matching.known import MOST_MERGES
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import NO_LABELS, Lineage, Rating, Ticket, TicketLabels, TicketPast, Waiting

Value = TypeVar("Value")
COLUMNS_OF_TICKET = tuple(
    {column.name for column in ticket.c} & {field.name for field in fields(Ticket)}
)  # columns whose name and value are those of a field of Ticket
BY_ID = select(ticket).where(among(ticket.c.id))
PARTICIPANTS = select(participant).where(among(participant.c.ticket_id)).order_by(participant.c.ticket_id, participant.c.number)
MESSAGES = select(message.c.ticket_id, func.count()).where(among(message.c.ticket_id)).group_by(message.c.ticket_id)
AT_ONCE = 5000  # values in one IN list. A statement of SQLite may have 32766 variables, one of PostgreSQL 65535


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """A ticket and the number of its public messages."""

    ticket: Ticket
    messages: int


def tickets_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Ticket]:
    """Return tickets with their participants, by id."""
    rows = rows_among(connection, BY_ID, ids)
    people = participants_of(connection, [row.id for row in rows])
    return {row.id: _ticket(row, tuple(people[row.id])) for row in rows}


def with_survivors(connection: Connection, ids: Collection[int]) -> dict[int, Ticket]:
    """Return tickets and those into which they were merged, through at most `MOST_MERGES` merges."""
    found: dict[int, Ticket] = {}
    for _ in range(MOST_MERGES):
        if not ids:
            break
        found |= tickets_by_id(connection, ids)
        survivors = {merged.lineage.merged_into for merged in found.values()}
        ids = {number for number in survivors if number is not None and number not in found}
    return found


def participants_of(connection: Connection, ids: Collection[int]) -> dict[int, list[Participant]]:
    """Return the participants of each ticket, in the order of their numbers."""
    found: dict[int, list[Participant]] = defaultdict(list)
    for ticket_id, number, role, address, name, state in rows_among(connection, PARTICIPANTS, ids):
        found[ticket_id].append(Participant(number, Role(role), address, name, ParticipantState(state)))
    return found


def find_ticket(connection: Connection, reference: str) -> Ticket | None:
    """Return a ticket by its public reference, in upper or lower case; None if there is no such ticket."""
    found = connection.execute(select(ticket.c.id).where(ticket.c.reference == reference.strip().upper())).scalar()
    return None if found is None else tickets_by_id(connection, [found])[found]


def list_tickets(
    connection: Connection, status: Status | None = None, assignee: str | None = None, limit: int = 100
) -> list[ListedTicket]:
    """Return the newest tickets, newest first; with `status` or `assignee` only those."""
    statement = select(ticket.c.id).order_by(ticket.c.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(ticket.c.status == status)
    if assignee is not None:
        statement = statement.where(ticket.c.assignee == assignee)
    ids = list(connection.execute(statement).scalars())
    tickets, counts = tickets_by_id(connection, ids), message_counts(connection, ids)
    return [ListedTicket(tickets[number], counts.get(number, 0)) for number in ids]


def message_counts(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """Return the number of public messages of each ticket, without tickets that have none."""
    return dict(map(tuple, rows_among(connection, MESSAGES, ids)))


def portions(values: Collection[Value]) -> Iterator[Sequence[Value]]:
    """Split distinct values into groups of at most `AT_ONCE`, each for one statement. No values make no group."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), AT_ONCE):
        yield distinct[start : start + AT_ONCE]


def _ticket(row: AnyRow, participants: tuple[Participant, ...]) -> Ticket:
    return Ticket(
        id=row.id,
        reference=row.reference,
        version=row.version,
        status=Status(row.status),
        waiting_on=WaitingOn(row.waiting_on),
        escalation_level=row.escalation_level,
        subject=row.subject,
        requester=row.requester,
        account=row.account,
        plan=row.plan,
        category=row.category,
        severity=row.severity,
        priority=row.priority,
        queue=row.queue,
        assignee=row.assignee,
        support_address=row.support_address,
        thread_key=row.thread_key,
        language=row.language,
        assurance=Assurance(row.assurance),
        automatic_letters=row.automatic_letters,
        resolutions=row.resolutions,
        created_at=row.created_at,
        updated_at=row.updated_at,
        event_count=row.event_count,
        files=row.files,
        changed_version=row.changed_version,
        first_response_at=row.first_response_at,
        participants=participants,
        closed_at=row.closed_at,
        their_reference=row.their_reference,
        next_language=row.next_language,
        clocks=clocks_from_json(row.clocks),
        rating=Rating(row.rating, row.rated_at) if row.rating is not None else None,
        waiting=Waiting(row.reminders, row.away_until, row.snoozed_until, row.answered_at),
        lineage=Lineage(row.opened_by, row.merged_into, row.incident),
        permissions=permissions_from_json(row.permissions),
        consultations=consultations_from_json(row.consultations),
        scheduled=scheduled_from_json(row.scheduled),
        watchers=tuple(row.watchers),
        labels=TicketLabels(tuple(row.tags), row.fields) if row.tags or row.fields else NO_LABELS,
        past=TicketPast(_with(row.past_queues, row.queue), _with(row.past_hands, row.assignee)),
    )


def ticket_row(ticket: Ticket) -> dict[str, object]:
    """Return the row of a ticket by column names. Participants have a table of their own."""
    flat = {name: getattr(ticket, name) for name in COLUMNS_OF_TICKET}
    rating = ticket.rating
    return flat | {
        "clocks": clocks_as_json(ticket.clocks),
        "permissions": asides_as_json(ticket.permissions),
        "consultations": asides_as_json(ticket.consultations),
        "scheduled": asides_as_json(ticket.scheduled),
        "rating": rating.word if rating else None,
        "rated_at": rating.at if rating else None,
        "reminders": ticket.waiting.reminders,
        "away_until": ticket.waiting.away_until,
        "snoozed_until": ticket.waiting.snoozed_until,
        "answered_at": ticket.waiting.answered_at,
        "opened_by": ticket.lineage.opened_by,
        "merged_into": ticket.lineage.merged_into,
        "incident": ticket.lineage.incident,
        "tags": list(ticket.labels.tags),
        "fields": dict(ticket.labels.fields),
        "past_queues": ticket.past.queues,
        "past_hands": ticket.past.hands,
    }


def _with(past: Collection[str], present: str | None) -> tuple[str, ...]:
    """Return former values and the present one, so that the present one is still known after it changes."""
    return tuple(dict.fromkeys((*past, *((present,) if present else ()))))
