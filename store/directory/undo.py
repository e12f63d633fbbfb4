"""The recorded changes of the directory, and taking one of them back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select

from helpdesk.store.database import Database
from helpdesk.store.directory.change import (
    ChangeWord,
    DirectoryChange,
    DirectoryDiff,
    DirectoryOrder,
    DirectoryOutcome,
    DirectoryRecord,
    RefusedRow,
    word_of_change,
)
from helpdesk.store.directory.compare import clashes_of_staff
from helpdesk.store.directory.rows import SHAPES, DirectoryKind, Values, directory_version_of, rows_of_keys
from helpdesk.store.directory.write import DirectoryChanged, write_diff
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import account_domain, contact, directory_change, directory_import, ticket


def undo_change(database: Database, number: int, now: datetime, *, who: str = "", dry_run: bool = False) -> DirectoryOutcome:
    """Restore every row that a change touched, as it was before, unless something newer has touched one of them: then nothing.

    A row that the change added is taken out again. An account, or a staff member, that tickets or other rows name stays and becomes inactive.
    Raises DatabaseAway.
    """
    with database.reading() as connection:
        record = connection.execute(select(directory_import).where(directory_import.c.id == number)).first()
    if record is None:
        return DirectoryOutcome(DirectoryDiff(), f"there is no change {number} of the directory; `changes` lists them")
    order = DirectoryOrder(record.source, (), who=who, file=record.file, sha256=record.sha256)
    while True:
        with database.reading() as connection:
            version = directory_version_of(connection)
            diff = _diff_of_undo(connection, number, now)
        if diff.refusals:
            reason = f"{len(diff.refusals)} rows have been overtaken since change {number}, so nothing was undone"
            return DirectoryOutcome(diff, reason)
        with suppress(DirectoryChanged):
            done = write_diff(
                database,
                order,
                diff,
                now,
                version,
                dry_run=dry_run,
                undoes=number,
                still_holds=partial(_nobody_names_the_gone, diff=diff),
            )
            return DirectoryOutcome(diff, number=done)


def _diff_of_undo(connection: Connection, number: int, now: datetime) -> DirectoryDiff:
    later = directory_change.alias()
    newer = select(func.max(later.c.import_id)).where(
        later.c.kind == directory_change.c.kind, later.c.key == directory_change.c.key
    )
    statement = select(directory_change, newer.scalar_subquery().label("newest")).where(directory_change.c.import_id == number)
    touched = connection.execute(statement).all()
    refusals = [
        RefusedRow(f"{row.kind} {row.key}", f"change {row.newest} has touched it since") for row in touched if row.newest > number
    ]
    if refusals:
        return DirectoryDiff(refusals=tuple(refusals))
    before = {(DirectoryKind(row.kind), row.key): row.before for row in touched}
    present = {
        (kind, key): row
        for kind in DirectoryKind
        for key, row in rows_of_keys(connection, SHAPES[kind], {key for of, key in before if of is kind}, None).items()
        if (kind, key) in before
    }
    named = _named_elsewhere(connection, before)
    changes = []
    for (kind, key), row in before.items():
        now_there = present.get((kind, key))
        after = row
        if row is None and now_there is not None and key in named.get(kind, ()):
            after = {**now_there, "active": False, "updated_at": now.isoformat()}
        changes.append(DirectoryChange(kind, key, _word_of_undo(now_there, after), now_there, after))
    return DirectoryDiff(tuple(changes), _refuse_taken_addresses(connection, changes))


def _refuse_taken_addresses(connection: Connection, changes: Sequence[DirectoryChange]) -> tuple[RefusedRow, ...]:
    """Refuse to bring back a staff member of whom somebody else has an address by now."""
    rows = {change.key: change.after for change in changes if change.kind is DirectoryKind.STAFF}
    coming = {key: row["addresses"] for key, row in rows.items() if row is not None and row["active"]}
    clashes = clashes_of_staff(connection, coming, rows.keys()) if coming else {}
    return tuple(RefusedRow(f"staff {key}", reason) for key, reason in clashes.items())


def _word_of_undo(before: Values | None, after: Values | None) -> ChangeWord:
    if after is None or before is None:
        return ChangeWord.GONE if after is None else ChangeWord.ADDED
    return word_of_change(before, after)


def _nobody_names_the_gone(connection: Connection, diff: DirectoryDiff) -> bool:
    """Whether no ticket and no row that stays names a row that goes. A mail may have come since the rows were compared."""
    gone = {(change.kind, change.key): None for change in diff.changes if change.after is None}
    named = _named_elsewhere(connection, gone)
    return not any(key in named.get(kind, ()) for kind, key in gone)


def _named_elsewhere(
    connection: Connection, before: Mapping[tuple[DirectoryKind, str], Values | None]
) -> dict[DirectoryKind, set[str]]:
    """Return which of the added accounts and staff are named by tickets, or by rows that stay."""
    added = {kind: {key for (of, key), row in before.items() if of is kind and row is None} for kind in DirectoryKind}
    accounts, people = added[DirectoryKind.ACCOUNT], added[DirectoryKind.STAFF]
    found = {row.account for row in rows_among(connection, ACCOUNTS_OF_TICKETS, accounts)}
    for kind, statement in ((DirectoryKind.CONTACT, ACCOUNTS_OF_CONTACTS), (DirectoryKind.DOMAIN, ACCOUNTS_OF_DOMAINS)):
        found |= {row.account_id for row in rows_among(connection, statement, accounts) if row.key not in added[kind]}
    of_staff = {row.assignee for row in rows_among(connection, ASSIGNEES, people)}
    return {DirectoryKind.ACCOUNT: found, DirectoryKind.STAFF: of_staff}


ACCOUNTS_OF_TICKETS = select(ticket.c.account).where(among(ticket.c.account)).distinct()
ACCOUNTS_OF_CONTACTS = select(contact.c.account_id, contact.c.address.label("key")).where(among(contact.c.account_id))
ACCOUNTS_OF_DOMAINS = select(account_domain.c.account_id, account_domain.c.domain.label("key")).where(
    among(account_domain.c.account_id)
)
ASSIGNEES = select(ticket.c.assignee).where(among(ticket.c.assignee)).distinct()


def recorded_changes(connection: Connection, limit: int) -> list[DirectoryRecord]:
    """Return the newest recorded changes of the directory, the newest first."""
    undone = select(directory_import.c.undoes).where(directory_import.c.undoes.is_not(None))
    gone = set(connection.execute(undone).scalars())
    statement = select(directory_import).order_by(directory_import.c.id.desc()).limit(limit)
    return [
        DirectoryRecord(
            row.id, row.source, row.at, row.who, row.file, row.sha256, row.complete, row.counts, row.undoes, row.id in gone
        )
        for row in connection.execute(statement)
    ]
