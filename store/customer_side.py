"""What the side of the desk that customers reach may read and write. Internal notes, tickets and staff are not among it.

The process of the HTTP API opens the database with these limits: on SQLite an authorizer refuses every other table when a statement is
prepared, and on PostgreSQL a role without other rights does (`[http] database_role`). A mistake in a query of that side is then an error and
never a leak.
"""

import sqlite3
from collections.abc import Mapping

INBOX, THREAD, REPLY, FILE, VISIT = "platform_inbox", "platform_thread", "platform_reply", "platform_attachment", "page_session"
READS: Mapping[str, frozenset[str]] = {  # columns of each table; none named: all
    INBOX: frozenset(),
    THREAD: frozenset(),
    REPLY: frozenset(),
    FILE: frozenset(),
    VISIT: frozenset(),
    "api_key": frozenset(),
    "api_secret": frozenset(),
    "inbound": frozenset({"id", "content", "sha256"}),  # for the large files that came by mail: the mail has their octets
}
ADDS = frozenset({REPLY, FILE, VISIT})
CHANGES: Mapping[str, frozenset[str]] = {
    INBOX: frozenset({"read_at"}),
    FILE: frozenset({"reply_id"}),
    VISIT: frozenset({"session_sha256", "expires_at", "ended_at"}),
}
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


def authorize(action: int, first: str | None, second: str | None, schema: str | None, source: str | None) -> int:
    """Say for SQLite whether a statement may do this; everything that is not named is refused."""
    return sqlite3.SQLITE_OK if _is_allowed(action, first or "", second or "") else sqlite3.SQLITE_DENY


def _is_allowed(action: int, first: str, second: str) -> bool:
    if first == OWN_COUNTER and action in (sqlite3.SQLITE_READ, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_INSERT):
        return True  # the numbers that SQLite has given to rows
    if action == sqlite3.SQLITE_READ:
        # SQLite asks for a column without a name where a statement reads none, as in a count.
        return first in READS and (not READS[first] or second in READS[first] or not second)
    if action == sqlite3.SQLITE_UPDATE:
        return second in CHANGES.get(first, ())
    if action == sqlite3.SQLITE_INSERT:
        return first in ADDS
    return action in HARMLESS or (action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS)


def grants(role: str) -> list[str]:
    """The statements that give a role of PostgreSQL these rights and no others."""
    made = [f"GRANT SELECT{_columns(columns)} ON {table} TO {role}" for table, columns in READS.items()]
    made += [f"GRANT INSERT ON {table} TO {role}" for table in sorted(ADDS)]
    made += [f"GRANT UPDATE{_columns(columns)} ON {table} TO {role}" for table, columns in CHANGES.items()]
    return [*made, f"GRANT USAGE ON SEQUENCE {REPLY}_id_seq TO {role}"]


def _columns(columns: frozenset[str]) -> str:
    return f" ({', '.join(sorted(columns))})" if columns else ""
