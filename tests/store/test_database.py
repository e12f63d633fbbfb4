"""Transactions hold, and what goes wrong with a database has one of three names."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Table, insert, select, text, update
from support.desk.outcomes import LEASE, NOW, blob_store, opening, raw_mail, stored_and_claimed
from support.servers.databases import PostgresqlServer

from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobDamaged
from helpdesk.store.database import Database, DatabaseAway, ProcessRole, StaleTicket, Unstorable
from helpdesk.store.inbound import find_inbound, pending_count, store_raw
from helpdesk.store.mail_claims import claim_mail
from helpdesk.store.migrate import is_current, migrate
from helpdesk.store.record import record_all
from helpdesk.store.schema import account, related, staff
from helpdesk.store.timers import due_timers

SHORT = timedelta(milliseconds=50)


def test_a_write_is_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(insert(account).values(id="acme", plan="free"))
        raise RuntimeError
    with database.reading() as connection:
        assert connection.execute(select(account)).all() == []


def test_readers_who_then_write_lose_no_update(open_database: Callable[[], Database]) -> None:
    """Several nodes read a number and write it back increased: each increase counts."""
    nodes = [open_database() for _ in range(4)]
    with nodes[0].writing() as connection:
        connection.execute(insert(account).values(id="count", plan="0"))
    together = threading.Barrier(len(nodes))

    def work(node: Database) -> None:
        together.wait()
        for _ in range(20):
            with node.writing() as connection:
                row = connection.execute(select(account.c.plan).with_for_update()).scalar_one()
                connection.execute(update(account).values(plan=str(int(row) + 1)))

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(work, nodes))
    with nodes[0].reading() as connection:
        assert connection.execute(select(account.c.plan)).scalar() == "80"


def test_a_write_that_reads_first_is_not_overtaken_by_another_program(sqlite_url: str) -> None:
    """A platform with a driver of its own knows nothing of the gateway's queue of writers: only the lock of SQLite keeps it out."""
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    with database.writing() as connection:
        assert connection.execute(select(account)).all() == []
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO account (id, plan) VALUES ('acme', 'free')")
        connection.execute(insert(account).values(id="acme", plan="business"))
    other.close()
    database.close()


def test_a_reader_does_not_wait_for_a_writer(open_database: Callable[[], Database]) -> None:
    one, other = open_database(), open_database()
    with one.writing() as connection:
        connection.execute(insert(account).values(id="acme", plan="free"))
        with other.reading() as reader:
            assert reader.execute(select(account)).all() == []


def test_sqlite_is_set_up_to_keep_what_it_acknowledged(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.reading() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in PRAGMAS}
    assert found == PRAGMAS
    database.close()


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "journal_size_limit": 67108864}


def test_a_relative_path_gets_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite:///var/deep/desk.db")
    assert database.is_sqlite
    migrate(database)
    assert (tmp_path / "var/deep/desk.db").exists()
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database(url)


def test_a_taken_key_is_a_lost_race(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(StaleTicket), database.writing() as connection:
            connection.execute(insert(account).values([{"id": "acme", "plan": "free"}] * 2))


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (staff, {"address": "a@x", "name": None, "role": "agent", "queues": [], "active": True}),
        (related, {"ticket_id": 1, "other_id": 2}),
        (related, {"ticket_id": 2**70, "other_id": 2}),
    ],
)
def test_what_no_database_can_hold_is_nobody_elses_fault(database: Database, table: Table, row: dict[str, object]) -> None:
    with pytest.raises(Unstorable), database.writing() as connection:
        connection.execute(insert(table), [row])


def test_a_locked_file_is_a_database_that_is_away(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url, busy_timeout=SHORT)
    blocker = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseAway, match="locked"):
        store_raw(database, blob_store(tmp_path), 1024, [raw_mail()], NOW)
    with database.reading() as connection:
        assert pending_count(connection) == 0
    blocker.execute("ROLLBACK")
    assert len(store_raw(database, blob_store(tmp_path), 1024, [raw_mail()], NOW)) == 1
    blocker.close()
    database.close()


def test_a_thread_that_writes_for_too_long_keeps_others_waiting_only_so_long(sqlite_url: str) -> None:
    database = Database(sqlite_url, busy_timeout=SHORT)
    with database.writing(), ThreadPoolExecutor(1) as pool:
        fault = pool.submit(lambda: database.writing().__enter__()).exception()
    assert isinstance(fault, DatabaseAway)
    with database.writing() as connection:
        connection.execute(insert(account).values(id="acme", plan="free"))
    database.close()


def test_a_read_only_file_is_a_database_that_is_away(sqlite_url: str, tmp_path: Path) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert is_current(database)
    with pytest.raises(DatabaseAway, match="readonly"):
        store_raw(database, blob_store(tmp_path), 1024, [raw_mail()], NOW)
    database.close()


def test_a_file_that_is_no_database_is_away(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"not a database" * 100)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    with pytest.raises(DatabaseAway, match="not a database"):
        migrate(database)
    database.close()


def test_a_missing_schema_is_away(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    with pytest.raises(DatabaseAway, match="no such table"):
        store_raw(database, blob_store(tmp_path), 1024, [raw_mail()], NOW)
    database.close()


def test_a_stopped_postgresql_is_away_and_comes_back(
    postgresql_server: PostgresqlServer, postgresql_url: str, tmp_path: Path
) -> None:
    database = Database(postgresql_url)
    blobs = blob_store(tmp_path)
    [claimed] = stored_and_claimed(database, blobs)
    postgresql_server.stop()
    try:
        for work in (
            lambda: store_raw(database, blobs, 1024, [raw_mail()], NOW),
            lambda: claim_mail(database, blobs, NOW, limit=1, lease=LEASE, max_bytes=1),
            lambda: record_all(database, [opening(claimed)]),
            lambda: is_current(database),
        ):
            with pytest.raises(DatabaseAway) as fault:
                work()
            assert "\n" not in str(fault.value)
    finally:
        postgresql_server.start()
    assert record_all(database, [opening(claimed)]) == []
    with database.reading() as connection:
        assert find_inbound(connection, str(claimed.id))[0].state == "opened"
    database.close()


def test_a_postgresql_that_was_restarted_meanwhile_is_not_noticed(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    database = Database(postgresql_url)
    assert is_current(database)
    postgresql_server.stop()
    postgresql_server.start()
    assert is_current(database)
    database.close()


def test_a_connection_cut_in_the_middle_is_away_and_leaves_nothing(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    database = Database(postgresql_url)
    with pytest.raises(DatabaseAway), database.writing() as connection:
        connection.execute(insert(account).values(id="acme", plan="free"))
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(%s, 5000)", [own])
    with database.reading() as connection:
        assert connection.execute(select(account)).all() == []
    database.close()


def test_all_connections_taken_is_a_database_that_is_away(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.store.database.POOL_TIMEOUT", SHORT)
    database = Database(postgresql_url, role=ProcessRole("one", 1, 0))
    with database.reading():
        with pytest.raises(DatabaseAway, match="no connection"), database.reading():
            pass
        with pytest.raises(DatabaseAway, match="no connection"), database.writing():
            pass
    database.close()


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Unstorable, match="time zone"), database.reading() as connection:
        due_timers(connection, NOW.replace(tzinfo=None), 1)


def test_a_blob_is_kept_once_under_its_own_hash(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path / "deep" / "blobs")
    name = blobs.put(b"content")
    assert blobs.put(b"content") == name
    assert blobs.get(name) == b"content"
    [path] = [path for path in (tmp_path / "deep").rglob("*") if path.is_file()]
    assert path.name == name
    path.write_bytes(b"contenT")
    with pytest.raises(BlobDamaged):
        blobs.get(name)
    with pytest.raises(FileNotFoundError):
        blobs.get("0" * 64)


def test_a_blob_is_on_the_disk_before_its_name_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails to sync gives no name, and leaves no file that looks whole."""
    blobs = BlobFolder(tmp_path)

    def failing(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        blobs.put(b"content")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    blobs.put(b"content")
    assert len(synced) >= 2  # the file, and the folder that names it
    synced.clear()
    blobs.put(b"content")
    assert len(synced) == 1  # the folder again: who put the file may have died before he synced it


def test_the_folders_above_a_new_blob_are_on_the_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    folder = tmp_path / "var" / "blobs"
    name = BlobFolder(folder).put(b"content")
    assert {tmp_path, tmp_path / "var", folder, folder / name[:2]} <= set(synced)


def test_what_a_dead_writer_left_is_swept(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path)
    name = blobs.put(b"content")
    leftover = tmp_path / name[:2] / f"{name}.00ff.tmp"
    leftover.write_bytes(b"cont")
    assert blobs.sweep(older_than=leftover.stat().st_mtime) == 0
    assert blobs.sweep(older_than=leftover.stat().st_mtime + 1) == 1
    assert not leftover.exists()
    assert blobs.get(name) == b"content"
