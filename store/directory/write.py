"""Changes of the directory, written in one transaction and recorded.

The rows are compared outside the transaction that writes. That transaction is short, and begins anew if the directory has changed meanwhile.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Dialect, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.directory.change import DirectoryDiff, DirectoryOrder, DirectoryOutcome
from helpdesk.store.directory.compare import compare, why_refused
from helpdesk.store.directory.rows import SHAPES, VERSION, DirectoryKind, RowShape, Values, directory_version_of
from helpdesk.store.lists import among
from helpdesk.store.schema import CleanJson, directory_change, directory_import, directory_version, json_text

PORTION = 1000  # rows that are written with one statement
TRIES = 3  # comparisons outside the writing transaction before one is made inside it

Tell = Callable[[int, int], None]


class DryRun(Exception):
    """Takes a transaction back whose effects nobody wants to keep."""


class _Changed(Exception):
    """The directory has changed since the rows were compared."""


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
            with suppress(_Changed):
                return DirectoryOutcome(diff, number=_write(database, order, diff, now, version, dry_run=dry_run, tell=tell))
    return _write_under_lock(database, order, now, dry_run=dry_run, tell=tell)


@repeats_lost_races
def _write(
    database: Database, order: DirectoryOrder, diff: DirectoryDiff, now: datetime, version: int, *, dry_run: bool, tell: Tell
) -> int | None:
    """Write a diff if the directory is still of this version. Return the number of the change, or None after a dry run."""
    number = None
    with database.reading() as connection:
        writes = writes_of(diff, connection.dialect)
    with suppress(DryRun), database.writing() as connection:
        if lock_version(connection) != version:
            raise _Changed
        number = apply_diff(connection, order, diff, writes, now, tell)
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
        writes = writes_of(diff, connection.dialect)
        outcome = DirectoryOutcome(diff, number=apply_diff(connection, order, diff, writes, now, tell))
        if dry_run:
            outcome = DirectoryOutcome(diff)
            raise DryRun
    return outcome


def lock_version(connection: Connection) -> int:
    """Let no other change of the directory begin before the end of this transaction. Return the directory's version."""
    connection.execute(_dialect(connection).insert(directory_version).values(id=1, version=0).on_conflict_do_nothing())
    return int(connection.execute(VERSION.with_for_update()).scalar_one())


@dataclass(frozen=True, slots=True)
class RowsToWrite:
    """The rows of one kind that are written, as the driver takes them."""

    statement: str
    rows: Sequence[tuple[Any, ...]]


def writes_of(diff: DirectoryDiff, dialect: Dialect) -> list[RowsToWrite]:
    """Make everything ready that the writing transaction writes, so that it is short: nobody else writes on SQLite meanwhile."""
    found = []
    for kind, shape in SHAPES.items():
        changed = [change for change in diff.changes if change.kind is kind and change.after is not None]
        if changed:
            names = (shape.key, *shape.columns)
            ready = [(name, _processor(shape.table.c[name], dialect)) for name in names]
            rows = ({shape.key: change.key, **_as_columns(change.after or {})} for change in changed)
            written = [tuple(make(row[name]) for name, make in ready) for row in rows]
            found.append(RowsToWrite(_upsert(shape, names, dialect), written))
    return found


def _processor(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What makes of a value of a column the value that the driver takes."""
    if dialect.name == "postgresql" and isinstance(column.type, CleanJson):
        return json_text
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _upsert(shape: RowShape, names: Sequence[str], dialect: Dialect) -> str:
    mark = "?" if dialect.name == "sqlite" else "%s"
    marks = [
        f"{mark}::jsonb" if dialect.name == "postgresql" and isinstance(shape.table.c[name].type, CleanJson) else mark
        for name in names
    ]
    changing = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (
        f"INSERT INTO {shape.table.name} ({', '.join(names)}) VALUES ({', '.join(marks)}) "
        f"ON CONFLICT ({shape.key}) DO UPDATE SET {changing}"
    )


def apply_diff(
    connection: Connection,
    order: DirectoryOrder,
    diff: DirectoryDiff,
    writes: Sequence[RowsToWrite],
    now: datetime,
    tell: Tell,
    undoes: int | None = None,
) -> int:
    done = 0
    for write in writes:
        for start in range(0, len(write.rows), PORTION):
            part = write.rows[start : start + PORTION]
            connection.exec_driver_sql(write.statement, list(part))
            done += len(part)
            tell(done, len(diff.changes))
    for kind in reversed(DirectoryKind):
        keys = [change.key for change in diff.changes if change.kind is kind and change.after is None]
        if keys:
            rows_gone = delete(SHAPES[kind].table).where(among(SHAPES[kind].table.c[SHAPES[kind].key]))
            connection.execute(rows_gone, {"values": keys})
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
    number = int(connection.execute(insert(directory_import).values(**values).returning(directory_import.c.id)).scalar_one())
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    new = [(number, change.kind.value, change.key) for change in diff.changes if change.before is None]
    for start in range(0, len(new), PORTION):
        statement = f"INSERT INTO directory_change (import_id, kind, key) VALUES ({mark}, {mark}, {mark})"
        connection.exec_driver_sql(statement, new[start : start + PORTION])
    rows = [
        {"import_id": number, "kind": change.kind.value, "key": change.key, "before": change.before}
        for change in diff.changes
        if change.before is not None
    ]
    for start in range(0, len(rows), PORTION):
        connection.execute(insert(directory_change), rows[start : start + PORTION])
    connection.execute(update(directory_version).values(version=directory_version.c.version + 1))
    return number


def _as_columns(row: Values) -> Values:
    moment = row["updated_at"]
    return {**row, "updated_at": None if moment is None else datetime.fromisoformat(moment)}


def _dialect(connection: Connection) -> Any:
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name]
