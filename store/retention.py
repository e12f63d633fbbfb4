"""Takes what has been kept for its time (`[retention]`): octets of mails and letters, files, and closed tickets with all that is theirs.

Each step is one short transaction for the next few rows. Its conditions are those of the rows at that moment, so a pass may be interrupted
anywhere, repeated, and run on several nodes at once: what is gone already is done. Contents of the blob store are not deleted here, but by
`store.blob_uses` after the rows that referred to them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Connection, Delete, bindparam, delete, exists, func, null, select, update

from helpdesk.store.cause import number_of_mail, number_of_reply
from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.effects.statements import DIALECTS
from helpdesk.store.identifiers import first_id
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.lists import among, rows_among
from helpdesk.store.merges import MERGED
from helpdesk.store.quarantine import NEEDED_BY_A_LETTER
from helpdesk.store.schema import (
    LETTER_WITH_OCTETS,
    MAIL_WITH_OCTETS,
    attempt,
    canary,
    digest,
    event,
    inbound,
    internal_note,
    known_id,
    mailbox_mail,
    measurement,
    message,
    outbox,
    participant,
    platform_attachment,
    platform_inbox,
    platform_reply,
    platform_thread,
    purge_total,
    related,
    ticket,
    ticket_words,
    timer,
    undo_step,
)
from helpdesk.threading.matching.known import MOST_MERGES
from helpdesk.threading.model.letter_state import UNSENT_STATES
from helpdesk.threading.model.status import Status

AT_ONCE = 200  # mails, letters or files of one transaction
TICKETS_AT_ONCE = 10
AFTER, BEFORE, MOST = (bindparam(name, type_=BigInteger) for name in ("after", "before", "most"))
GONE = b""  # the octets of a mail or letter that were taken
CLOSED_TICKET = exists(select(ticket.c.id).where(ticket.c.id == inbound.c.ticket_id, ticket.c.status == Status.CLOSED))


class Purged(StrEnum):
    """What retention takes."""

    MAIL = "mail"  # octets of mails
    LETTER = "letter"  # octets of letters
    FILE = "file"  # files that lie in no mail
    TICKET = "ticket"  # closed tickets
    LOOSE = "loose"  # rows of mails, letters and lists of no ticket
    BLOB = "blob"  # contents of the blob store


@dataclass(frozen=True, slots=True)
class PurgeStep:
    """What one transaction did. `last` is where the next one goes on; None if there is nothing behind it."""

    taken: int
    last: Any | None


MAILS = (
    select(inbound.c.id, inbound.c.ticket_id, inbound.c.sender, inbound.c.reverse_path, inbound.c.finished_at)
    .where(MAIL_WITH_OCTETS, inbound.c.id > AFTER, inbound.c.id < BEFORE)
    .order_by(inbound.c.id)
    .limit(MOST)
)
EMPTY_MAIL = (
    update(inbound)
    .where(
        among(inbound.c.id),
        MAIL_WITH_OCTETS,
        ~NEEDED_BY_A_LETTER,
        inbound.c.ticket_id.is_(None) | CLOSED_TICKET,
    )
    .values(content=GONE)
)
FILES_IN_MAIL = delete(platform_attachment).where(among(platform_attachment.c.mail_id))
LETTERS = (
    select(outbox.c.id, outbox.c.ticket_id, outbox.c.recipient)
    .where(LETTER_WITH_OCTETS, outbox.c.id > AFTER, outbox.c.id < BEFORE)
    .order_by(outbox.c.id)
    .limit(MOST)
)
EMPTY_LETTER = update(outbox).where(among(outbox.c.id), LETTER_WITH_OCTETS).values(content=GONE, files=None, files_of=None)
HOLDERS = select(message.c.cause, message.c.attachments).where(among(message.c.ticket_id))
NOTE_HOLDERS = select(internal_note.c.cause, internal_note.c.attachments).where(among(internal_note.c.ticket_id))
STATES = select(ticket.c.id, ticket.c.status, ticket.c.account, ticket.c.reference).where(among(ticket.c.id))
PEOPLE = select(participant.c.ticket_id, participant.c.address).where(among(participant.c.ticket_id))
LOCKED = (
    select(ticket.c.id, ticket.c.status, ticket.c.closed_at, ticket.c.merged_into, ticket.c.incident, ticket.c.thread_key)
    .where(among(ticket.c.id))
    .order_by(ticket.c.id)
    .with_for_update()
)
ATTACHED = select(ticket.c.incident).where(among(ticket.c.incident), ticket.c.incident != ticket.c.id).distinct()
LATEST = "9999-12-31T23:59:59Z"


@repeats_lost_races
def empty_mails(
    database: Database,
    after: int,
    plain_before: datetime | None,
    with_files_before: datetime | None,
    hold: LegalHold,
    now: datetime,
) -> PurgeStep:
    """Take the octets of the next mails behind `after` that came before `plain_before`; those with files, before `with_files_before`.

    A mail stays whose ticket is open, which an unsent letter needs, or which is held.
    """
    least = max((moment for moment in (plain_before, with_files_before) if moment is not None), default=None)
    if least is None:
        return PurgeStep(0, None)
    with database.writing() as connection:
        rows = connection.execute(MAILS, {"after": after, "before": first_id(least), "most": AT_ONCE}).all()
        tickets = {row.ticket_id for row in rows if row.ticket_id is not None}
        with_files = _mails_with_files(connection, tickets)
        held = hold.of_tickets(connection, tickets)
        due = [
            row.id
            for row in rows
            if row.ticket_id not in held
            and not hold.holds_any((row.sender, row.reverse_path or ""))
            and _is_over(row.id, with_files_before if row.id in with_files else plain_before)
        ]
        taken = connection.execute(EMPTY_MAIL, {"values": due}).rowcount if due else 0
        if due:
            emptied = connection.execute(
                select(inbound.c.id).where(among(inbound.c.id), inbound.c.content == GONE), {"values": due}
            ).scalars()
            connection.execute(FILES_IN_MAIL, {"values": list(emptied)})
        _count(connection, Purged.MAIL, taken, now)
    return PurgeStep(taken, rows[-1].id if len(rows) == AT_ONCE else None)


@repeats_lost_races
def empty_letters(database: Database, after: int, before: datetime, hold: LegalHold, now: datetime) -> PurgeStep:
    """Take the octets of the next letters behind `after`, written before that moment, that are sent or given up and whose ticket is closed."""
    with database.writing() as connection:
        rows = connection.execute(LETTERS, {"after": after, "before": first_id(before), "most": AT_ONCE}).all()
        tickets = {row.ticket_id for row in rows if row.ticket_id is not None}
        kept = _open_tickets(connection, tickets) | hold.of_tickets(connection, tickets)
        due = [row.id for row in rows if row.ticket_id not in kept and not hold.holds_any((row.recipient,))]
        taken = connection.execute(EMPTY_LETTER, {"values": due}).rowcount if due else 0
        _count(connection, Purged.LETTER, taken, now)
    return PurgeStep(taken, rows[-1].id if len(rows) == AT_ONCE else None)


@repeats_lost_races
def delete_files(database: Database, after: tuple[datetime, str], before: datetime, hold: LegalHold, now: datetime) -> PurgeStep:
    """Delete the next files of the conversation with the platform behind `after` that came before that moment and lie in no mail."""
    table = platform_attachment.c
    moment, key = after
    statement = (
        select(table.id, table.created_at, table.words_id, table.letter_id, table.mail_id)
        .where((table.created_at > moment) | ((table.created_at == moment) & (table.id > key)), table.created_at >= moment)
        .where(table.created_at < before)
        .order_by(table.created_at, table.id)
        .limit(AT_ONCE)
    )
    with database.writing() as connection:
        rows = connection.execute(statement).all()
        tickets = _tickets_of_files(connection, rows)
        kept = _open_tickets(connection, tickets.values()) | hold.of_tickets(connection, set(tickets.values()))
        due = [row.id for row in rows if row.mail_id is None and row.id in tickets and tickets[row.id] not in kept]
        taken = connection.execute(delete(platform_attachment).where(among(table.id)), {"values": due}).rowcount if due else 0
        _count(connection, Purged.FILE, taken, now)
    return PurgeStep(taken, (rows[-1].created_at, rows[-1].id) if len(rows) == AT_ONCE else None)


@repeats_lost_races
def delete_tickets(
    database: Database, after: tuple[datetime, int], before: datetime, hold: LegalHold, now: datetime
) -> PurgeStep:
    """Delete the next tickets behind `after` that were closed before that moment, with everything that is theirs.

    A merged ticket goes with the one in which it continues, and an incident after all that are attached to it.
    """
    moment, key = after
    statement = (
        select(ticket.c.id, ticket.c.closed_at)
        .where((ticket.c.closed_at > moment) | ((ticket.c.closed_at == moment) & (ticket.c.id > key)))
        .where(ticket.c.closed_at.is_not(None), ticket.c.closed_at >= moment, ticket.c.closed_at < before)
        .order_by(ticket.c.closed_at, ticket.c.id)
        .limit(TICKETS_AT_ONCE)
    )
    with database.writing() as connection:
        found = connection.execute(statement).all()
        due = _due_tickets(connection, [row.id for row in found], before, hold)
        if due:
            delete_all_of(connection, due)
        _count(connection, Purged.TICKET, len(due), now)
    return PurgeStep(len(due), (found[-1].closed_at, found[-1].id) if len(found) == TICKETS_AT_ONCE else None)


@repeats_lost_races
def delete_loose(database: Database, after: int, before: datetime, hold: LegalHold, now: datetime) -> PurgeStep:
    """Delete the next rows of no ticket that are older than that moment: mails and letters that are done, lists of tickets, test letters."""
    limit = first_id(before)
    with database.writing() as connection:
        mails = connection.execute(LOOSE_MAILS, {"after": after, "before": limit, "most": AT_ONCE}).all()
        letters = connection.execute(LOOSE_LETTERS, {"after": after, "before": limit, "most": AT_ONCE}).all()
        done = [row.id for row in mails if not hold.holds_any((row.sender, row.reverse_path or ""))]
        last = _last_attempt(connection).id
        gone = [row.id for row in letters if row.id != last and not hold.holds_any((row.recipient,))]
        _delete_mails(connection, done)
        _delete_letters(connection, gone)
        lists = connection.execute(delete(digest).where(digest.c.id < limit)).rowcount
        tests = connection.execute(delete(canary).where(canary.c.sent_at < before)).rowcount
        taken = len(done) + len(gone) + lists + tests
        _count(connection, Purged.LOOSE, taken, now)
    ends = [rows[-1].id for rows in (mails, letters) if len(rows) == AT_ONCE]  # behind the nearer end nothing is skipped
    return PurgeStep(taken, min(ends, default=None))


def delete_all_of(connection: Connection, tickets: Mapping[int, str]) -> None:
    """Delete tickets, given with their thread keys, and every row that is theirs."""
    ids, threads = list(tickets), list(tickets.values())
    replies = [number for row in rows_among(connection, HOLDERS, ids) if (number := number_of_reply(row.cause)) is not None]
    mails = [row.id for row in rows_among(connection, select(inbound.c.id).where(among(inbound.c.ticket_id)), ids)]
    letters = [row.id for row in rows_among(connection, select(outbox.c.id).where(among(outbox.c.ticket_id)), ids)]
    shown = rows_among(connection, select(platform_inbox.c.attachments).where(among(platform_inbox.c.thread_key)), threads)
    files = [entry["id"] for row in shown for entry in row.attachments if entry.get("id")]
    for table, column, values in (
        (platform_attachment, platform_attachment.c.id, files),
        (platform_attachment, platform_attachment.c.reply_id, replies),
        (platform_reply, platform_reply.c.id, replies),
        (platform_inbox, platform_inbox.c.thread_key, threads),
        (platform_thread, platform_thread.c.thread_key, threads),
    ):
        if values:
            connection.execute(delete(table).where(among(column)), {"values": values})
    _delete_letters(connection, letters)
    for statement in OF_TICKETS:
        connection.execute(statement, {"values": ids})
    _delete_mails(connection, mails)
    connection.execute(delete(ticket).where(among(ticket.c.id)), {"values": ids})


def totals(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """Return how much retention has taken since the desk began, and when last, by `Purged`."""
    return {row.kind: (row.rows, row.last_at) for row in connection.execute(select(purge_total).order_by(purge_total.c.kind))}


def count_purged(database: Database, kind: Purged, taken: int, now: datetime) -> None:
    """Add to the totals what was taken outside of a step."""
    if taken:
        with database.writing() as connection:
            _count(connection, kind, taken, now)


def _is_over(number: int, before: datetime | None) -> bool:
    return before is not None and number < first_id(before)


def _mails_with_files(connection: Connection, tickets: Collection[int]) -> set[int]:
    """The mails that brought a file that stands on one of these tickets."""
    found = set()
    for statement in (HOLDERS, NOTE_HOLDERS):
        for row in rows_among(connection, statement, tickets):
            causes = {str(entry.get("kept_by") or row.cause) for entry in row.attachments}
            found |= {number for cause in causes if (number := number_of_mail(cause)) is not None}
    return found


def _open_tickets(connection: Connection, tickets: Iterable[int]) -> set[int]:
    return {row.id for row in rows_among(connection, STATES, tickets) if row.status != Status.CLOSED}


def _tickets_of_files(connection: Connection, rows: Collection[AnyRow]) -> dict[str, int]:
    """The ticket of each file. A file of a reply that is not taken yet has none."""
    words = {row.words_id for row in rows if row.words_id}
    letters = {row.letter_id for row in rows if row.letter_id}
    of_words = {
        row.id: row.ticket_id
        for row in rows_among(connection, select(message.c.id, message.c.ticket_id).where(among(message.c.id)), words)
    }
    of_letters = {
        row.id: row.ticket_id
        for row in rows_among(connection, select(outbox.c.id, outbox.c.ticket_id).where(among(outbox.c.id)), letters)
    }
    places = {row.id: of_words.get(row.words_id) or of_letters.get(row.letter_id) for row in rows}
    return {key: number for key, number in places.items() if number is not None}


def _due_tickets(connection: Connection, ids: Collection[int], before: datetime, hold: LegalHold) -> dict[int, str]:
    """Those of the tickets that may go now, with those merged into them, each with its thread key. Their rows are locked."""
    groups = {number: _merged_into(connection, number) for number in ids}
    members = {number for group in groups.values() for number in group}
    rows = {row.id: row for row in rows_among(connection, LOCKED, members)}
    held = hold.of_tickets(connection, members)
    busy = {*connection.execute(ATTACHED, {"values": list(members)}).scalars(), _last_attempt(connection).ticket_id}
    survivors = {row.merged_into for row in rows.values() if row.merged_into is not None}
    there = {row.id for row in rows_among(connection, STATES, survivors)}
    due: dict[int, str] = {}
    for number, group in groups.items():
        own = rows.get(number)
        if own is None or (own.merged_into is not None and own.merged_into in there) or group & held or group & busy:
            continue
        if all(row.status == Status.CLOSED and row.closed_at is not None for row in map(rows.get, group) if row is not None) and (
            own.closed_at < before
        ):
            due |= {member: rows[member].thread_key for member in group if member in rows}
    return due


def _last_attempt(connection: Connection) -> AnyRow:
    """The letter of the newest attempt, and its ticket. Both stay: by this attempt a node notices a database that has gone back in time."""
    row = connection.execute(LAST_ATTEMPT).one_or_none()
    return row if row is not None else connection.execute(NO_ATTEMPT).one()


def _merged_into(connection: Connection, number: int) -> set[int]:
    """The ticket and all that were merged into it, by whatever steps."""
    found = {number}
    new = {number}
    for _ in range(MOST_MERGES):
        new = {row.other_id for row in rows_among(connection, MERGED, new)} - found
        if not new:
            break
        found |= new
    return found


def _delete_mails(connection: Connection, mails: Collection[int]) -> None:
    """Delete mails. The ledgers of mailboxes keep their rows: they say what was fetched already."""
    if mails:
        values = {"values": list(mails)}
        connection.execute(update(mailbox_mail).where(among(mailbox_mail.c.inbound_id)).values(inbound_id=None), values)
        connection.execute(FILES_IN_MAIL, values)
        connection.execute(delete(inbound).where(among(inbound.c.id)), values)


def _delete_letters(connection: Connection, letters: Collection[int]) -> None:
    if letters:
        connection.execute(delete(attempt).where(among(attempt.c.outbox_id)), {"values": list(letters)})
        connection.execute(delete(outbox).where(among(outbox.c.id)), {"values": list(letters)})


def _count(connection: Connection, kind: Purged, taken: int, now: datetime) -> None:
    if taken:
        connection.execute(ADD[connection.dialect.name], {"kind": kind, "rows": taken, "last_at": now})


def _adding() -> dict[str, Any]:
    statements = {}
    for name, dialect in DIALECTS.items():
        adding = dialect.insert(purge_total)
        more = {"rows": purge_total.c.rows + adding.excluded.rows, "last_at": adding.excluded.last_at}
        statements[name] = adding.on_conflict_do_update(index_elements=["kind"], set_=more)
    return statements


ADD = _adding()
NEWEST = select(func.max(attempt.c.id)).scalar_subquery()
LAST_ATTEMPT = (
    select(outbox.c.id, outbox.c.ticket_id).join(attempt, attempt.c.outbox_id == outbox.c.id).where(attempt.c.id == NEWEST)
)
NO_ATTEMPT = select(null().label("id"), null().label("ticket_id"))
LOOSE_MAILS = (
    select(inbound.c.id, inbound.c.sender, inbound.c.reverse_path)
    .where(inbound.c.ticket_id.is_(None), inbound.c.state.in_(("noted", "reported", "discarded", "refused")))
    .where(inbound.c.id > AFTER, inbound.c.id < BEFORE)
    .order_by(inbound.c.id)
    .limit(MOST)
)
LOOSE_LETTERS = (
    select(outbox.c.id, outbox.c.recipient)
    .where(outbox.c.ticket_id.is_(None), outbox.c.state.not_in(UNSENT_STATES), outbox.c.id > AFTER, outbox.c.id < BEFORE)
    .order_by(outbox.c.id)
    .limit(MOST)
)
OF_TICKETS: tuple[Delete, ...] = (
    *(
        delete(table).where(among(table.c.ticket_id))
        for table in (message, internal_note, event, participant, known_id, ticket_words, timer, undo_step, measurement)
    ),
    delete(related).where(among(related.c.ticket_id)),
    delete(related).where(among(related.c.other_id)),
)
