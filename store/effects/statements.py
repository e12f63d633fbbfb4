"""Types and functions for statements that differ between SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.cause import Outcome

Values = dict[str, Any]
Statements = dict[str, Any]  # by the name of the dialect
RowsOf = Callable[[Outcome], Iterator[Values]]
Effects = tuple[tuple[Statements, RowsOf], ...]

DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}


def on_both(statement: Any) -> Statements:
    """Return the same statement for both dialects."""
    return dict.fromkeys(DIALECTS, statement)


def insert_if_new(table: Any) -> Statements:
    """Return an insert, by dialect, that does nothing if a row with the same key exists."""
    return {name: dialect.insert(table).on_conflict_do_nothing() for name, dialect in DIALECTS.items()}
