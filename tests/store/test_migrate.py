"""What the migrations make is exactly what the tables say, on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text
from support.servers.databases import PostgresqlServer

from helpdesk.store import migrate as migrate_module
from helpdesk.store.database import Database
from helpdesk.store.migrate import HEAD, UnknownSchema, is_current, migrate
from helpdesk.store.schema import metadata

POSTGRESQL_CATALOGUE = (
    """SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace""",
)


SQLITE_CATALOGUE = (
    'SELECT cid, name, type, "notnull", dflt_value, pk FROM pragma_table_info(:table)',
    'SELECT "from", "table", "to" FROM pragma_foreign_key_list(:table)',
    """SELECT list.origin, info.name FROM pragma_index_list(:table) AS list JOIN pragma_index_info(list.name) AS info
       WHERE list.origin <> 'c'""",
)


def sqlite_schema(connection: Connection) -> set[tuple[object, ...]]:
    """Columns, foreign keys and indexes of a database. Texts of tables are not compared: a later migration that adds a column writes it
    behind the constraints."""
    tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    rows = {
        (table, *row)
        for table in tables
        for query in SQLITE_CATALOGUE
        for row in connection.execute(text(query), {"table": table})
    }
    indexes = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")).scalars()
    return rows | {(" ".join(sql.split()).replace("inbound.ticket_id", "ticket_id"),) for sql in indexes}


def postgresql_schema(connection: Connection) -> set[tuple[object, ...]]:
    rows = (tuple(row) for query in POSTGRESQL_CATALOGUE for row in connection.execute(text(query)))
    return {row for row in rows if "alembic_version" not in str(row[0])}


def test_migrated_sqlite_equals_the_tables(tmp_path: Path) -> None:
    migrated, made = Database(f"sqlite:///{tmp_path}/a.db"), Database(f"sqlite:///{tmp_path}/b.db")
    migrate(migrated)
    with made.writing() as connection:
        metadata.create_all(connection)
    with migrated.reading() as one, made.reading() as other:
        assert sqlite_schema(one) == sqlite_schema(other)
        assert len(sqlite_schema(one)) > len(metadata.tables)
    migrated.close()
    made.close()


def test_migrated_postgresql_equals_the_tables(postgresql_server: PostgresqlServer) -> None:
    migrated, made = Database(postgresql_server.create()), Database(postgresql_server.create())
    migrate(migrated)
    with made.writing() as connection:
        metadata.create_all(connection)
    with migrated.reading() as one, made.reading() as other:
        assert postgresql_schema(one) == postgresql_schema(other)
        assert len(postgresql_schema(one)) > len(metadata.tables)
    migrated.close()
    made.close()


def test_postgresql_knows_the_frequency_of_rare_words_too(postgresql_server: PostgresqlServer) -> None:
    database = Database(postgresql_server.create())
    migrate(database)
    asked = "SELECT attstattarget FROM pg_attribute WHERE attrelid = CAST('search_words' AS regclass) AND attname = 'words'"
    with database.reading() as connection:
        assert connection.execute(text(asked)).scalar_one() == 300
    database.close()


def test_the_queues_of_postgresql_are_vacuumed_by_their_own_measure(postgresql_server: PostgresqlServer) -> None:
    database = Database(postgresql_server.create())
    migrate(database)
    with database.reading() as connection:
        statement = "SELECT relname, unnest(reloptions) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        found = set(map(tuple, connection.execute(text(statement))))
    database.close()
    for queue in ("inbound", "outbox", "timer", "platform_reply"):
        assert (queue, "autovacuum_vacuum_scale_factor=0.01") in found
    for updated_in_place in ("counter", "letter_count"):
        assert (updated_in_place, "fillfactor=50") in found


def test_the_newest_migration_is_the_one_that_the_program_expects(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    assert not is_current(database)
    migrate(database)
    assert is_current(database)
    migrate(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_nodes_may_start_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/desk.db" if kind == "sqlite" else request.getfixturevalue("postgresql_server").create()
    nodes = [Database(url) for _ in range(4)]
    together = threading.Barrier(len(nodes))

    def start(node: Database) -> None:
        together.wait()
        migrate(node)

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(start, nodes))
    assert all(is_current(node) for node in nodes)
    for node in nodes:
        node.close()


def test_a_schema_of_a_newer_program_is_left_alone(open_database: Callable[[], Database]) -> None:
    database = open_database()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = inspect(connection).get_table_names()
    with pytest.raises(UnknownSchema, match="schema 9999, which this program does not know"):
        migrate(database)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == before
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_node_killed_while_it_migrates_leaves_the_schema_as_it_was(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/desk.db" if kind == "sqlite" else request.getfixturevalue("postgresql_server").create()
    database = Database(url)

    def killed(connection: Connection, revision: str) -> None:
        upgrade(connection, revision)
        raise KeyboardInterrupt

    upgrade = migrate_module._upgrade
    monkeypatch.setattr(migrate_module, "_upgrade", killed)
    with pytest.raises(KeyboardInterrupt):
        migrate(database)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == []
    monkeypatch.undo()
    migrate(database)
    assert is_current(database)
    database.close()
