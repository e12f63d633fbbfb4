"""Copies a part of a store into an empty one: people, lists, and requests that began before a moment, as far as later mail may be about them.

Contents of mails, letters and files are left out. A copied request has the status that it had at that moment; everything else about it is
as it is now, because only its history is recorded.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from helpdesk.store.schema import (
    account,
    account_domain,
    contact,
    directory_version,
    event,
    inbound,
    internal_note,
    known_id,
    listed_sender,
    message,
    outbox,
    participant,
    related,
    seen_image,
    staff,
    suppression,
    ticket,
)
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.status import Status

AT_ONCE = 500  # rows
WHOLE = (account, account_domain, contact, staff, listed_sender, suppression, directory_version)
WITHOUT_CONTENT: Mapping[str, Mapping[str, object]] = {
    "inbound": {"content": b""},
    "outbox": {"content": b"", "files_of": None, "lease_token": None},
}
UNDECIDED: Mapping[str, Any] = {
    "state": Disposition.PENDING,
    "attempts": 0,
    "ticket_id": None,
    "decision": None,
    "finished_at": None,
    "lease_until": None,
    "lease_token": None,
    "fingerprint": None,
    "signed_content": None,
    "stopped_by": None,
    "dropped_at": None,
    "dropped_by": None,
    "last_error": None,
}


def copy_before(source: Connection, target: Connection, since: datetime | None) -> None:
    """Copy people, lists and what began before `since`; None for nothing of the past."""
    for table in WHOLE:
        target.execute(delete(table))
        _copy(source, target, table, None)
    if since is None:
        return
    old = select(ticket.c.id).where(ticket.c.created_at < since)
    _copy(source, target, ticket, ticket.c.created_at < since)
    _copy(source, target, inbound, (inbound.c.received_at < since) & (inbound.c.state != Disposition.PENDING))
    for table in (participant, known_id):
        _copy(source, target, table, table.c.ticket_id.in_(old))
    _copy(source, target, related, related.c.ticket_id.in_(old) & related.c.other_id.in_(old))
    for table in (message, internal_note, event):
        _copy(source, target, table, table.c.ticket_id.in_(old) & (table.c.at < since))
    _copy(source, target, outbox, (outbox.c.created_at < since) & (outbox.c.ticket_id.is_(None) | outbox.c.ticket_id.in_(old)))
    _copy(source, target, seen_image, seen_image.c.at < since)
    _set_back(target)


def _copy(source: Connection, target: Connection, table: Table, condition: ColumnElement[bool] | None) -> None:
    blank = WITHOUT_CONTENT.get(table.name, {})
    statement = select(*(column for column in table.c if column.name not in blank))
    rows = source.execution_options(stream_results=True).execute(statement if condition is None else statement.where(condition))
    for part in rows.partitions(AT_ONCE):
        target.execute(insert(table), [{**row._mapping, **blank} for row in part])


def _set_back(target: Connection) -> None:
    """Give the copied requests the status of the newest change that was copied, and a version that every reply address has seen."""
    newest = select(func.max(event.c.number)).where(event.c.ticket_id == ticket.c.id).scalar_subquery()
    changed = (
        select(event.c.to_status)
        .where(event.c.ticket_id == ticket.c.id, event.c.to_status.is_not(None))
        .order_by(event.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    target.execute(
        update(ticket).values(
            status=func.coalesce(changed, ticket.c.status), event_count=func.coalesce(newest, 0), version=1, changed_version=0
        )
    )
    target.execute(update(ticket).where(ticket.c.status != Status.CLOSED).values(closed_at=None, merged_into=None))


def mails_since(source: Connection, since: datetime | None) -> Iterator[int]:
    """The ids of decided mails that came since a moment, in the order in which they were decided."""
    statement = select(inbound.c.id).where(inbound.c.finished_at.is_not(None)).order_by(inbound.c.finished_at, inbound.c.id)
    yield from source.execute(statement if since is None else statement.where(inbound.c.received_at >= since)).scalars().all()


def add_undecided(target: Connection, row: Mapping[str, Any], content: bytes) -> None:
    """Write a recorded mail as one that waits for its decision."""
    target.execute(insert(inbound), {**row, **UNDECIDED, "content": content})


def count_as_sent(target: Connection) -> None:
    """Let the letters of a scratch store count as sent, because what follows may depend on it."""
    waiting = outbox.c.state == LetterState.QUEUED
    target.execute(update(outbox).where(waiting).values(state=LetterState.SENT, next_attempt_at=None, lease_until=None))


def row_of_mail(source: Connection, inbound_id: int) -> dict[str, Any]:
    """The row of a mail by column names."""
    return dict(source.execute(select(inbound).where(inbound.c.id == inbound_id)).one()._mapping)


def names_of_ticket(source: Connection, ticket_id: int) -> tuple[str, str]:
    """The public reference and the thread key of a ticket."""
    row = source.execute(select(ticket.c.reference, ticket.c.thread_key).where(ticket.c.id == ticket_id)).one()
    return row.reference, row.thread_key


def effects_of(source: Connection, cause: str, ticket_id: int | None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The letters of a cause (notice, recipient) and its events on a ticket (kind, detail as it is kept), in order."""
    letters = source.execute(
        select(outbox.c.notice, outbox.c.recipient).where(outbox.c.cause == cause).order_by(outbox.c.notice, outbox.c.recipient)
    )
    events = source.execute(
        select(event.c.kind, event.c.detail)
        .where(event.c.ticket_id == ticket_id, event.c.cause == cause)
        .order_by(event.c.number)
    )
    return [(notice, recipient) for notice, recipient in letters], [(kind, detail) for kind, detail in events]
