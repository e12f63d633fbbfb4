"""A rolling upgrade: expanding migrations leave older nodes their schema, and contracting ones wait until none is left."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from support.desk.outcomes import NOW
from support.servers.releases import become, write_migrations

from helpdesk.store import migrate as migrations
from helpdesk.store.condition import beat
from helpdesk.store.database import Database
from helpdesk.store.migrate import Contracting, LockTaken, Migrated, OlderNodes, UnknownSchema, is_current, migrate, schema_faults
from helpdesk.threading.reporting.condition import Heartbeat

LATER = {  # what later releases may do: add a column, fill it, take away what was there, and go on
    "0002": "def upgrade(): op.add_column('hold', sa.Column('why', sa.Text()))",
    "0003": "BACKFILL = Backfill('hold', 'id', 'UPDATE hold SET why = reason WHERE id BETWEEN :first AND :last')",
    "0004": "CONTRACTS = True\ndef upgrade(): op.execute('DELETE FROM hold')",
    "0005": "def upgrade(): op.add_column('hold', sa.Column('who', sa.Text()))",
}


def is_of(monkeypatch: pytest.MonkeyPatch, scripts: Path, head: str, needed: str) -> None:
    """From now on this is the program whose newest migration is `head`, and which works from `needed` on."""
    folder = scripts / head
    if not folder.exists():
        write_migrations(folder, {number: says for number, says in LATER.items() if number <= head})
    for name, value in become(folder, head, needed).items():
        monkeypatch.setattr(migrations, name, value)


def node(database: Database, version: str, minutes_ago: float) -> None:
    moment = NOW - timedelta(minutes=minutes_ago)
    beat(database, Heartbeat("node1:7", "node1", version, "f" * 64, moment, moment))


@pytest.fixture
def opener(open_database: Callable[[], Database]) -> Iterator[Callable[[], Database]]:
    """Opens the database of the first release; a server, which other tests share, has it again afterwards."""
    yield open_database
    database = open_database()
    if not database.is_sqlite:
        with database.writing() as connection:
            for column in ("why", "who"):
                connection.execute(text(f"ALTER TABLE hold DROP COLUMN IF EXISTS {column}"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def test_versions_follow_each_other_on_one_database(
    opener: Callable[[], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opener()

    def program(head: str, needed: str) -> None:
        is_of(monkeypatch, tmp_path, head, needed)

    program("0003", "0003")  # the next release expands, while nodes of the first one run
    assert not is_current(database)
    node(database, "0.1.0", minutes_ago=1)
    assert migrate(database) == Migrated(("0002", "0003"))
    assert is_current(database) and migrate(database) == Migrated()
    program("0001", "0001")
    assert is_current(database) and migrate(database) == Migrated() and schema_faults(database) == []

    program("0004", "0003")  # the release after it takes away what the first one used
    assert is_current(database)
    assert migrate(database) == Migrated((), "0004")
    with pytest.raises(OlderNodes, match=r"within ten minutes: node1:7 \(0\.1\.0\); stop them first"):
        migrate(database, Contracting("0.3.0", NOW))
    node(database, "0.1.0", minutes_ago=11)
    node(database, "0.3.0", minutes_ago=0)
    assert migrate(database, Contracting("0.3.0", NOW)) == Migrated(("0004",))
    for head, works in (("0001", False), ("0003", False), ("0004", True)):
        program(head, min(head, "0003"))
        assert is_current(database) is works
        if not works:
            with pytest.raises(UnknownSchema, match="has schema 0004, which this program does not know"):
                migrate(database)


def test_whoever_skips_a_version_that_contracts_stops_all_nodes(
    opener: Callable[[], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = opener()
    is_of(monkeypatch, tmp_path, "0005", "0005")
    with pytest.raises(
        UnknownSchema, match="0004 takes away what older nodes use: stop them, then run: helpdesk migrate --contract"
    ):
        migrate(database)
    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
    assert migrate(database, Contracting("0.5.0", NOW)) == Migrated(("0002", "0003", "0004", "0005"))
    assert is_current(database)


def test_an_empty_database_gets_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_of(monkeypatch, tmp_path / "scripts", "0005", "0005")
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    assert migrate(database).applied == ("0001", "0002", "0003", "0004", "0005")
    database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_a_migration_gives_way_and_comes_back(
    opener: Callable[[], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody holds a lock for longer than it may wait, others who come after it are not stopped."""
    database, other = opener(), opener()
    is_of(monkeypatch, tmp_path, "0002", "0002")
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrations, "LOCK_PAUSE", 0.0)
    monkeypatch.setattr(migrations, "LOCK_TRIES", 2)
    with other.writing() as connection:
        connection.execute(text("LOCK TABLE hold IN ACCESS SHARE MODE"))
        with pytest.raises(LockTaken, match="a migration waited 20ms for a lock"):
            migrate(database)
    assert migrate(database) == Migrated(("0002",))
