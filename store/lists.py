"""Statements that look up many values at once, with the same SQL for any number of values.

SQLAlchemy writes one variable for each value of `in_`, so that a statement has to be built, compiled and prepared anew for each number of
values. Here the values are one variable: an array on PostgreSQL, a JSON text on SQLite. So a statement is built once, when its module is
imported, and both SQLAlchemy and the database find it in their caches.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Dialect, Executable, Text, TypeDecorator, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from helpdesk.store.database import AnyRow
from helpdesk.store.schema import storable

VALUES = "values"  # name of the variable of `among`, unless a statement has several
LARGEST = 2**63 - 1  # of a column of 64 bits


class Numbers(TypeDecorator[Sequence[int]]):
    """A list of whole numbers. Those that no column of 64 bits can hold are left out: they come from strangers' mail and match nothing."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        possible = [number for number in value or () if -LARGEST <= number <= LARGEST]
        return possible if dialect.name == "postgresql" else json.dumps(possible)


class Texts(TypeDecorator[Sequence[str]]):
    """A list of texts, each `storable`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        clean = [storable(text) for text in value or ()]
        return clean if dialect.name == "postgresql" else json.dumps(clean)


class among(FunctionElement[Any]):
    """The condition that a column has one of the values of the variable `name`.

    It has no type, because SQLAlchemy writes a typed truth value as `… = 1` for SQLite, and no index serves that.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str = VALUES) -> None:
        kind = Numbers() if isinstance(column.type, BigInteger) else Texts()
        super().__init__(column, bindparam(name, type_=kind))


@compiles(among, "sqlite")
def _among_on_sqlite(element: among, compiler: Any, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} IN (SELECT value FROM json_each({compiler.process(values, **options)}))"


@compiles(among, "postgresql")
def _among_on_postgresql(element: among, compiler: Any, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


def values_of(name: str) -> dict[str, ColumnElement[str]]:
    """Return, by dialect, the column of a table whose rows are the texts of the variable `name`. A statement may select from it."""
    texts = bindparam(name, type_=Texts())
    return {
        "sqlite": func.json_each(texts).table_valued("value", name=name).c.value,
        "postgresql": func.unnest(texts).table_valued("value", name=name).render_derived().c.value,
    }


def rows_among(connection: Connection, statement: Executable, values: Iterable[Any], **more: object) -> Sequence[AnyRow]:
    """Run a statement for distinct values of `among`, and return its rows. Without values nothing is run."""
    distinct = list(dict.fromkeys(values))
    return connection.execute(statement, {VALUES: distinct, **more}).all() if distinct else ()
