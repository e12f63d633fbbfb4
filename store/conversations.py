"""Reads the recent past of tickets: messages, letters with their recipients, timers, and automatic answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, null, or_, select

from helpdesk.store.database import AnyRow
from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import Merges
from helpdesk.store.schema import event, message, outbox, platform_inbox, ticket, timer
from helpdesk.threading.matching.known import MOST_RECALLED, Conversation, HandedOver, ShownRow
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.letter_state import NEVER_ARRIVED, LetterState
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.parsed import Kind

# For each person, the first Message-ID of their thread is read and this many of the newest. References of a letter has room for fewer.
THREAD_IDS = 50
LAST_ROBOTS = 3  # automatic answers of a ticket that are read, the newest
BEFORE_CLOSING = (Notice.INFORMATION_REQUEST, Notice.REMINDER, Notice.ANSWER, Notice.RESOLUTION)
LAST_EVENTS = 50  # newest events of a ticket among which automatic answers are searched
ROBOTS = (Kind.AUTOMATIC, Kind.OUT_OF_OFFICE, Kind.CHALLENGE)
ANSWER_LENGTH = 300  # characters of an automatic answer that are read


def conversations_of(connection: Connection, tickets: Mapping[int, Ticket], merges: Merges) -> dict[int, Conversation]:
    """Return the recent past of each ticket: public messages, Message-IDs for References, timers, automatic answers."""
    places = merges.places(tickets)
    messages, letters = _recent_messages(connection, places), _recent_letters(connection, tickets)
    of_merged = _of_merged(messages, places, merges)
    timers, robots = _timers(connection, tickets), _robots(connection, tickets)
    return {
        number: Conversation(
            last_messages=tuple(_past_message(row) for row in messages[number][-MOST_RECALLED:]),
            of_merged=tuple(sorted(of_merged[number], key=lambda message: (message.at, message.id))[-MOST_RECALLED:]),
            threads=_threads(past_ticket, messages[number], letters[number]),
            timers=timers[number],
            merged=number in merges.survivors,
            robots=tuple(answer for answer in robots[number] if not messages[number] or answer.at > messages[number][-1].at),
        )
        for number, past_ticket in tickets.items()
    }


def _past_message(row: AnyRow, origin: str = "") -> PastMessage:
    return PastMessage(
        row.author,
        Direction(row.direction),
        row.text,
        row.at,
        row.id,
        row.message_id,
        row.version,
        Assurance(row.assurance),
        tuple(row.attachments),
        row.subject,
        origin,
        tuple(row.shapes or ()),
    )


def _of_merged(
    messages: Mapping[int, Sequence[AnyRow]], places: Mapping[int, Collection[int]], merges: Merges
) -> dict[int, list[PastMessage]]:
    """Return for each ticket the last messages of the tickets that were merged into it."""
    found: dict[int, list[PastMessage]] = defaultdict(list)
    for gone in merges.references:
        for number in places.get(gone, ()):
            if number != gone:
                found[number] += (_past_message(row, merges.references[gone]) for row in messages[gone][-MOST_RECALLED:])
    return found


def with_handed_over(connection: Connection, conversations: Mapping[int, Conversation]) -> dict[int, Conversation]:
    """Add to each conversation the letters after which a ticket waits for the customer or is resolved (`BEFORE_CLOSING`)."""
    found: dict[int, list[HandedOver]] = defaultdict(list)
    for row in rows_among(connection, HANDED_OVER, conversations):
        found[row.ticket_id].append(HandedOver(row.notice, LetterState(row.state), row.created_at, row.participant))
    return {number: replace(conversation, handed_over=tuple(found[number])) for number, conversation in conversations.items()}


def shown_rows(connection: Connection, tickets: Mapping[int, Ticket]) -> dict[int, tuple[ShownRow, ...]]:
    """Return for each ticket the rows of the platform inbox that show it, oldest first."""
    keys = {shown_ticket.thread_key: number for number, shown_ticket in tickets.items()}
    found: dict[int, list[ShownRow]] = defaultdict(list)
    for row in rows_among(connection, SHOWN, keys):
        found[keys[row.thread_key]].append(
            ShownRow(
                row.id,
                row.account_id,
                row.contact_address,
                row.direction,
                row.words_id,
                row.letter_id,
                row.read_at is not None,
                row.proved,
            )
        )
    return {number: tuple(rows) for number, rows in found.items()}


def _recent_messages(connection: Connection, ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """Return the first and the newest messages of each ticket, oldest first.

    Only the last `MOST_RECALLED` have their text. The query does not read the other texts of a long conversation.
    """
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows_among(connection, MESSAGES, ids):
        found[row.ticket_id].append(row)
    return found


def _recent_letters(connection: Connection, ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """Return the first and the newest letters to each participant of each ticket, oldest first, without those that never arrived."""
    found: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows_among(connection, LETTERS, ids):
        found[row.ticket_id].append(row)
    return found


def _threads(past_ticket: Ticket, messages: Iterable[AnyRow], letters: Iterable[AnyRow]) -> dict[int, tuple[str, ...]]:
    """For each participant, the Message-IDs that they wrote or received, oldest first. At equal times, what they wrote comes first."""
    numbers = {person.address: person.number for person in past_ticket.participants if person.address}
    entries: dict[int, list[tuple[datetime, int, str]]] = defaultdict(list)
    for row in messages:
        if row.message_id and row.author in numbers:
            entries[numbers[row.author]].append((row.at, 0, row.message_id))
    for row in letters:
        entries[row.participant].append((row.created_at, 1, row.message_id))
    return {number: tuple(entry[2] for entry in sorted(own, key=_by_time)) for number, own in entries.items()}


def _by_time(entry: tuple[datetime, int, str]) -> tuple[datetime, int]:
    return entry[:2]


def _timers(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return for each ticket the highest occurrence of each kind of timer."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for number, kind, occurrence in rows_among(connection, TIMERS, ids):
        found[number][kind] = occurrence
    return found


def _robots(connection: Connection, ids: Collection[int]) -> dict[int, list[PastMessage]]:
    """Return the newest automatic answers on each ticket, oldest first."""
    found: dict[int, list[PastMessage]] = defaultdict(list)
    for row in rows_among(connection, ANSWERS_OF_ROBOTS, ids):
        found[row.ticket_id].append(PastMessage(row.actor, Direction.CUSTOMER, row.detail[:ANSWER_LENGTH], row.at))
    return found


def _select_messages() -> Select[Any]:
    newest = func.row_number().over(partition_by=message.c.ticket_id, order_by=message.c.id.desc()).label("newest")
    oldest = func.row_number().over(partition_by=message.c.ticket_id, order_by=message.c.id).label("oldest")
    names = ("id", "ticket_id", "author", "direction", "message_id", "at", "version", "assurance", "attachments", "subject")
    ranked = select(message.c.id, newest, oldest).where(among(message.c.ticket_id)).subquery()
    recalled = ranked.c.newest <= MOST_RECALLED
    text = case((recalled, message.c.text), else_="").label("text")
    shapes = case((recalled, message.c.shapes), else_=null()).label("shapes")
    return (
        select(*(message.c[name] for name in names), text, shapes)
        .join_from(ranked, message, message.c.id == ranked.c.id)
        .where(or_(ranked.c.newest <= THREAD_IDS, ranked.c.oldest == 1))
        .order_by(message.c.id)
    )


def _select_letters() -> Select[Any]:
    person = (outbox.c.ticket_id, outbox.c.participant)
    newest = func.row_number().over(partition_by=person, order_by=outbox.c.id.desc()).label("newest")
    oldest = func.row_number().over(partition_by=person, order_by=outbox.c.id).label("oldest")
    columns = (outbox.c.id, outbox.c.ticket_id, outbox.c.participant, outbox.c.message_id, outbox.c.created_at)
    arrived = select(*columns, newest, oldest).where(among(outbox.c.ticket_id), outbox.c.state.not_in(NEVER_ARRIVED))
    ranked = arrived.subquery()
    within = or_(ranked.c.newest <= THREAD_IDS, ranked.c.oldest == 1)
    return select(*(ranked.c[column.name] for column in columns)).where(within).order_by(ranked.c.id)


def _select_robots() -> Select[Any]:
    newest = func.row_number().over(partition_by=event.c.ticket_id, order_by=event.c.number.desc()).label("newest")
    said = select(event.c.ticket_id, event.c.number, event.c.actor, event.c.at, event.c.detail, newest)
    recent = event.c.number > ticket.c.event_count - LAST_EVENTS
    said = said.join_from(ticket, event, ticket.c.id == event.c.ticket_id)
    ranked = said.where(among(ticket.c.id), recent, event.c.kind.in_(ROBOTS)).subquery()
    return select(ranked).where(ranked.c.newest <= LAST_ROBOTS).order_by(ranked.c.number)


MESSAGES, LETTERS, ANSWERS_OF_ROBOTS = _select_messages(), _select_letters(), _select_robots()
TIMERS = (
    select(timer.c.ticket_id, timer.c.kind, func.max(timer.c.occurrence))
    .where(among(timer.c.ticket_id))
    .group_by(timer.c.ticket_id, timer.c.kind)
)
TO_CUSTOMERS = (outbox.c.audience == Role.CUSTOMER, outbox.c.notice.in_(BEFORE_CLOSING))
HANDED_OVER = select(outbox.c.ticket_id, outbox.c.notice, outbox.c.state, outbox.c.created_at, outbox.c.participant).where(
    among(outbox.c.ticket_id), *TO_CUSTOMERS
)
OF_SHOWN = ("id", "thread_key", "account_id", "contact_address", "direction", "words_id", "letter_id", "read_at", "proved")
SHOWN = (
    select(*(platform_inbox.c[name] for name in OF_SHOWN)).where(among(platform_inbox.c.thread_key)).order_by(platform_inbox.c.id)
)
