"""Statements by the dialect of the database, and what makes rows for them."""

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
    """One statement that both databases understand."""
    return dict.fromkeys(DIALECTS, statement)


def insert_if_new(table: Any) -> Statements:
    """An insert that leaves a row as it is where its key is known already."""
    return {name: dialect.insert(table).on_conflict_do_nothing() for name, dialect in DIALECTS.items()}
