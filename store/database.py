"""Connections and transactions for SQLite and PostgreSQL. Faults of both drivers become one of three exceptions."""

import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from select import POLLIN, poll
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError as GeneralError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from helpdesk.config.private_files import make_folder
from helpdesk.store.customer_side import RIGHTS as CUSTOMERS
from helpdesk.store.database_file import DatabaseFile, FileGone
from helpdesk.store.directory_side import RIGHTS as DIRECTORY
from helpdesk.store.form_side import RIGHTS as FORM
from helpdesk.store.notify import Wake, forget_wakes, send_wakes
from helpdesk.store.pause import pause
from helpdesk.store.rights import Rights
from helpdesk.store.schema import json_text
from helpdesk.store.write_turn import BusyTooLong, WriteTurn

AnyRow = Row[*tuple[Any, ...]]
LONG_LOG = 1000  # pages of 4 KiB
POOL_TIMEOUT = timedelta(seconds=10)
BUSY_TIMEOUT = timedelta(seconds=5)
LONGEST_LOG = 64 * 1024 * 1024  # bytes of SQLite's write-ahead log (WAL) that stay on the disk after a checkpoint
POOLED = "helpdesk_pooled"
UNIQUE_BROKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
RACES = 5  # that one transaction may lose in succession
RACE_LOST = ("40001", "40P01")  # serialization failure, deadlock
LIMIT_OF_THE_DATABASE = "54"  # SQLSTATE class "program limit exceeded": this row is too large, others are not
STATEMENT_TIMEOUT = timedelta(seconds=60)
LOCK_TIMEOUT = timedelta(seconds=10)
# A node that is suspended in a transaction must not keep its row locks for ever.
IDLE_IN_TRANSACTION = timedelta(seconds=60)
# The reply 250 promises durable storage. `off` answers a commit before it is on the server's disk. The other values all wait for that disk;
# they differ in what they ask of standby servers, which is for the administrator of the servers to say.
DURABLE = "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END"
WEAK_SETTINGS = {  # of PostgreSQL: the value that is too weak, and what it means
    "synchronous_commit": (
        "off",
        "synchronous_commit is off for this role, database or server; the gateway sets it to on in its own sessions",
    ),
    "fsync": (
        "off",
        "fsync is off: when the power fails, acknowledged mail is lost and the database may be damaged; set fsync = on",
    ),
    "full_page_writes": (
        "off",
        "full_page_writes is off: when the power fails, the database may be damaged; set full_page_writes = on",
    ),
}

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


class DatabaseFileGone(DiskFault):
    """The file of the database was removed, emptied, moved away or replaced. Nothing that was written since then counts as stored."""


class StaleTicket(Exception):
    """Another node was faster: the ticket has changed, or the effect exists already. Look up and decide again."""


class LostRace(StaleTicket):
    """A deadlock or a serialization failure: nothing was written, and the same transaction may succeed when it is repeated."""


class CannotListen(Exception):
    """This database sends no notifications to this process."""


class Unstorable(Exception):
    """The database refuses these rows permanently, because of what they contain."""


P = ParamSpec("P")
Result = TypeVar("Result")


def repeats_lost_races(function: Callable[P, Result]) -> Callable[P, Result]:
    """Repeat a function whose only transaction was the loser of a deadlock or could not be serialized.

    For functions whose callers do not look up and decide again when they meet StaleTicket. The last LostRace is raised on.
    """

    @wraps(function)
    def repeated(*arguments: P.args, **named: P.kwargs) -> Result:
        for _ in range(RACES - 1):
            with suppress(LostRace):
                return function(*arguments, **named)
        return function(*arguments, **named)

    return repeated


@dataclass(frozen=True, slots=True)
class ProcessRole:
    """What a kind of process needs of the database. PostgreSQL shows its connections as `helpdesk NAME`.

    A process keeps `kept` connections open and opens up to `more` for a moment. `is_limited`: a statement that takes too long is
    cancelled. `checkpoint_after` is the number of pages (4 KiB) in SQLite's write-ahead log after which a commit of this process also
    copies them into the database file; 0 leaves that to the others. Only if `may_create`, SQLite's file is made where it is missing: a
    process that finds no file in the midst of the work must not begin an empty desk. Where there are `rights`, only what they name can be
    read and written.
    """

    name: str
    kept: int
    more: int
    is_limited: bool = True
    checkpoint_after: int = 8192
    may_create: bool = False
    rights: Rights | None = None

    @property
    def is_customer_side(self) -> bool:
        """Whether the process serves what customers and their platform reach."""
        return self.rights is not None


NODE = ProcessRole("node", 5, 10, may_create=True)  # everything in one process
DOOR = ProcessRole("door", 2, 8, checkpoint_after=0)  # a sender that waits for its 250 does not wait for a checkpoint
WORKER = ProcessRole("worker", 2, 2)
SENDER = ProcessRole("sender", 2, 3)
HOUSEKEEPER = ProcessRole("housekeeper", 1, 2)
MONITOR = ProcessRole("monitor", 1, 1, checkpoint_after=0)
HTTP = ProcessRole("http", 4, 36, checkpoint_after=0, rights=CUSTOMERS)  # a connection for each of its 40 threads
HTTP_DIRECTORY = ProcessRole("http-directory", 1, 7, checkpoint_after=0, rights=DIRECTORY)
HTTP_FORM = ProcessRole("http-form", 1, 3, checkpoint_after=0, rights=FORM)
OPERATOR = ProcessRole("operator", 1, 8, checkpoint_after=0)
COMMAND = ProcessRole("command", 1, 4, is_limited=False, checkpoint_after=1000)  # SQLite's own number
MIGRATION = ProcessRole("migration", 1, 4, is_limited=False, checkpoint_after=1000, may_create=True)


class Database:
    """One database and its connections. Threads may share an instance; each process opens its own.

    `url` is `sqlite:///PATH` (a file, whose folder is created) or `postgresql://…`. No connection is opened before the first use.
    On SQLite a writer waits up to `busy_timeout` for the writers before it. On PostgreSQL a statement may take `statement_timeout`,
    if the role is limited. `act_as` names a role of PostgreSQL whose rights all sessions have instead of those of the login. A pooler in transaction mode, such as PgBouncer, is noticed: then nothing is left in a session.
    """

    def __init__(
        self,
        url: str,
        *,
        role: ProcessRole = NODE,
        busy_timeout: timedelta = BUSY_TIMEOUT,
        statement_timeout: timedelta = STATEMENT_TIMEOUT,
        act_as: str = "",
    ) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self._role = role
        self._act_as = act_as
        self._statement_timeout = statement_timeout if role.is_limited else timedelta(0)
        self._busy_timeout = busy_timeout
        self._write_turn: WriteTurn | None = None
        self._file: DatabaseFile | None = None
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

        Raises DatabaseAway, StaleTicket (a unique key was taken, a deadlock) or Unstorable. DatabaseFileGone may be raised after the commit.
        """
        with _faults_translated(), self._turn(), self._writers.connect() as connection, self._committing(connection):
            yield connection

    @contextmanager
    def writing_staged(self, stage: Callable[[Connection], None]) -> Iterator[Connection]:
        """A transaction that writes, as `writing` does, after `stage` has filled temporary tables of the same connection.

        For SQLite alone. Others write meanwhile, because temporary tables lie in memory and nobody else sees them. They are gone afterwards.
        """
        with _faults_translated(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA temp_store=MEMORY").close()
            try:
                with connection.begin():
                    stage(connection)
                with self._turn(), self._committing(connection.execution_options(writes=True)):
                    yield connection
            finally:
                raw.execute("PRAGMA temp_store=DEFAULT").close()  # drops the temporary tables

    @contextmanager
    def _committing(self, connection: Connection) -> Iterator[None]:
        forget_wakes(connection)
        self._check_file(wrote=False)
        with connection.begin():
            yield
        self._check_file(wrote=True)  # what was committed into a file without a name is lost, so it is not acknowledged
        send_wakes(connection)

    @property
    def name(self) -> str:
        """The database for people, without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @contextmanager
    def one_moment(self) -> Iterator[Connection]:
        """A transaction on PostgreSQL in which all statements see one moment, and which may wait for other programs."""
        connect = self._engine.connect().execution_options(isolation_level="REPEATABLE READ")
        with _faults_translated(), connect as connection, connection.begin():
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return self._file.path if self._file is not None else None

    @property
    def is_missing(self) -> bool:
        """Whether SQLite's file is not there, or empty."""
        return self._file is not None and self._file.is_empty

    def _check_file(self, *, wrote: bool) -> None:
        if self._file is None:
            return
        try:
            self._file.check(wrote=wrote)
        except FileGone as fault:
            raise DatabaseFileGone(str(fault)) from None

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

    def durability_faults(self) -> list[str]:
        """A sentence for each setting of the database that is weaker than what the reply 250 promises. Raises DatabaseAway."""
        with self.reading() as connection:
            if self.is_sqlite:
                mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
                return (
                    [] if mode == "wal" else [f"journal_mode is {mode}, not wal: the folder of the database cannot hold its log"]
                )
            statement = text("SELECT name, reset_val FROM pg_settings")
            found = {row.name: row.reset_val for row in connection.execute(statement)}
        return [sentence for name, (weak, sentence) in WEAK_SETTINGS.items() if found.get(name) == weak]

    def moments(self, count: int) -> Iterator[datetime]:
        """Ask the clock of PostgreSQL `count` times, one round trip for each moment. Raises DatabaseAway."""
        with self.reading() as connection:
            for _ in range(count):
                yield connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()

    def notifications(self, wakes: Sequence[Wake], stop: int) -> Generator[Wake, None, None]:
        """Yield each notification of other processes as it comes, until the descriptor `stop` can be read.

        The first ones, one for each kind, say that from now on nothing is missed. Raises DatabaseAway, or CannotListen on SQLite and
        behind a pooler, where a session does not belong to one client.
        """
        if self.is_sqlite:
            raise CannotListen("SQLite has no notifications")
        with _faults_translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.info.get(POOLED):
                raise CannotListen("notifications do not pass through a pooler in transaction mode")
            for wake in wakes:
                connection.exec_driver_sql(f"LISTEN {wake}")
            raw: Any = connection.connection.driver_connection
            connection.detach()
            yield from wakes
            waiting = poll()
            for descriptor in (raw.fileno(), stop):
                waiting.register(descriptor, POLLIN)
            while stop not in dict(waiting.poll()):
                yield from _arrived(raw)

    def checkpoint(self) -> int:
        """Copy what SQLite's write-ahead log holds into the database file. Return how many pages of the log are left. Raises DatabaseAway.

        Writers go on meanwhile. Only if the log is long, the last pages are copied while no writer has the turn: the log begins anew
        only after a moment in which all of it has been copied. On PostgreSQL nothing is done.
        """
        if not self.is_sqlite:
            return 0
        pages, copied = self._copy_log()
        if pages < LONG_LOG:
            return pages - copied
        with self._turn():
            pages, copied = self._copy_log()
        return pages - copied

    def _copy_log(self) -> tuple[int, int]:
        """Run a passive checkpoint, which waits for nobody. Return how many pages the log has, and how many of them are copied."""
        with _faults_translated(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            _, pages, copied = raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return int(pages), int(copied)

    def wipe_log(self) -> bool:
        """Copy all of SQLite's write-ahead log into the file and cut it off, so that no deleted row stays in it. Return False where a reader
        kept it from that. On PostgreSQL nothing is done. Raises DatabaseAway.
        """
        if not self.is_sqlite:
            return True
        with _faults_translated(), self._turn(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def run_alone(self, statement: str) -> None:
        """Run a statement on PostgreSQL that allows no transaction around it, and that may wait for others. Raises DatabaseAway or StaleTicket."""
        with _faults_translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.info.get(POOLED):
                connection.exec_driver_sql(statement)  # in a session with the settings of the server, which waits without a limit
                return
            connection.exec_driver_sql("SET lock_timeout = 0")
            try:
                connection.exec_driver_sql(statement)
            finally:
                connection.exec_driver_sql(self._session(for_one_transaction=False))

    @contextmanager
    def lock(self, name: int) -> Iterator[bool]:
        """Try to take an advisory lock of PostgreSQL, and hold it until the end. Yields whether nobody else has it. Raises DatabaseAway.

        The lock belongs to a transaction, because a pooler may give the next transaction another session. CREATE INDEX CONCURRENTLY waits
        for every transaction that holds a snapshot, so this transaction must hold none. A SELECT holds its snapshot until the next statement;
        for that reason a SET comes last.
        """
        with self.reading() as connection:
            is_ours = bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({name:d})").scalar())
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield is_ours

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
        if self._write_turn is not None:
            self._write_turn.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait on SQLite until the writers before this one have finished."""
        if self._write_turn is None:
            yield
            return
        try:
            with self._write_turn.taken(self._busy_timeout.total_seconds()):
                yield
        except BusyTooLong:
            raise DatabaseAway("the database is busy: another thread of this process is writing for too long") from None

    def _sqlite(self, address: URL) -> Engine:
        if not address.database or address.database == ":memory:":
            raise ValueError(f"database url {address}: SQLite needs a file, such as sqlite:///var/helpdesk.db")
        if not address.database.startswith("file:"):
            make_folder(Path(address.database).parent)
        self._write_turn = WriteTurn(_path_of(address.database))
        if not _is_only_opened(address.database):
            self._file = DatabaseFile(_path_of(address.database), may_create=self._role.may_create)
        engine = create_engine(
            address,
            pool_size=self._role.kept,
            max_overflow=self._role.more,
            pool_timeout=POOL_TIMEOUT.total_seconds(),
            json_serializer=json_text,
            connect_args={"timeout": self._busy_timeout.total_seconds()},
        )
        event.listen(engine, "do_connect", self._prepare_file)
        event.listen(engine, "connect", self._prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self, address: URL) -> Engine:
        if address.drivername == "postgres":
            address = address.set(drivername="postgresql")
        name = {} if "application_name" in address.query else {"application_name": f"helpdesk {self._role.name}"}
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=self._role.kept,
            max_overflow=self._role.more,
            pool_timeout=POOL_TIMEOUT.total_seconds(),
            pool_pre_ping=True,
            json_serializer=json_text,
            # The statements are written for READ COMMITTED. A role or a database may have another default.
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 5, "keepalives_idle": 15, "tcp_user_timeout": 15000} | name,
        )
        event.listen(engine, "connect", self._prepare_postgresql)
        event.listen(engine, "begin", self._begin_postgresql)
        return engine

    def _prepare_file(self, dialect: Any, record: Any, arguments: Any, parameters: Any) -> None:
        """Make the SQLite file with mode 0600, or say that it is gone. Its log and journal get the mode of the file."""
        if self._file is None:
            return
        try:
            self._file.before_opening()
        except FileGone as fault:
            raise sqlite3.OperationalError(str(fault)) from None
        except OSError:
            return  # SQLite reports the same fault when it opens the file

    def _prepare_sqlite(self, connection: sqlite3.Connection, record: Any) -> None:
        # Without this the driver begins a transaction only at the first change, and earlier reads are outside of it.
        connection.isolation_level = None
        mode = _enter_wal_mode(connection)
        if self._file is not None:
            self._file.opened(with_log=mode == "wal")
        # The reply 250 promises durable storage, hence FULL: in WAL mode, NORMAL may lose the last commits when the power fails.
        # journal_size_limit truncates a long log after a checkpoint.
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was deleted is overwritten; builds of SQLite differ in what they do without it
            f"journal_size_limit={LONGEST_LOG}",
            f"wal_autocheckpoint={self._role.checkpoint_after}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        if self._role.rights is not None:
            # A connection declares this table when it is first read, which looks to an authorizer like a change of the schema.
            connection.execute("SELECT value FROM json_each('[]')").close()
            connection.set_authorizer(self._role.rights.authorize)

    def _prepare_postgresql(self, connection: Any, record: Any) -> None:
        connection.execute("SET timezone = 'UTC'")
        # A pooler answers with a process id of its own. In transaction mode the next transaction may run in another session of the
        # server, which lacks the settings and prepared statements of this one.
        [backend] = connection.execute("SELECT pg_backend_pid()").fetchone()
        record.info[POOLED] = is_pooled = backend != connection.info.backend_pid
        if is_pooled:
            connection.prepare_threshold = None
        else:
            connection.execute(self._session(for_one_transaction=False))
            if self._act_as:
                connection.execute(f'SET ROLE "{self._act_as}"')
        connection.commit()

    def _begin_postgresql(self, connection: Connection) -> None:
        if connection.info.get(POOLED):
            connection.exec_driver_sql(self._session(for_one_transaction=True))
            if self._act_as:
                connection.exec_driver_sql(f'SET LOCAL ROLE "{self._act_as}"')

    def _session(self, *, for_one_transaction: bool) -> str:
        """One statement with all settings."""
        scope = "true" if for_one_transaction else "false"
        spans = {
            "statement_timeout": self._statement_timeout,
            "lock_timeout": LOCK_TIMEOUT,
            "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION,
        }
        limits = [f"set_config('{name}', '{span // timedelta(milliseconds=1)}', {scope})" for name, span in spans.items()]
        return f"SELECT {', '.join(limits)}, set_config('synchronous_commit', {DURABLE}, {scope})"


def _is_only_opened(name: str) -> bool:
    """Whether SQLite opens a file by this name and never makes it, because a URI says so."""
    query = name.partition("?")[2]
    return name.startswith("file:") and "mode=" in query and "mode=rwc" not in query


def _path_of(name: str) -> Path:
    """The file that SQLite opens by this name, which may be a URI."""
    return Path(unquote(name.removeprefix("file:").partition("?")[0]) if name.startswith("file:") else name)


def _enter_wal_mode(connection: sqlite3.Connection) -> str:
    """Switch to WAL mode, and wait while the file is locked. Return the mode that SQLite chose.

    When several connections open a new file at once, SQLite reports SQLITE_BUSY and ignores `busy_timeout`, because it does not wait
    for a lock that it wants to upgrade. So the waiting is done here.
    """
    [patience] = connection.execute("PRAGMA busy_timeout").fetchone()
    end = time.monotonic() + patience / 1000
    while True:
        try:
            [mode] = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return str(mode)
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            pause(0.01)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _arrived(raw: Any) -> Iterator[Wake]:
    """The notifications that have come on a connection of the driver. Raises DatabaseAway if the connection is lost."""
    try:
        raw.pgconn.consume_input()
    except Exception as fault:
        raise DatabaseAway(_first_line(fault)) from fault
    while (notification := raw.pgconn.notifies()) is not None:
        yield Wake(notification.relname.decode())


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
    if code in RACE_LOST:
        return LostRace(said)
    if code in UNIQUE_BROKEN:
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
