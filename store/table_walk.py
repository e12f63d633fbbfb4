"""Walks any table by its primary key in small steps, so that no transaction is long and no table has to fit in memory."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, select, tuple_
from sqlalchemy.sql.elements import KeyedColumnElement

from helpdesk.store.database import AnyRow, Database
from helpdesk.store.persons import COVERS
from helpdesk.store.schema import metadata

AT_ONCE = 200  # rows of one step


def rows_of(database: Database, table: Table, *, without: Collection[str] = ()) -> Iterator[Sequence[AnyRow]]:
    """Return the rows of a table in the order of its key, `AT_ONCE` at a time, without the columns of these names."""
    columns = [column for column in table.columns if column.name not in without]
    return _steps(database, table, columns)


def addresses_in(database: Database) -> Iterator[str]:
    """Return every address that stands in a column of its own: those of contacts, participants, authors, recipients and senders."""
    for table in metadata.sorted_tables:
        owners = COVERS[table.name].owners
        if not owners:
            continue
        for rows in _steps(database, table, [*table.primary_key.columns, *(table.c[name] for name in owners)]):
            yield from (address for row in rows for name in owners if (address := getattr(row, name)))


def key_of(table: Table, row: AnyRow) -> tuple[Any, ...]:
    """Return the primary key of a row."""
    return tuple(getattr(row, column.name) for column in table.primary_key.columns)


def has_key(table: Table, key: tuple[Any, ...]) -> ColumnElement[bool]:
    """Return the condition that a row has this primary key."""
    return and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))


def _steps(database: Database, table: Table, columns: Collection[ColumnElement[Any]]) -> Iterator[Sequence[AnyRow]]:
    key = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
    while True:
        statement: Select[Any] = select(*dict.fromkeys(columns)).order_by(*key).limit(AT_ONCE)
        if after is not None:
            statement = statement.where(_is_behind(key, after))
        with database.reading() as connection:
            rows = connection.execute(statement).all()
        yield rows
        if len(rows) < AT_ONCE:
            return
        after = key_of(table, rows[-1])


def _is_behind(key: Sequence[KeyedColumnElement[Any]], after: tuple[Any, ...]) -> ColumnElement[bool]:
    return key[0] > after[0] if len(key) == 1 else tuple_(*key) > tuple_(*after)
