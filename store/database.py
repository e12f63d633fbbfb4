"""Connections and transactions for SQLite and PostgreSQL. Faults of both drivers become one of three exceptions."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError as GeneralError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpdesk.config.private_files import ensure_file, make_folder
from helpdesk.store.schema import json_text

AnyRow = Row[*tuple[Any, ...]]
CONNECTIONS = 5
MORE_CONNECTIONS = 10
POOL_TIMEOUT = timedelta(seconds=10)
BUSY_TIMEOUT = timedelta(seconds=5)
LONGEST_LOG = 64 * 1024 * 1024  # bytes of SQLite's write-ahead log (WAL) that stay on the disk after a checkpoint
UNIQUE_BROKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
RACE_LOST = ("40001", "40P01")  # serialization failure, deadlock
LIMIT_OF_THE_DATABASE = "54"  # SQLSTATE class "program limit exceeded": this row is too large, others are not
POSTGRESQL_SESSION = (
    # A node that is suspended in a transaction must not keep its row locks for ever.
    "SET idle_in_transaction_session_timeout = '60s'",
    "SET lock_timeout = '10s'",
    "SET timezone = 'UTC'",
)


DISK_AT_FAULT = (
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "53100",
    "58030",
)  # 53100 is disk_full and 58030 is io_error on PostgreSQL


class DatabaseAway(Exception):
    """The database cannot be reached or written now, or it did not answer in time. The same work may succeed later."""


class DiskFault(DatabaseAway):
    """The database can be reached, but its disk is full, cannot be written, or lost written data."""


class StaleTicket(Exception):
    """Another node was faster: the ticket has changed, or the effect exists already. Look up and decide again."""


class Unstorable(Exception):
    """The database refuses these rows permanently, because of what they contain."""


class Database:
    """One database and its connections. Threads may share an instance; each process opens its own.

    `url` is `sqlite:///PATH` (a file, whose folder is created) or `postgresql://…`. No connection is opened before the first use.
    On SQLite a writer waits up to `busy_timeout` for the writers before it.
    """

    def __init__(self, url: str, *, busy_timeout: timedelta = BUSY_TIMEOUT) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._busy_timeout = busy_timeout
        self._one_writer = threading.Lock()
        self._engine = self._sqlite(address) if self.is_sqlite else self._postgresql(address)
        self._writers = self._engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads. On SQLite it sees one snapshot of the database."""
        with _faults_translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes. It is committed at the end, and rolled back by any exception.

        Raises DatabaseAway, StaleTicket (a unique key was taken, a deadlock) or Unstorable.
        """
        with _faults_translated(), self._turn(), self._writers.begin() as connection:
            yield connection

    def probe(self) -> None:
        """Check that the database can be written durably. Raises DatabaseAway.

        On SQLite this changes `user_version`, which is not used otherwise. On PostgreSQL it assigns a transaction id.
        """
        with self.writing() as connection:
            if self.is_sqlite:
                [present] = connection.exec_driver_sql("PRAGMA user_version").one()
                connection.exec_driver_sql(f"PRAGMA user_version = {1 - int(present)}")
            else:
                connection.exec_driver_sql("SELECT pg_current_xact_id()")

    def moments(self, count: int) -> Iterator[datetime]:
        """Ask the clock of PostgreSQL `count` times, one round trip for each moment. Raises DatabaseAway."""
        with self.reading() as connection:
            for _ in range(count):
                yield connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()

    def damage(self, within: timedelta) -> str:
        """Return what SQLite's `quick_check` finds wrong with the file, in one line. Raises DatabaseAway.

        Returns "" if the check finds nothing, or does not end within `within`. Returns "" for PostgreSQL, which checks itself.
        """
        if not self.is_sqlite:
            return ""
        end = time.monotonic() + within.total_seconds()
        with _faults_translated(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.set_progress_handler(lambda: time.monotonic() > end, 10_000)
            try:
                found = [str(row[0]) for row in raw.execute("PRAGMA quick_check(1)")]
            except sqlite3.DatabaseError as fault:
                found = ["ok"] if fault.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else [str(fault)]
            finally:
                raw.set_progress_handler(None, 0)
        return "" if found == ["ok"] else " ".join(" ".join(found).split())

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one thread write at a time on SQLite. Waiting threads block on a lock instead of polling the file."""
        if not self.is_sqlite:
            yield
            return
        if not self._one_writer.acquire(timeout=self._busy_timeout.total_seconds()):
            raise DatabaseAway("the database is busy: another thread of this process is writing for too long")
        try:
            yield
        finally:
            self._one_writer.release()

    def _sqlite(self, address: URL) -> Engine:
        if not address.database or address.database == ":memory:":
            raise ValueError(f"database url {address}: SQLite needs a file, such as sqlite:///var/helpdesk.db")
        if not address.database.startswith("file:"):
            make_folder(Path(address.database).parent)
        engine = create_engine(
            address,
            pool_size=CONNECTIONS,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=POOL_TIMEOUT.total_seconds(),
            json_serializer=json_text,
            connect_args={"timeout": self._busy_timeout.total_seconds()},
        )
        event.listen(engine, "do_connect", _ensure_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self, address: URL) -> Engine:
        if address.drivername == "postgres":
            address = address.set(drivername="postgresql")
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=CONNECTIONS,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=POOL_TIMEOUT.total_seconds(),
            pool_pre_ping=True,
            json_serializer=json_text,
            connect_args={"connect_timeout": 5, "keepalives_idle": 15, "tcp_user_timeout": 15000},
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine


def _ensure_private(dialect: Any, record: Any, arguments: Any, parameters: Any) -> None:
    """Create the SQLite file with mode 0600 before SQLite creates it by the umask. Its log and journal get the mode of the file."""
    name = str(arguments[0])
    file, _, query = name.removeprefix("file:").partition("?")
    if name.startswith("file:") and "mode=" in query and "mode=rwc" not in query:
        return
    with suppress(OSError):  # SQLite reports the same fault when it opens the file
        ensure_file(unquote(file) if name.startswith("file:") else name)


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # Without this the driver begins a transaction only at the first change, and earlier reads are outside of it.
    connection.isolation_level = None
    _enter_wal_mode(connection)
    # The reply 250 promises durable storage, hence FULL: in WAL mode, NORMAL may lose the last commits when the power fails.
    # journal_size_limit truncates a long log after a checkpoint.
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"journal_size_limit={LONGEST_LOG}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _enter_wal_mode(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode, and wait while the file is locked.

    When several connections open a new file at once, SQLite reports SQLITE_BUSY and ignores `busy_timeout`, because it does not wait
    for a lock that it wants to upgrade. So the waiting is done here.
    """
    [patience] = connection.execute("PRAGMA busy_timeout").fetchone()
    end = time.monotonic() + patience / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, record: Any) -> None:
    for statement in POSTGRESQL_SESSION:
        connection.execute(statement)
    connection.commit()


@contextmanager
def _faults_translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OverflowError) as error:
        raise fault_of(error) from error


def fault_of(error: Exception) -> DatabaseAway | StaleTicket | Unstorable:
    """Translate a fault of the driver. The text of the result is one line and does not contain the connection URL."""
    if isinstance(error, PoolTimeout):
        return DatabaseAway("no connection to the database became free in time")
    if not isinstance(error, DBAPIError):
        return Unstorable(_first_line(error.__cause__ or error))
    code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or "")
    said = _first_line(error.orig)
    if code.startswith(DISK_AT_FAULT):
        return DiskFault(said)
    if code in UNIQUE_BROKEN or code in RACE_LOST:
        return StaleTicket(said)
    return DatabaseAway(said) if _is_away(error, code) else Unstorable(said)


def _is_away(error: DBAPIError, code: str) -> bool:
    if error.connection_invalidated:
        return True
    if isinstance(error, IntegrityError) or code.startswith(LIMIT_OF_THE_DATABASE):
        return False
    # The SQLite driver raises a plain DatabaseError for a damaged file and for a file that is not a database.
    return isinstance(error, OperationalError | InterfaceError | InternalError) or type(error) is GeneralError


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
