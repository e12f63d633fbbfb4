"""Migrates a database to the schema of this program. Several nodes may do this at once, and a node may be killed meanwhile.

A migration is one of two kinds. One that expands adds what the new program needs, and leaves all that the program before needs, so that
nodes of both versions run beside each other. One that contracts takes away what only older programs used; its module says
`CONTRACTS = True`, and it runs when no older node is left. The database says which programs it suits (`schema_floor`), because an older
program knows nothing of the migrations that came after it. Names of migrations are numbers of four digits, in their order.

Each migration is one transaction, which also writes its number. What would hold up the nodes comes before this transaction: a module may
name a `BACKFILL` (`store.backfills`), and `INDEXES` that PostgreSQL builds while nodes write (`store.added_indexes`). Both may be
interrupted, and go on when the migration is started again. An empty database has nobody to hold up, and gets all migrations in one
transaction.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, delete, insert, inspect, select, text

from helpdesk.store.added_indexes import AddedIndex, build_index
from helpdesk.store.backfills import Backfill, fill, fill_next_batch, forget_progress
from helpdesk.store.database import Database, DatabaseAway, LostRace
from helpdesk.store.pause import pause
from helpdesk.store.schema import heartbeat, metadata, schema_floor

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"  # the newest migration that this program knows
NEEDED = "0001"  # the oldest schema that it works with: later ones up to HEAD only take away what it does not use
SCRIPTS = "helpdesk.store:migrations"
ONE_AT_A_TIME = 0x68656C706465736B  # the key of PostgreSQL's advisory lock: "helpdesk" in ASCII
LOCK_TIMEOUT = "5s"  # a migration that waits for a lock stops all who come after it, so it gives way and comes back
LOCK_TRIES, LOCK_PAUSE = 20, 3.0  # seconds
LOCK_ASKED_EVERY = 0.2  # seconds, while another migration is at work
OLD_NODE = timedelta(minutes=10)  # a node of another version that gave a sign of life within this time may still run


Result = TypeVar("Result")


class UnknownSchema(Exception):
    """The database has a schema that this program cannot use: one of a newer version, or of an older one. Nothing was changed."""


class OlderNodes(Exception):
    """Nodes of another version still run, and need what the migration would take away. Nothing was changed."""


class LockTaken(DatabaseAway):
    """Somebody held a lock for longer than a migration may wait for it. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Contracting:
    """The wish to apply migrations that contract too. `version` is that of this program."""

    version: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Migrated:
    """The migrations that were applied, in order, and the first one that waits until no older node is left; "" if none does."""

    applied: tuple[str, ...] = ()
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Migration:
    """What the module of a migration says."""

    revision: str
    contracts: bool
    backfill: Backfill | None
    indexes: tuple[AddedIndex, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done. `before` is the schema that the database has, None for an empty one."""

    before: str | None
    pending: tuple[Migration, ...] = ()
    waiting: str = ""


def migrate(database: Database, contracting: Contracting | None = None) -> Migrated:
    """Apply the migrations that the database lacks. Those that contract, and what comes after them, wait for `contracting`.

    An empty database gets all of them. Raises UnknownSchema, OlderNodes, DoubledKey or DatabaseAway.
    """
    if revision_of(database) == HEAD:
        return Migrated()
    with _only_migration(database):
        with database.reading() as connection:
            plan = _plan(connection, contracting)
        if plan.before is None:
            _patiently(lambda: _begin(database, plan.pending))
        else:
            before = plan.before
            for migration in plan.pending:
                _apply(database, before, migration, contracting)
                before = migration.revision
    return Migrated(tuple(migration.revision for migration in plan.pending), plan.waiting)


def is_current(database: Database) -> bool:
    """Whether the database has a schema that this program can use: its own, or a newer one that still has all that it needs."""
    return not revision_fault(database)


def check_revision(database: Database) -> None:
    """Raise UnknownSchema with what to do, unless this program can use the schema of the database."""
    if fault := revision_fault(database):
        raise UnknownSchema(fault)


def revision_fault(database: Database) -> str:
    """Why this program cannot use the schema of the database, and what to do; "" if it can."""
    with database.reading() as connection:
        present = _revision(connection)
        if present is None or present < NEEDED:
            return "the database schema is not up to date; run: helpdesk migrate"
        if present <= HEAD or _suits(connection, present):
            return ""
    return _say_unknown(present)


def _say_unknown(present: str) -> str:
    return (
        f"the database has schema {present}, which this program does not know (its own is {HEAD}): "
        "install the version that made it, or name another database"
    )


@contextmanager
def _only_migration(database: Database) -> Iterator[None]:
    """Wait until no other migration is at work on PostgreSQL, and keep others away. On SQLite each transaction looks what others have done.

    The wait asks again and again, because a statement that waits has a snapshot, and the other migration may wait for it with an index.
    """
    if database.is_sqlite:
        yield
        return
    end = time.monotonic() + LOCK_TRIES * LOCK_PAUSE
    while True:
        with database.lock(ONE_AT_A_TIME) as is_ours:
            if is_ours:
                yield
                return
        if time.monotonic() > end:
            raise LockTaken("another migration is at work; helpdesk status says how far it has come")
        pause(LOCK_ASKED_EVERY)


def _patiently(act: Callable[[], Result]) -> Result:
    """Do something that gives way to others, and try again when it did."""
    for _ in range(LOCK_TRIES - 1):
        with suppress(LockTaken, LostRace):
            return act()
        pause(LOCK_PAUSE)
    return act()


def _plan(connection: Connection, contracting: Contracting | None) -> _Plan:
    present, migrations = _revision(connection), _migrations()
    known = [migration.revision for migration in migrations]
    if present is None:
        return _Plan(None, migrations)
    if present not in known:
        if _suits(connection, present):
            return _Plan(present)
        raise UnknownSchema(_say_unknown(present))
    pending = migrations[known.index(present) + 1 :]
    end = next((number for number, migration in enumerate(pending) if migration.contracts), len(pending))
    if contracting is not None and end < len(pending):
        _need_no_older_nodes(connection, contracting)
        end = len(pending)
    reached = pending[end - 1].revision if end else present
    waiting = pending[end].revision if end < len(pending) else ""
    if waiting and reached < NEEDED:
        raise UnknownSchema(
            f"this program needs the migrations up to {NEEDED}, and {waiting} takes away what older nodes use: stop them, then run: "
            "helpdesk migrate --contract"
        )
    return _Plan(present, pending[:end], waiting)


def _begin(database: Database, migrations: tuple[Migration, ...]) -> None:
    """Make all tables of an empty database in one transaction."""
    with _giving_way(database) as connection:
        if _revision(connection) is None:
            for migration in migrations:
                _upgrade(connection, migration.revision)
                _add_indexes(connection, migration)
            _write_floor(connection, migrations[-1].revision)


def _apply(database: Database, before: str, migration: Migration, contracting: Contracting | None) -> None:
    """Apply a migration to a database in which people may be at work: first what takes long, then its own transaction."""
    backfill = migration.backfill
    if backfill is not None:
        fill(lambda: _patiently(lambda: _fill_next_batch(database, before, migration.revision, backfill)))
    if not database.is_sqlite:
        for index in migration.indexes:
            _patiently(partial(build_index, database, index))
    _patiently(lambda: _finish(database, before, migration, contracting))


def _fill_next_batch(database: Database, before: str, revision: str, backfill: Backfill) -> bool:
    with _giving_way(database) as connection:
        return _revision(connection) == before and fill_next_batch(connection, revision, backfill)


def _finish(database: Database, before: str, migration: Migration, contracting: Contracting | None) -> None:
    with _giving_way(database) as connection:
        if _revision(connection) != before:
            return  # another process has applied it, which only SQLite lets happen
        if migration.contracts and contracting is not None:
            _need_no_older_nodes(connection, contracting)
        _upgrade(connection, migration.revision)
        if database.is_sqlite:
            _add_indexes(connection, migration)
        forget_progress(connection, migration.revision)
        _write_floor(connection, migration.revision)


@contextmanager
def _giving_way(database: Database) -> Iterator[Connection]:
    """A transaction that gives up rather than let others wait for a lock that it waits for. Raises LockTaken or DatabaseAway."""
    try:
        with database.writing() as connection:
            if not database.is_sqlite:
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            yield connection
    except DatabaseAway as fault:
        if "lock timeout" in str(fault):
            raise LockTaken(f"a migration waited {LOCK_TIMEOUT} for a lock: {fault}") from fault
        raise


def _add_indexes(connection: Connection, migration: Migration) -> None:
    for index in migration.indexes:
        connection.execute(text(index.statement()))


def _suits(connection: Connection, present: str) -> bool:
    """Whether a newer schema says that programs of this age can still use it."""
    if present <= HEAD or not inspect(connection).has_table(schema_floor.name):
        return False
    floor = connection.execute(select(schema_floor.c.works_from)).scalar()
    return floor is not None and floor <= HEAD


def _write_floor(connection: Connection, reached: str) -> None:
    """Write which programs the schema suits: those that know the last migration that contracted. Nothing is older than the first one."""
    applied = [migration for migration in _migrations() if migration.revision <= reached]
    if len(applied) == 1:
        return
    contracted = [migration.revision for migration in applied if migration.contracts]
    connection.execute(delete(schema_floor))
    connection.execute(insert(schema_floor), {"works_from": contracted[-1] if contracted else applied[0].revision})


def _need_no_older_nodes(connection: Connection, contracting: Contracting) -> None:
    """Raise OlderNodes if a node of another version may still run."""
    other = (heartbeat.c.version != contracting.version) & (heartbeat.c.beat_at > contracting.now - OLD_NODE)
    rows = connection.execute(select(heartbeat.c.node, heartbeat.c.version).where(other).order_by(heartbeat.c.node)).all()
    if rows:
        named = ", ".join(f"{row.node} ({row.version})" for row in rows)
        raise OlderNodes(f"nodes of another version gave a sign of life within ten minutes: {named}; stop them first")


def revision_of(database: Database) -> str | None:
    """The revision that the database says it has; None if it is empty."""
    with database.reading() as connection:
        return _revision(connection)


def schema_faults(database: Database) -> list[str]:
    """Name each table, column and unique index that this program needs and the database lacks. More than that is no fault."""
    with database.reading() as connection:
        found = {tuple(row) for row in connection.execute(text(CATALOGUES[connection.dialect.name]))}
    faults = []
    for table in metadata.sorted_tables:
        if (table.name, "") not in found:
            faults.append(f"no table {table.name}")
            continue
        faults += [f"no column {table.name}.{column.name}" for column in table.columns if (table.name, column.name) not in found]
        unique = [index for index in table.indexes if index.unique]
        faults += [f"no unique index {index.name}" for index in unique if ("", index.name) not in found]
    return faults


# One row for each table, with an empty second name; for each column; and for each index, with an empty first name.
CATALOGUES = {
    "sqlite": (
        "SELECT name, '' FROM sqlite_master WHERE type = 'table' "
        "UNION ALL SELECT '', name FROM sqlite_master WHERE type = 'index' "
        "UNION ALL SELECT made.name, named.name FROM sqlite_master AS made JOIN pragma_table_info(made.name) AS named "
        "WHERE made.type = 'table'"
    ),
    "postgresql": (
        "SELECT CAST(table_name AS text), '' FROM information_schema.tables WHERE table_schema = current_schema() "
        "UNION ALL SELECT '', CAST(relname AS text) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE indisvalid AND relnamespace = CAST(current_schema() AS regnamespace) "
        "UNION ALL SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    ),
}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar()


# Alembic is imported inside these functions, because a node whose schema is current starts faster without it.


def _migrations() -> tuple[Migration, ...]:
    """The migrations that this program knows, in their order."""
    from alembic.script import ScriptDirectory

    scripts = sorted(ScriptDirectory.from_config(_config(None)).walk_revisions(), key=lambda script: script.revision)
    return tuple(_read(script) for script in scripts)


def _read(script: Any) -> Migration:
    module = script.module
    contracts, indexes = getattr(module, "CONTRACTS", False), getattr(module, "INDEXES", ())
    return Migration(script.revision, contracts, getattr(module, "BACKFILL", None), indexes)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.upgrade(_config(connection), revision)


def _config(connection: Connection | None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    return config
