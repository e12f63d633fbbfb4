"""The ledger of mailboxes: every mail seen in a folder of a remote server, and how far each folder has been read.

A folder is leased to one node at a time. Each write to the ledger checks the fencing token of the lease, in the same transaction that stores
the mails. So a node that was suspended until its lease ended writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, insert, null, or_, select, true, update

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.identifiers import new_token
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import UNSETTLED, mailbox_folder, mailbox_mail
from helpdesk.threading.model.mail import RawMessage

MOST_KEYS = 500  # UIDs in one statement


class Seen(StrEnum):
    """What was done with a mail in a mailbox."""

    STORED = "stored"
    DUPLICATE = "duplicate"  # stored before the server renumbered its folder
    TOO_LARGE = "too_large"
    LOOPS = "loops"
    VANISHED = "vanished"  # was listed, could not be fetched, and is no longer listed
    UNREADABLE = "unreadable"  # is listed but cannot be fetched; tried again from time to time
    EARLIER = "earlier"  # arrived before this desk began to read the folder


class LeaseLost(Exception):
    """Another node holds the lease of this folder now. Nothing was written."""


@dataclass(frozen=True, slots=True)
class FolderLease:
    """A folder that this node may read until its lease ends, with the ledger's values at the start of the lease.

    `validity` is the server's UIDVALIDITY (RFC 9051 §2.3.1.1), None before the first look. Every UID above `start_uid` and up to `last_uid`
    that the server listed has a row in the ledger. `last_uid` is the UID of a fetched mail; rows with higher UIDs may exist.
    """

    mailbox: str
    folder: str
    token: int
    validity: int | None
    start_uid: int
    last_uid: int
    renumbered_uid: int  # the largest UID in the folder when the server changed its UIDVALIDITY
    first_seen_at: datetime | None
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A new row of the ledger. `raw` is the mail if it is to be stored. `settled` means that nothing is left to do on the server."""

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
    """A mail of the ledger that must still be moved, flagged or deleted on the server, or fetched again."""

    uid: str
    outcome: Seen
    attempts: int


@dataclass(frozen=True, slots=True)
class FolderState:
    """The state of a folder for a listing.

    `outcomes` counts the mails of the present UIDVALIDITY, and `unsettled` counts those with something left to do on the server.
    """

    mailbox: str
    folder: str
    validity: int | None
    last_uid: int
    outcomes: dict[str, int]
    unsettled: int
    reconciled_at: datetime | None
    lease_until: datetime | None


def lease_folder(
    database: Database,
    mailbox: str,
    folder: str,
    now: datetime,
    lease: timedelta,
    token: int | None = None,
    looked_at: datetime | None = None,
) -> FolderLease | None:
    """Lease a free folder, or renew the lease that `token` has. Return None while another node holds it. Raises DatabaseAway.

    `looked_at` is written where it is given: when the folder was last read to its end.
    """
    own = mailbox_folder.c.lease_token == token if token is not None else false()
    free = or_(mailbox_folder.c.lease_until.is_(None), mailbox_folder.c.lease_until <= now, own)
    token = new_token() if token is None else token
    with database.writing() as connection:
        if connection.execute(select(mailbox_folder.c.mailbox).where(_is(mailbox_folder, mailbox, folder))).first() is None:
            connection.execute(insert(mailbox_folder).values(mailbox=mailbox, folder=folder))
        row = connection.execute(
            update(mailbox_folder)
            .where(_is(mailbox_folder, mailbox, folder), free)
            .values(lease_until=now + lease, lease_token=token, **({"looked_at": looked_at} if looked_at else {}))
            .returning(mailbox_folder)
        ).one_or_none()
    if row is None:
        return None
    return FolderLease(
        mailbox,
        folder,
        token,
        row.validity,
        row.start_uid,
        row.last_uid,
        row.renumbered_uid,
        row.first_seen_at,
        row.reconciled_at,
    )


def renew_lease(database: Database, lease: FolderLease, until: datetime) -> None:
    """Extend a lease to `until`. Raises LeaseLost or DatabaseAway."""
    with database.writing() as connection:
        _under(connection, lease, lease_until=until)


def end_lease(database: Database, lease: FolderLease) -> None:
    """End a lease, so that another node can lease the folder at once. Does nothing if the lease was lost. Raises DatabaseAway."""
    statement = update(mailbox_folder).where(_is(mailbox_folder, lease.mailbox, lease.folder), _ours(lease))
    with database.writing() as connection:
        connection.execute(statement.values(lease_until=null(), lease_token=null()))


def begin_validity(
    database: Database, lease: FolderLease, validity: int, start_uid: int, renumbered_uid: int, now: datetime
) -> None:
    """Record a new UIDVALIDITY, or the first look at the folder, and begin after `start_uid`. Raises LeaseLost."""
    numbers = {"validity": validity, "start_uid": start_uid, "last_uid": start_uid, "renumbered_uid": renumbered_uid}
    with database.writing() as connection:
        _under(connection, lease, **numbers, first_seen_at=lease.first_seen_at or now, reconciled_at=now)


def record_seen(
    database: Database,
    blobs: BlobStore,
    threshold: int,
    lease: FolderLease,
    validity: int,
    entries: Sequence[Entry],
    last_uid: int | None,
    now: datetime,
) -> list[int]:
    """Store mails, their rows in the ledger and the new `last_uid` in one transaction. Return the ids of the stored mails.

    A row of an unreadable or vanished mail is replaced. Raises LeaseLost or StaleTicket; then nothing is stored. Raises DatabaseAway; then
    the commit may have succeeded, and the caller must read the ledger again.
    """
    raws = [entry.raw for entry in entries if entry.raw is not None]

    def also(connection: Connection, ids: Sequence[int]) -> None:
        numbers = iter(ids)
        rows = [_row(lease, validity, entry, next(numbers) if entry.raw else entry.inbound_id, now) for entry in entries]
        _forget(connection, lease, validity, [entry.uid for entry in entries])
        if rows:
            connection.execute(insert(mailbox_mail), rows)
        _under(connection, lease, **({} if last_uid is None else {"last_uid": last_uid}))

    return store_raw(database, blobs, threshold, raws, now, also=also)


def settle_seen(database: Database, lease: FolderLease, validity: int, uids: Sequence[str], now: datetime) -> None:
    """Record that nothing is left to do for these mails on the server. Raises LeaseLost."""
    with database.writing() as connection:
        for some in _in_parts(uids):
            connection.execute(
                update(mailbox_mail)
                .where(_of(lease, validity), mailbox_mail.c.uid.in_(some))
                .values(settled_at=now, retry_at=null())
            )
        _under(connection, lease)


def put_off(database: Database, lease: FolderLease, validity: int, uids: Sequence[str], retry_at: datetime, reason: str) -> None:
    """Record that what is left to do for these mails failed, and must not be tried again before `retry_at`. Raises LeaseLost."""
    with database.writing() as connection:
        for some in _in_parts(uids):
            connection.execute(
                update(mailbox_mail)
                .where(_of(lease, validity), mailbox_mail.c.uid.in_(some))
                .values(attempts=mailbox_mail.c.attempts + 1, retry_at=retry_at, reason=reason)
            )
        _under(connection, lease)


def mark_reconciled(database: Database, lease: FolderLease, now: datetime) -> None:
    """Record that the ledger and the server have been compared. Raises LeaseLost."""
    with database.writing() as connection:
        _under(connection, lease, reconciled_at=now)


def ask_to_reconcile(database: Database, mailbox: str, folder: str) -> None:
    """Make the node that reads the folder compare the ledger and the server at its next look."""
    with database.writing() as connection:
        connection.execute(update(mailbox_folder).where(_is(mailbox_folder, mailbox, folder)).values(reconciled_at=null()))


def unsettled_mails(
    connection: Connection, lease: FolderLease, validity: int, now: datetime, limit: int, *, unreadable: bool | None = None
) -> list[Unsettled]:
    """Return mails that are due and have something left to do.

    With `unreadable` True only mails that must be fetched again are returned, with False only the others.
    """
    due = or_(mailbox_mail.c.retry_at.is_(None), mailbox_mail.c.retry_at <= now)
    outcome = mailbox_mail.c.outcome
    kind = true() if unreadable is None else outcome == Seen.UNREADABLE if unreadable else outcome != Seen.UNREADABLE
    rows = connection.execute(
        select(mailbox_mail.c.uid, outcome, mailbox_mail.c.attempts)
        .where(_of(lease, validity), UNSETTLED, due, kind)
        .limit(limit)
    )
    return [Unsettled(row.uid, Seen(row.outcome), row.attempts) for row in rows]


def in_ledger(
    connection: Connection, mailbox: str, folder: str, validity: int, uids: Sequence[str], *, besides: Sequence["Seen"] = ()
) -> set[str]:
    """Return those of the UIDs that have a row in the ledger.

    Rows with an outcome in `besides` do not count. If a server lists the UID of a vanished mail again, for example, it has a mail there now.
    """
    found: set[str] = set()
    counts = mailbox_mail.c.outcome.not_in(besides) if besides else true()
    for some in _in_parts(uids):
        wanted = (_is(mailbox_mail, mailbox, folder), mailbox_mail.c.validity == validity, mailbox_mail.c.uid.in_(some))
        found.update(connection.execute(select(mailbox_mail.c.uid).where(*wanted, counts)).scalars())
    return found


def stored_before(connection: Connection, mailbox: str, folder: str, validity: int, sha256: str) -> int | None:
    """Return the inbound id of a mail with the same octets that this folder had under an earlier UIDVALIDITY."""
    same = (_is(mailbox_mail, mailbox, folder), mailbox_mail.c.sha256 == sha256, mailbox_mail.c.validity != validity)
    found = select(mailbox_mail.c.inbound_id).where(*same, mailbox_mail.c.inbound_id.is_not(None)).limit(1)
    number: int | None = connection.execute(found).scalar()
    return number


def folder_states(connection: Connection) -> list[FolderState]:
    """Return the state of every folder that was ever read."""
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
            {count.outcome: count.mails for count in counts if (count.mailbox, count.folder) == (row.mailbox, row.folder)},
            sum(count.unsettled for count in counts if (count.mailbox, count.folder) == (row.mailbox, row.folder)),
            row.reconciled_at,
            row.lease_until,
        )
        for row in rows
    ]


def _row(lease: FolderLease, validity: int, entry: Entry, inbound_id: int | None, now: datetime) -> dict[str, Any]:
    return {
        "mailbox": lease.mailbox,
        "folder": lease.folder,
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


def _forget(connection: Connection, lease: FolderLease, validity: int, uids: Sequence[str]) -> None:
    """Delete the rows of these UIDs that say that nothing was stored: those of unreadable and vanished mails."""
    for some in _in_parts(uids):
        unread = (mailbox_mail.c.uid.in_(some), mailbox_mail.c.outcome.in_((Seen.UNREADABLE, Seen.VANISHED)))
        connection.execute(mailbox_mail.delete().where(_of(lease, validity), *unread))


def _under(connection: Connection, lease: FolderLease, **values: Any) -> None:
    """Change the folder's row under the lease, and lock it. Raises LeaseLost, which rolls the transaction back."""
    changed = {"lease_token": lease.token, **values}
    statement = update(mailbox_folder).where(_is(mailbox_folder, lease.mailbox, lease.folder), _ours(lease)).values(**changed)
    if connection.execute(statement).rowcount != 1:
        raise LeaseLost(f"another node reads {lease.mailbox} {lease.folder} now")


def _ours(lease: FolderLease) -> ColumnElement[bool]:
    return mailbox_folder.c.lease_token == lease.token


def _of(lease: FolderLease, validity: int) -> ColumnElement[bool]:
    return and_(_is(mailbox_mail, lease.mailbox, lease.folder), mailbox_mail.c.validity == validity)


def _is(table: Any, mailbox: str, folder: str) -> ColumnElement[bool]:
    return and_(table.c.mailbox == mailbox, table.c.folder == folder)


def _in_parts(uids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (uids[at : at + MOST_KEYS] for at in range(0, len(uids), MOST_KEYS))
