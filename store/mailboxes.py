"""The ledger of mailboxes: every mail seen in a folder of somebody else's server, and how far each folder has been read.

A folder is leased to one node at a time. Whatever a node writes into the ledger carries the lease's fencing token, in the transaction
that makes the mails themselves durable: a node that was stopped for too long writes nothing.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, insert, null, or_, select, true, update

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.inbound import TOKEN_BITS, store_raw
from helpdesk.store.schema import UNSETTLED, mailbox_folder, mailbox_mail
from helpdesk.threading.model.mail import RawMessage

MOST_KEYS = 500  # in one question to the database


class Seen(StrEnum):
    """What became of a mail in a mailbox."""

    STORED = "stored"
    DUPLICATE = "duplicate"  # stored before the server renumbered its folder
    TOO_LARGE = "too_large"
    LOOPS = "loops"
    VANISHED = "vanished"  # listed, not handed out, and listed no more
    UNREADABLE = "unreadable"  # listed, and not handed out; tried again from time to time
    EARLIER = "earlier"  # came before this desk began to read the folder


class LeaseLost(Exception):
    """Another node reads this folder now; nothing was written."""


@dataclass(frozen=True, slots=True)
class FolderLease:
    """A folder that this node may read until its lease ends, as the ledger knew it then.

    `validity` is the server's UIDVALIDITY (RFC 9051 §2.3.1.1), None before the first look. Every UID above `start_uid` and up to `last_uid`
    that the server listed has its line in the ledger; `last_uid` is that of a mail that was fetched, and there may be lines above it.
    """

    mailbox: str
    folder: str
    token: int
    validity: int | None
    start_uid: int
    last_uid: int
    renumbered_uid: int  # the largest that was there when the server renumbered
    first_seen_at: datetime | None
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A new line of the ledger. `raw` is the mail where it is to be stored. `settled`: nothing is left to do on the server."""

    uid: str
    outcome: Seen
    size: int | None = None
    sha256: str | None = None
    raw: RawMessage | None = None
    inbound_id: int | None = None
    settled: bool = True
    attempts: int = 0
    retry_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A mail of the ledger with something left to do: to be moved, flagged or deleted, or to be read after all."""

    uid: str
    outcome: Seen
    attempts: int


@dataclass(frozen=True, slots=True)
class FolderState:
    """A folder for people to look at; `outcomes` counts the mails of the present validity, `unsettled` those with something left to do."""

    mailbox: str
    folder: str
    validity: int | None
    last_uid: int
    outcomes: dict[str, int]
    unsettled: int
    reconciled_at: datetime | None
    lease_until: datetime | None


def lease_folder(
    database: Database, mailbox: str, folder: str, now: datetime, lease: timedelta, token: int | None = None
) -> FolderLease | None:
    """Take a folder that is free, or keep the one that `token` holds; None while another node reads it. Raises DatabaseAway."""
    held = mailbox_folder.c.lease_token == token if token is not None else false()
    free = or_(mailbox_folder.c.lease_until.is_(None), mailbox_folder.c.lease_until <= now, held)
    token = secrets.randbits(TOKEN_BITS) if token is None else token
    with database.writing() as connection:
        if connection.execute(select(mailbox_folder.c.mailbox).where(_is(mailbox_folder, mailbox, folder))).first() is None:
            connection.execute(insert(mailbox_folder).values(mailbox=mailbox, folder=folder))
        row = connection.execute(
            update(mailbox_folder)
            .where(_is(mailbox_folder, mailbox, folder), free)
            .values(lease_until=now + lease, lease_token=token)
            .returning(mailbox_folder)
        ).one_or_none()
    if row is None:
        return None
    return FolderLease(
        mailbox, folder, token, row.validity, row.start_uid, row.last_uid, row.renumbered_uid, row.first_seen_at, row.reconciled_at
    )  # fmt: skip


def renew_lease(database: Database, held: FolderLease, until: datetime) -> None:
    """Keep it for longer. Raises LeaseLost, DatabaseAway."""
    with database.writing() as connection:
        _under(connection, held, lease_until=until)


def end_lease(database: Database, held: FolderLease) -> None:
    """Let another node take the folder at once; nothing happens where the lease had been lost. Raises DatabaseAway."""
    statement = update(mailbox_folder).where(_is(mailbox_folder, held.mailbox, held.folder), _ours(held))
    with database.writing() as connection:
        connection.execute(statement.values(lease_until=null(), lease_token=null()))


def begin_validity(
    database: Database, held: FolderLease, validity: int, start_uid: int, renumbered_uid: int, now: datetime
) -> None:
    """The server numbers this folder anew, or it is seen for the first time: read it from `start_uid` on. Raises LeaseLost."""
    numbers = {"validity": validity, "start_uid": start_uid, "last_uid": start_uid, "renumbered_uid": renumbered_uid}
    with database.writing() as connection:
        _under(connection, held, **numbers, first_seen_at=held.first_seen_at or now, reconciled_at=now)


def record_seen(
    database: Database,
    blobs: BlobStore,
    threshold: int,
    held: FolderLease,
    validity: int,
    entries: Sequence[Entry],
    last_uid: int | None,
    now: datetime,
) -> list[int]:
    """Store mails and write them into the ledger, with the cursor, in one transaction; the ids of those stored.

    A line that is there already is replaced. Raises LeaseLost, or StaleTicket; then nothing is stored. DatabaseAway may leave
    it unknown: look into the ledger again.
    """
    raws = [entry.raw for entry in entries if entry.raw is not None]

    def also(connection: Connection, ids: Sequence[int]) -> None:
        numbers = iter(ids)
        rows = [_row(held, validity, entry, next(numbers) if entry.raw else entry.inbound_id, now) for entry in entries]
        _forget(connection, held, validity, [entry.uid for entry in entries])
        if rows:
            connection.execute(insert(mailbox_mail), rows)
        _under(connection, held, **({} if last_uid is None else {"last_uid": last_uid}))

    return store_raw(database, blobs, threshold, raws, now, also=also)


def settle_seen(database: Database, held: FolderLease, validity: int, uids: Sequence[str], now: datetime) -> None:
    """Nothing is left to do for these on the server. Raises LeaseLost."""
    with database.writing() as connection:
        for some in _in_parts(uids):
            connection.execute(
                update(mailbox_mail)
                .where(_of(held, validity), mailbox_mail.c.uid.in_(some))
                .values(settled_at=now, retry_at=null())
            )
        _under(connection, held)


def put_off(database: Database, held: FolderLease, validity: int, uids: Sequence[str], retry_at: datetime, reason: str) -> None:
    """What was left to do could not be done; nobody tries again before `retry_at`. Raises LeaseLost."""
    with database.writing() as connection:
        for some in _in_parts(uids):
            connection.execute(
                update(mailbox_mail)
                .where(_of(held, validity), mailbox_mail.c.uid.in_(some))
                .values(attempts=mailbox_mail.c.attempts + 1, retry_at=retry_at, reason=reason)
            )
        _under(connection, held)


def mark_reconciled(database: Database, held: FolderLease, now: datetime) -> None:
    """Ledger and server have been compared. Raises LeaseLost."""
    with database.writing() as connection:
        _under(connection, held, reconciled_at=now)


def ask_to_reconcile(database: Database, mailbox: str, folder: str) -> None:
    """Whoever reads the folder compares ledger and server at the next look."""
    with database.writing() as connection:
        connection.execute(update(mailbox_folder).where(_is(mailbox_folder, mailbox, folder)).values(reconciled_at=null()))


def unsettled(
    connection: Connection, held: FolderLease, validity: int, now: datetime, limit: int, *, unreadable: bool | None = None
) -> list[Unsettled]:
    """Mails with something left to do whose time has come; with `unreadable` those alone that are still to be read, or the others."""
    due = or_(mailbox_mail.c.retry_at.is_(None), mailbox_mail.c.retry_at <= now)
    outcome = mailbox_mail.c.outcome
    kind = true() if unreadable is None else outcome == Seen.UNREADABLE if unreadable else outcome != Seen.UNREADABLE
    rows = connection.execute(
        select(mailbox_mail.c.uid, outcome, mailbox_mail.c.attempts).where(_of(held, validity), UNSETTLED, due, kind).limit(limit)
    )
    return [Unsettled(row.uid, Seen(row.outcome), row.attempts) for row in rows]


def in_ledger(
    connection: Connection, mailbox: str, folder: str, validity: int, uids: Sequence[str], *, vanished: bool = True
) -> set[str]:
    """Those of the UIDs that have a line; with `vanished` False without the lines of mails that vanished: a server that lists such a
    number again has another mail there, or had made it up."""
    found: set[str] = set()
    counts = true() if vanished else mailbox_mail.c.outcome != Seen.VANISHED
    for some in _in_parts(uids):
        wanted = (_is(mailbox_mail, mailbox, folder), mailbox_mail.c.validity == validity, mailbox_mail.c.uid.in_(some))
        found.update(connection.execute(select(mailbox_mail.c.uid).where(*wanted, counts)).scalars())
    return found


def stored_before(connection: Connection, mailbox: str, folder: str, validity: int, sha256: str) -> int | None:
    """The id of a mail of the same octets that this folder held before the server renumbered it."""
    same = (_is(mailbox_mail, mailbox, folder), mailbox_mail.c.sha256 == sha256, mailbox_mail.c.validity != validity)
    found = select(mailbox_mail.c.inbound_id).where(*same, mailbox_mail.c.inbound_id.is_not(None)).limit(1)
    number: int | None = connection.execute(found).scalar()
    return number


def folder_states(connection: Connection) -> list[FolderState]:
    """Every folder that was ever read."""
    present = and_(
        mailbox_mail.c.mailbox == mailbox_folder.c.mailbox,
        mailbox_mail.c.folder == mailbox_folder.c.folder,
        mailbox_mail.c.validity == mailbox_folder.c.validity,
    )
    counts = connection.execute(
        select(
            mailbox_mail.c.mailbox,
            mailbox_mail.c.folder,
            mailbox_mail.c.outcome,
            func.count().label("mails"),
            (func.count() - func.count(mailbox_mail.c.settled_at)).label("unsettled"),
        )
        .join_from(mailbox_mail, mailbox_folder, present)
        .group_by(mailbox_mail.c.mailbox, mailbox_mail.c.folder, mailbox_mail.c.outcome)
    ).all()
    rows = connection.execute(select(mailbox_folder).order_by(mailbox_folder.c.mailbox, mailbox_folder.c.folder))
    return [
        FolderState(
            row.mailbox,
            row.folder,
            row.validity,
            row.last_uid,
            {one.outcome: one.mails for one in counts if (one.mailbox, one.folder) == (row.mailbox, row.folder)},
            sum(one.unsettled for one in counts if (one.mailbox, one.folder) == (row.mailbox, row.folder)),
            row.reconciled_at,
            row.lease_until,
        )
        for row in rows
    ]


def _row(held: FolderLease, validity: int, entry: Entry, inbound_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "mailbox": held.mailbox,
        "folder": held.folder,
        "validity": validity,
        "uid": entry.uid,
        "outcome": entry.outcome,
        "size": entry.size,
        "sha256": entry.sha256,
        "inbound_id": inbound_id,
        "seen_at": now,
        "settled_at": now if entry.settled else None,
        "attempts": entry.attempts,
        "retry_at": entry.retry_at,
        "reason": entry.reason,
    }


def _forget(connection: Connection, held: FolderLease, validity: int, uids: Sequence[str]) -> None:
    """Only lines that say that nothing was stored: those of mails that could not be read so far, or had vanished."""
    for some in _in_parts(uids):
        unread = (mailbox_mail.c.uid.in_(some), mailbox_mail.c.outcome.in_((Seen.UNREADABLE, Seen.VANISHED)))
        connection.execute(mailbox_mail.delete().where(_of(held, validity), *unread))


def _under(connection: Connection, held: FolderLease, **values: Any) -> None:
    """Change the folder's row, or nothing of it, under the lease: a transaction of whoever has lost it is undone."""
    changed = {"lease_token": held.token, **values}
    statement = update(mailbox_folder).where(_is(mailbox_folder, held.mailbox, held.folder), _ours(held)).values(**changed)
    if connection.execute(statement).rowcount != 1:
        raise LeaseLost(f"another node reads {held.mailbox} {held.folder} now")


def _ours(held: FolderLease) -> ColumnElement[bool]:
    return mailbox_folder.c.lease_token == held.token


def _of(held: FolderLease, validity: int) -> ColumnElement[bool]:
    return and_(_is(mailbox_mail, held.mailbox, held.folder), mailbox_mail.c.validity == validity)


def _is(table: Any, mailbox: str, folder: str) -> ColumnElement[bool]:
    return and_(table.c.mailbox == mailbox, table.c.folder == folder)


def _in_parts(uids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (uids[at : at + MOST_KEYS] for at in range(0, len(uids), MOST_KEYS))
