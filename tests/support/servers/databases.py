"""Databases for tests: a fresh one for each test, on SQLite and on a PostgreSQL server of our own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from helpdesk.store.database import Database
from helpdesk.store.migrate import HEAD, migrate
from helpdesk.store.schema import metadata

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ACCOUNT = "postgres"
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{folder}'
fsync = off
full_page_writes = off
autovacuum = off
max_connections = 200
shared_buffers = 32MB
logging_collector = off
deadlock_timeout = 200ms
"""


@dataclass
class PostgresqlServer:
    """A server on a socket in a temporary folder; nothing listens on the network."""

    folder: Path
    made: int = 0
    shared: str = ""  # one migrated database, emptied after each test

    def url(self, name: str) -> str:
        return f"postgresql://{ACCOUNT}@/{name}?host={self.folder}"

    def create(self) -> str:
        """A new, empty database's url."""
        self.made += 1
        name = f"desk{self.made}"
        self._execute("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def migrated(self) -> str:
        """The shared database's url. Whoever asks empties it afterwards."""
        if not self.shared:
            self.shared = self.create()
            database = Database(self.shared)
            migrate(database)
            database.close()
        return self.shared

    def empty(self) -> None:
        name = make_url(self.shared).database or ""
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        deletions = (f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
        reset = f"UPDATE alembic_version SET version_num = '{HEAD}'"
        self._execute(name, f"{others}'{name}'", *deletions, reset)

    def _execute(self, name: str, *statements: str) -> None:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def start(self) -> None:
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "start")

    def stop(self) -> None:
        _run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")


def _run(program: str, *arguments: str) -> None:
    """The server refuses to run as root, so that its programs run under its own account there."""
    user = ACCOUNT if os.geteuid() == 0 else None
    subprocess.run([PROGRAMS / program, *arguments], check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, timeout=60)


def _prepared_server() -> PostgresqlServer:
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT)
    _run("initdb", "-D", str(folder / "data"), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
    with (folder / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION.format(folder=folder))
    return PostgresqlServer(folder)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    if not (PROGRAMS / "initdb").exists():
        reason = f"PostgreSQL 15 is not installed ({PROGRAMS}/initdb is missing)"
        if os.environ.get("HELPDESK_REQUIRE_PEERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    server = _prepared_server()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the present schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "desk.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    yield postgresql_server.migrated()
    postgresql_server.empty()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The url of a fresh, migrated database; each test runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def open_database(database_url: str) -> Iterator[Callable[[], Database]]:
    """Opens the same database again, as another node would."""
    opened: list[Database] = []

    def opens() -> Database:
        opened.append(Database(database_url))
        return opened[-1]

    yield opens
    for handle in opened:
        handle.close()


@pytest.fixture
def database(open_database: Callable[[], Database]) -> Database:
    return open_database()
