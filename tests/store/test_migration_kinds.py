"""Migrations of large tables while people are at work: rows filled in batches, and indexes that stop nobody who writes."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, func, insert, inspect, select, text
from support.desk.outcomes import NOW
from support.desk.story import configured
from support.servers.peers import PATIENCE, wait_for
from support.servers.releases import become, write_migrations

from helpdesk.gateway.cli.status import status_command
from helpdesk.store import migrate as migrations
from helpdesk.store.added_indexes import DoubledKey
from helpdesk.store.backfills import backfills_in
from helpdesk.store.database import Database
from helpdesk.store.migrate import Contracting, Migrated, migrate, revision_of, schema_faults
from helpdesk.store.schema import alarm, canary

COLUMN = "def upgrade(): op.add_column('alarm', sa.Column('times', sa.Integer()))"
COUNTING = (
    "Backfill('alarm', 'name', 'UPDATE alarm SET times = coalesce(times, 0) + 1 WHERE {}name BETWEEN :first AND :last', batch=2)"
)
ONCE = "BACKFILL = " + COUNTING.format("")
REST = "CONTRACTS = True\nBACKFILL = " + COUNTING.format("times IS NULL AND ")
INDEX = "INDEXES = (AddedIndex('alarm_times', 'alarm', 'kind, text', where='told_at IS NOT NULL'),)"
UNIQUE = "INDEXES = (AddedIndex('alarm_once', 'alarm', 'text', unique=True),)"
Later = Callable[[Mapping[str, str]], Database]


@pytest.fixture
def later(
    open_database: Callable[[], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Mapping[str, str]], Database]]:
    """Makes this program a later release with further migrations, and opens a database of the first one, with five alarms in it."""

    def release(says: Mapping[str, str]) -> Database:
        write_migrations(tmp_path / "migrations", says)
        for name, value in become(tmp_path / "migrations", max(says), "0001").items():
            monkeypatch.setattr(migrations, name, value)
        database = open_database()
        with database.writing() as connection:
            add_alarms(connection, "a", "b", "c", "d", "e")
        return database

    yield release
    database = open_database()
    if not database.is_sqlite:  # other tests share it
        with database.writing() as connection:
            for leftover in ("INDEX IF EXISTS alarm_times", "INDEX IF EXISTS alarm_once"):
                connection.execute(text(f"DROP {leftover}"))
            connection.execute(text("ALTER TABLE alarm DROP COLUMN IF EXISTS times"))
            connection.execute(text("UPDATE alarm SET text = name"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def add_alarms(connection: Connection, *names: str) -> None:
    rows = [{"name": name, "kind": "disk", "text": "same", "since": NOW, "told_at": NOW} for name in names]
    connection.execute(insert(alarm), rows)


def times(database: Database) -> dict[str, int | None]:
    with database.reading() as connection:
        return {row.name: row.times for row in connection.execute(text("SELECT name, times FROM alarm ORDER BY name"))}


class Killed(Exception):
    """Stands for the end of a process."""


def kill_after_one_batch(fill_batch: Callable[[], bool]) -> None:
    assert fill_batch()
    raise Killed


def interrupt(database: Database) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(migrations, "fill", kill_after_one_batch)
        migrate(database)


def test_an_interrupted_backfill_goes_on_where_it_was(later: Later) -> None:
    database = later({"0002": COLUMN, "0003": ONCE})
    interrupt(database)
    assert revision_of(database) == "0002"
    [filling] = backfills_in(database)
    assert (filling.revision, filling.table, filling.filled, filling.expected) == ("0003", "alarm", 2, 5)
    assert filling.began_at <= filling.moved_at
    interrupt(database)
    assert times(database) == {"a": 1, "b": 1, "c": 1, "d": 1, "e": None}

    assert migrate(database) == Migrated(("0003",))
    assert times(database) == dict.fromkeys("abcde", 1)
    assert backfills_in(database) == ()


def test_status_tells_how_far_a_backfill_has_come(later: Later, tmp_path: Path, database_url: str) -> None:
    database = later({"0002": COLUMN, "0003": ONCE})
    interrupt(database)
    config = configured(tmp_path / "desk", database=database_url)
    for needed in ("0001", "0003"):  # both kinds of program tell it: the one that can start already, and the one that cannot
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "NEEDED", needed)
            said = CliRunner().invoke(status_command, ["--config", str(config)]).output
        assert "OK        migration: 0003 has filled 2 of about 5 rows of alarm\n" in said


def test_keys_may_be_numbers(later: Later) -> None:
    fill = "Backfill('canary', 'slot', 'UPDATE canary SET returned_at = sent_at WHERE slot BETWEEN :first AND :last', batch=3)"
    database = later({"0002": f"BACKFILL = {fill}"})
    with database.writing() as connection:
        connection.execute(insert(canary), [{"slot": slot, "token": f"{slot}", "sent_at": NOW} for slot in (-4, 2, 30, 100)])
    assert migrate(database) == Migrated(("0002",))
    with database.reading() as connection:
        assert connection.execute(select(func.count(canary.c.returned_at))).scalar_one() == 4


def test_what_older_nodes_wrote_after_the_backfill_is_filled_before_the_schema_contracts(later: Later) -> None:
    database = later({"0002": COLUMN, "0003": ONCE, "0004": REST})
    assert migrate(database) == Migrated(("0002", "0003"), "0004")
    with database.writing() as connection:
        add_alarms(connection, "aa", "z")
    assert migrate(database, Contracting("0.2.0", NOW)) == Migrated(("0004",))
    assert times(database) == dict.fromkeys(["a", "aa", "b", "c", "d", "e", "z"], 1)


def test_both_databases_get_the_index(later: Later) -> None:
    database = later({"0002": INDEX})
    assert migrate(database) == Migrated(("0002",))
    assert "alarm_times" in indexes(database)
    assert schema_faults(database) == []


def test_an_empty_database_gets_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_migrations(tmp_path / "migrations", {"0002": COLUMN, "0003": ONCE, "0004": INDEX})
    for name, value in become(tmp_path / "migrations", "0004", "0001").items():
        monkeypatch.setattr(migrations, name, value)
    database = Database(f"sqlite:///{tmp_path}/new.db")
    assert migrate(database).applied == ("0001", "0002", "0003", "0004")
    assert "alarm_times" in indexes(database)
    database.close()


def indexes(database: Database) -> list[str]:
    with database.reading() as connection:
        return [str(index["name"]) for index in inspect(connection).get_indexes("alarm")]


on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time


@on_postgresql
def test_people_write_while_an_index_is_built_and_other_migrations_wait(
    later: Later, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index waits for a transaction that has begun before it, and nobody waits for the index."""
    database = later({"0002": INDEX})
    second, has_asked = Database(database_url), Event()

    @contextmanager
    def lock(name: int) -> Iterator[bool]:
        with Database.lock(second, name) as is_ours:
            has_asked.set()
            yield is_ours

    monkeypatch.setattr(second, "lock", lock)
    with ThreadPoolExecutor() as pool, psycopg.connect(database_url) as earlier, psycopg.connect(database_url) as later_writer:
        earlier.execute("UPDATE alarm SET kind = 'relay' WHERE name = 'a'")
        building = pool.submit(migrate, database)
        wait_for(lambda: is_building(database_url), "the index waits for the transaction before it")
        waiting = pool.submit(migrate, second)
        assert has_asked.wait(PATIENCE)
        later_writer.execute("SET lock_timeout = '5s'")
        later_writer.execute("UPDATE alarm SET kind = 'relay' WHERE name = 'b'")
        later_writer.commit()
        assert not building.done() and not waiting.done()
        earlier.commit()
        assert building.result() == Migrated(("0002",))
        assert waiting.result() == Migrated()
    second.close()
    assert schema_faults(database) == []


def is_building(url: str) -> bool:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'"
    with psycopg.connect(url) as connection:
        return connection.execute(asked).fetchone() == (1,)


@on_postgresql
def test_an_index_that_an_interruption_left_invalid_is_built_anew(later: Later, database_url: str) -> None:
    database = later({"0002": INDEX})
    with psycopg.connect(database_url) as earlier, psycopg.connect(database_url, autocommit=True) as builder:
        earlier.execute("UPDATE alarm SET kind = 'relay' WHERE name = 'a'")
        builder.execute("SET lock_timeout = '10ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            builder.execute("CREATE INDEX CONCURRENTLY alarm_times ON alarm (kind)")
        earlier.rollback()
        assert validity(builder) == (False,)
        assert migrate(database) == Migrated(("0002",))
        assert validity(builder) == (True,)


@on_postgresql
def test_an_index_that_was_built_before_the_interruption_is_kept(later: Later, database_url: str) -> None:
    database = later({"0002": INDEX})
    with psycopg.connect(database_url, autocommit=True) as builder:
        builder.execute("CREATE INDEX CONCURRENTLY alarm_times ON alarm (kind, text) WHERE told_at IS NOT NULL")
        before = builder.execute("SELECT to_regclass('alarm_times')::oid").fetchone()
        assert migrate(database) == Migrated(("0002",))
        assert builder.execute("SELECT to_regclass('alarm_times')::oid").fetchone() == before


def validity(connection: psycopg.Connection) -> object:
    return connection.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('alarm_times')").fetchone()


@on_postgresql
def test_rows_with_the_same_key_are_named_and_the_next_run_builds_the_index(later: Later) -> None:
    database = later({"0002": UNIQUE})
    for _ in range(2):
        with pytest.raises(DoubledKey, match="the index alarm_once of alarm cannot be built: .* remove one of the rows"):
            migrate(database)
    assert revision_of(database) == "0001"
    with database.writing() as connection:
        connection.execute(text("UPDATE alarm SET text = name"))
    assert migrate(database) == Migrated(("0002",))
