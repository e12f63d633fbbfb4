"""Backfills: a migration that fills the rows of a large table, in batches, while nodes read and write them.

Each batch is a transaction of its own, which also writes how far the backfill has come (`backfill`). Whoever runs `helpdesk migrate`
again after an interruption goes on from there, and `helpdesk status` shows it meanwhile.

Nodes of the version before go on writing rows, and know nothing of the new column. A contracting migration therefore has the same backfill
once more: when no older node is left, it fills what they have written since.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, column, delete, func, insert, inspect, select, table, text, update

from helpdesk.store.database import Database
from helpdesk.store.pause import pause
from helpdesk.store.schema import backfill as progress
from helpdesk.threading.reporting.condition import Filling

LONGEST_PAUSE = 1.0  # seconds between two batches; a pause is as long as its batch, so that nodes have half of the time
COLUMNS = (
    progress.c.revision,
    progress.c.table_name,
    progress.c.filled,
    progress.c.expected,
    progress.c.began_at,
    progress.c.moved_at,
)
PRESENT = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
}


@dataclass(frozen=True, slots=True)
class Backfill:
    """A statement that fills rows of one table, in the order of a key of whole numbers or text.

    `statement` is SQL for both databases. `:first` and `:last` are the smallest and the largest key of a batch, both of them in it. Its
    condition leaves alone what is filled already, because rows may be met again.
    """

    table: str
    key: str
    statement: str
    batch: int = 1000  # rows


def fill_next_batch(connection: Connection, revision: str, backfill: Backfill) -> bool:
    """Fill one batch and write how far the backfill has come. Return whether another one follows."""
    key: ColumnElement[Any] = column(backfill.key)
    rows = table(backfill.table, column(backfill.key))
    done_to = _done_to(connection, revision, backfill)
    batch = select(key.label("key")).select_from(rows).order_by(key).limit(backfill.batch)
    if done_to is not None:
        batch = batch.where(key > done_to)
    found = batch.subquery()
    first, last, count = connection.execute(select(func.min(found.c.key), func.max(found.c.key), func.count())).one()
    if count:
        connection.execute(text(backfill.statement), {"first": first, "last": last})
        moved = {"done_to": last, "filled": progress.c.filled + count, "moved_at": _present(connection)}
        connection.execute(update(progress).where(progress.c.revision == revision).values(moved))
    return bool(count == backfill.batch)


def fill(fill_batch: Callable[[], bool]) -> None:
    """Fill batch after batch, with a pause after each one that is as long as the batch took."""
    begin = time.monotonic()
    while fill_batch():
        pause(min(time.monotonic() - begin, LONGEST_PAUSE))
        begin = time.monotonic()


def forget_progress(connection: Connection, revision: str) -> None:
    """Forget how far a backfill has come, in the transaction that ends its migration."""
    connection.execute(delete(progress).where(progress.c.revision == revision))


def backfills_of(connection: Connection) -> tuple[Filling, ...]:
    """The backfills that have begun and not ended."""
    found = (Filling(*row) for row in connection.execute(select(*COLUMNS)))
    return tuple(sorted(found, key=lambda filling: filling.revision))


def backfills_in(database: Database) -> tuple[Filling, ...]:
    """The same of a database whose schema may be that of another program. Raises DatabaseAway."""
    with database.reading() as connection:
        return backfills_of(connection) if inspect(connection).has_table(progress.name) else ()


def _done_to(connection: Connection, revision: str, backfill: Backfill) -> Any:
    """The key up to which the rows are filled; None for a backfill that begins now."""
    done_to = connection.execute(select(progress.c.done_to).where(progress.c.revision == revision)).one_or_none()
    if done_to is not None:
        return done_to[0]
    now = _present(connection)
    values = {
        "revision": revision,
        "table_name": backfill.table,
        "filled": 0,
        "expected": connection.execute(select(func.count()).select_from(table(backfill.table))).scalar_one(),
        "began_at": now,
        "moved_at": now,
    }
    connection.execute(insert(progress), values)
    return None


def _present(connection: Connection) -> datetime:
    """The moment by the clock of the database."""
    moment = connection.execute(text(PRESENT[connection.dialect.name])).scalar_one()
    return moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
