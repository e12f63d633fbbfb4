"""Migrates a database to the schema of this program. Several nodes may do this at once, and a node may be killed meanwhile.

A migration is one of two kinds. One that expands adds what the new program needs, and leaves all that the program before needs, so that
nodes of both versions run beside each other. One that contracts takes away what only older programs used; its module says
`CONTRACTS = True`, and it runs when no older node is left. The database says which programs it suits (`schema_floor`), because an older
program knows nothing of the migrations that came after it. Names of migrations are numbers of four digits, in their order.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, insert, inspect, select, text

from helpdesk.store.database import Database, DatabaseAway
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
OLD_NODE = timedelta(minutes=10)  # a node of another version that gave a sign of life within this time may still run


class UnknownSchema(Exception):
    """The database has a schema that this program cannot use, such as one of a newer version. Nothing was changed."""


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


def migrate(database: Database, contracting: Contracting | None = None) -> Migrated:
    """Apply the migrations that the database lacks, all in one transaction. Those that contract, and what comes after them, wait for `contracting`.

    An empty database gets all of them. Raises UnknownSchema, OlderNodes or DatabaseAway.
    """
    if revision_of(database) == HEAD:
        return Migrated()
    for _ in range(LOCK_TRIES - 1):
        with suppress(LockTaken):
            return _migrate_once(database, contracting)
        pause(LOCK_PAUSE)
    return _migrate_once(database, contracting)


def is_current(database: Database) -> bool:
    """Whether the database has a schema that this program can use: its own, or a newer one that still has all that it needs."""
    with database.reading() as connection:
        present = _revision(connection)
        return present is not None and (NEEDED <= present <= HEAD or _suits(connection, present))


def _migrate_once(database: Database, contracting: Contracting | None) -> Migrated:
    try:
        with database.writing() as connection:
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": ONE_AT_A_TIME})
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            return _apply(connection, contracting)
    except DatabaseAway as fault:
        if "lock timeout" in str(fault):
            raise LockTaken(f"a migration waited {LOCK_TIMEOUT} for a lock: {fault}") from fault
        raise


def _apply(connection: Connection, contracting: Contracting | None) -> Migrated:
    present, scripts = _revision(connection), _scripts()
    known = [script.revision for script in scripts]
    if present is not None and present not in known:
        if _suits(connection, present):
            return Migrated()
        raise UnknownSchema(
            f"the database has schema {present}, which this program does not know (its own is {HEAD}): "
            "install the version that made it, or name another database"
        )
    pending = scripts[known.index(present) + 1 :] if present else scripts
    end = next((number for number, script in enumerate(pending) if _contracts(script) and present), len(pending))
    if contracting is not None and end < len(pending):
        _need_no_older_nodes(connection, contracting)
        end = len(pending)
    reached = pending[end - 1].revision if end else present
    waiting = pending[end].revision if end < len(pending) else ""
    if waiting and (reached or "") < NEEDED:
        raise UnknownSchema(
            f"this program needs the migrations up to {NEEDED}, and {waiting} takes away what older nodes use: stop them, then run: "
            "helpdesk migrate --contract"
        )
    if end and reached:
        _upgrade(connection, reached)
        _write_floor(connection, scripts[: known.index(reached) + 1])
    return Migrated(tuple(script.revision for script in pending[:end]), waiting)


def _suits(connection: Connection, present: str) -> bool:
    """Whether a newer schema says that programs of this age can still use it."""
    if present <= HEAD or not inspect(connection).has_table(schema_floor.name):
        return False
    floor = connection.execute(select(schema_floor.c.works_from)).scalar()
    return floor is not None and floor <= HEAD


def _write_floor(connection: Connection, applied: Sequence[Any]) -> None:
    """Write which programs the schema suits: those that know the last migration that contracted. Nothing is older than the first one."""
    if len(applied) == 1:
        return
    contracted = [script.revision for script in applied if _contracts(script)]
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
        "UNION ALL SELECT '', CAST(indexname AS text) FROM pg_indexes WHERE schemaname = current_schema() "
        "UNION ALL SELECT CAST(table_name AS text), CAST(column_name AS text) FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    ),
}


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(select(text("version_num")).select_from(text("alembic_version"))).scalar()


# Alembic is imported inside these functions, because a node whose schema is current starts faster without it.


def _scripts() -> list[Any]:
    """The migrations that this program knows, in their order."""
    from alembic.script import ScriptDirectory

    return sorted(ScriptDirectory.from_config(_config(None)).walk_revisions(), key=lambda script: script.revision)


def _contracts(script: Any) -> bool:
    return bool(getattr(script.module, "CONTRACTS", False))


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command

    command.upgrade(_config(connection), revision)


def _config(connection: Connection | None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.attributes["connection"] = connection
    return config
