"""Indexes that a migration adds to a table that nodes write to.

On PostgreSQL `CREATE INDEX` stops all who write to the table until it is built, and `CREATE INDEX CONCURRENTLY` does not. That one runs
outside of a transaction. When it is interrupted, it leaves an index that is invalid: it costs at each write, and no query uses it. Such an
index is removed and built anew.
"""

from dataclasses import dataclass

from sqlalchemy import text

from helpdesk.store.database import Database, StaleTicket

VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"


class DoubledKey(Exception):
    """Rows of the table have the same key, so that a unique index cannot be built. The rows are as they were."""


@dataclass(frozen=True, slots=True)
class AddedIndex:
    """An index as a migration has it. `columns` and `where` are SQL for both databases."""

    name: str
    table: str
    columns: str
    where: str = ""
    unique: bool = False

    def statement(self, how: str = "") -> str:
        kind = f"{'UNIQUE ' if self.unique else ''}INDEX {how}".strip()
        condition = f" WHERE {self.where}" if self.where else ""
        return f"CREATE {kind} {self.name} ON {self.table} ({self.columns}){condition}"


def build_index(database: Database, index: AddedIndex) -> None:
    """Build an index on PostgreSQL while nodes write to its table. Raises DoubledKey or DatabaseAway.

    It waits for transactions that are older, such as that of `pg_dump`, however long they take: nobody waits for it meanwhile. Nobody else
    may build the same index.
    """
    with database.reading() as connection:
        is_valid = connection.execute(text(VALID), {"name": index.name}).scalar()
    if is_valid:
        return
    if is_valid is False:
        database.run_alone(f"DROP INDEX CONCURRENTLY {index.name}")
    try:
        database.run_alone(index.statement("CONCURRENTLY"))
    except StaleTicket as fault:
        raise DoubledKey(f"the index {index.name} of {index.table} cannot be built: {fault}; remove one of the rows") from fault
