"""Statements that one test has compiled serve all later tests of the process.

SQLAlchemy keeps compiled statements by engine, and each desk of a test has an engine of its own: most of the time of a story went into
compiling the same statements again. All dialects of one class are alike here, because the store makes them with the same options.
"""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from helpdesk.store import database

MOST_STATEMENTS = 5_000


def share_compiled_statements() -> None:
    """Let every engine that the store makes from now on keep its compiled statements in one place."""
    statements: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)

    def create_sharing_engine(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        kind = type(engine.dialect)
        if kind.__hash__ is DefaultDialect.__hash__:
            kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
            kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        engine._compiled_cache = statements
        return engine

    database.create_engine = create_sharing_engine  # type: ignore[attr-defined]
