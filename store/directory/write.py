"""Changes of the directory, written in one transaction and recorded.

The rows are compared outside the transaction that writes. That transaction is short, and begins anew if the directory has changed meanwhile.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.directory.change import DirectoryDiff, DirectoryOrder, DirectoryOutcome
from helpdesk.store.directory.compare import compare, why_refused
from helpdesk.store.directory.prepared import PORTION, PreparedWrites, Tell, copy_staged, prepare_writes, stage, write_rows
from helpdesk.store.directory.rows import VERSION, directory_version_of
from helpdesk.store.schema import directory_import, directory_version

TRIES = 3  # comparisons outside the writing transaction before one is made inside it


class DirectoryChanged(Exception):
    """The directory has changed since the rows were compared."""


class DryRun(Exception):
    """Takes a transaction back whose effects nobody wants to keep."""


def holds_always(connection: Connection) -> bool:
    return True


def tell_nobody(done: int, total: int) -> None:
    return


def change_directory(
    database: Database, order: DirectoryOrder, now: datetime, *, dry_run: bool = False, tell: Tell = tell_nobody
) -> DirectoryOutcome:
    """Compare what a source wants with what is there, and write the difference, or nothing. Raises DatabaseAway."""
    for attempt in range(TRIES):
        with database.reading() as connection:
            version = directory_version_of(connection)
            diff = compare(connection, order, now)
        reason = why_refused(order, diff)
        if reason or not diff.changes:
            return DirectoryOutcome(diff, reason)
        if attempt < TRIES - 1:
            with suppress(DirectoryChanged):
                return DirectoryOutcome(diff, number=write_diff(database, order, diff, now, version, dry_run=dry_run, tell=tell))
    return _write_under_lock(database, order, now, dry_run=dry_run, tell=tell)


def change_unchanged(
    database: Database,
    order: DirectoryOrder,
    now: datetime,
    version: int,
    objection: Callable[[Connection, DirectoryDiff], str],
) -> DirectoryOutcome:
    """Write what a source wants, if the directory still has the version at which somebody looked at it.

    `objection` says why a diff may not be written; "" if it may. Raises DirectoryChanged, DatabaseAway.
    """
    with database.reading() as connection:
        if directory_version_of(connection) != version:
            raise DirectoryChanged
        diff = compare(connection, order, now)
        reason = why_refused(order, diff) or objection(connection, diff)
    if reason or not diff.changes:
        return DirectoryOutcome(diff, reason)
    return DirectoryOutcome(diff, number=write_diff(database, order, diff, now, version))


@repeats_lost_races
def write_diff(
    database: Database,
    order: DirectoryOrder,
    diff: DirectoryDiff,
    now: datetime,
    version: int,
    *,
    dry_run: bool = False,
    tell: Tell = tell_nobody,
    undoes: int | None = None,
    still_holds: Callable[[Connection], bool] = holds_always,
) -> int | None:
    """Write a diff. Return the number of the change, or None after a dry run.

    Raises DirectoryChanged if the version is another one, or if what the diff took for granted outside the directory does not hold any more.
    """
    number = None
    with database.reading() as connection:
        prepared = prepare_writes(diff, connection.dialect)
    staged = database.is_sqlite and prepared.total > PORTION
    transaction = database.writing_staged(partial(stage, prepared=prepared, tell=tell)) if staged else database.writing()
    with suppress(DryRun), transaction as connection:
        if lock_version(connection) != version or not still_holds(connection):
            raise DirectoryChanged
        number = _record_change(connection, order, diff, now, undoes)
        if staged:
            copy_staged(connection, prepared, number)
        else:
            write_rows(connection, prepared, number, tell)
        if dry_run:
            raise DryRun
    return None if dry_run else number


@repeats_lost_races
def _write_under_lock(database: Database, order: DirectoryOrder, now: datetime, *, dry_run: bool, tell: Tell) -> DirectoryOutcome:
    """Compare and write in one transaction, because the directory changes too often for the two to be apart."""
    outcome = DirectoryOutcome(DirectoryDiff())
    with suppress(DryRun), database.writing() as connection:
        lock_version(connection)
        diff = compare(connection, order, now)
        reason = why_refused(order, diff)
        if reason or not diff.changes:
            return DirectoryOutcome(diff, reason)
        prepared: PreparedWrites = prepare_writes(diff, connection.dialect)
        number = _record_change(connection, order, diff, now)
        write_rows(connection, prepared, number, tell)
        outcome = DirectoryOutcome(diff, number=number)
        if dry_run:
            outcome = DirectoryOutcome(diff)
            raise DryRun
    return outcome


def lock_version(connection: Connection) -> int:
    """Let no other change of the directory begin before the end of this transaction. Return the directory's version."""
    connection.execute(_dialect(connection).insert(directory_version).values(id=1, version=0).on_conflict_do_nothing())
    return int(connection.execute(VERSION.with_for_update()).scalar_one())


def _record_change(
    connection: Connection, order: DirectoryOrder, diff: DirectoryDiff, now: datetime, undoes: int | None = None
) -> int:
    """Record that the directory changes, and count its version up. Return the number of the change."""
    values = {
        "source": order.source,
        "at": now,
        "who": order.who,
        "file": order.file,
        "sha256": order.sha256,
        "complete": bool(order.complete),
        "counts": diff.counts,
        "undoes": undoes,
    }
    connection.execute(update(directory_version).values(version=directory_version.c.version + 1))
    return int(connection.execute(insert(directory_import).values(**values).returning(directory_import.c.id)).scalar_one())


def _dialect(connection: Connection) -> Any:
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
