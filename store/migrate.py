"""Migrates a database to the schema of this program. Several nodes may do this at once, and a node may be killed meanwhile."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select, text

from helpdesk.store.database import Database
from helpdesk.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0001"
ONE_AT_A_TIME = 0x68656C706465736B  # the key of PostgreSQL's advisory lock: "helpdesk" in ASCII


class UnknownSchema(Exception):
    """The database has a schema that this program does not know, such as one of a newer version. Nothing was changed."""


def migrate(database: Database) -> None:
    """Apply the migrations that the database lacks, all in one transaction. Raises UnknownSchema or DatabaseAway."""
    if is_current(database):
        return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": ONE_AT_A_TIME})
        present = _revision(connection)
        if present not in (None, HEAD) and present not in _revisions():
            raise UnknownSchema(
                f"the database has schema {present}, which this program does not know (its own is {HEAD}): "
                "install the version that made it, or name another database"
            )
        _upgrade(connection)


def is_current(database: Database) -> bool:
    """Whether the database has the schema that this program was written for."""
    with database.reading() as connection:
        return _revision(connection) == HEAD


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


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")


def _config(connection: Connection | None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "helpdesk.store:migrations")
    config.attributes["connection"] = connection
    return config
