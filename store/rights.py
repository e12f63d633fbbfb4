"""What a process may read and write in the database, and nothing else: for SQLite as an authorizer, for PostgreSQL as the grants of a role."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

HARMLESS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_RECURSIVE,
    }
)
OWN_COUNTER = "sqlite_sequence"
PRAGMAS = frozenset({"busy_timeout", "wal_checkpoint"})
LISTS = "json_each"  # the values of one variable of a statement, as a table


@dataclass(frozen=True, slots=True)
class Rights:
    """The tables that may be read, with their columns (none named: all), those that get rows, and the columns that may be changed.

    `counters` are the sequences of PostgreSQL that number new rows.
    """

    reads: Mapping[str, frozenset[str]]
    adds: frozenset[str]
    changes: Mapping[str, frozenset[str]]
    counters: tuple[str, ...] = ()

    def authorize(self, action: int, first: str | None, second: str | None, schema: str | None, source: str | None) -> int:
        """Say for SQLite whether a statement may do this; everything that is not named is refused."""
        return sqlite3.SQLITE_OK if self._allows(action, first or "", second or "") else sqlite3.SQLITE_DENY

    def _allows(self, action: int, first: str, second: str) -> bool:
        if first == OWN_COUNTER and action in (sqlite3.SQLITE_READ, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_INSERT):
            return True  # the numbers that SQLite has given to rows
        if action == sqlite3.SQLITE_READ:
            # SQLite asks for a column without a name where a statement reads none, as in a count.
            known = first in self.reads and (not self.reads[first] or second in self.reads[first] or not second)
            return known or first == LISTS
        if action == sqlite3.SQLITE_UPDATE:
            return second in self.changes.get(first, ())
        if action == sqlite3.SQLITE_INSERT:
            return first in self.adds
        return action in HARMLESS or (action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS)

    def grants(self, role: str) -> list[str]:
        """The statements that give a role of PostgreSQL these rights and no others."""
        made = [f"GRANT SELECT{_columns(columns)} ON {table} TO {role}" for table, columns in self.reads.items()]
        made += [f"GRANT INSERT ON {table} TO {role}" for table in sorted(self.adds)]
        made += [f"GRANT UPDATE{_columns(columns)} ON {table} TO {role}" for table, columns in self.changes.items()]
        return [*made, *(f"GRANT USAGE ON SEQUENCE {counter} TO {role}" for counter in self.counters)]


def _columns(columns: frozenset[str]) -> str:
    return f" ({', '.join(sorted(columns))})" if columns else ""
