"""Sessions have the settings that the promises need, directly and behind a pooler; each process keeps few connections."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, make_url, select, text, update
from support.desk.outcomes import LEASE, NOW, blob_store, opening, raw_mail
from support.servers.databases import PostgresqlServer
from support.servers.peers import PATIENCE, wait_for
from support.servers.pgbouncer import pgbouncer

from helpdesk.gateway.listener import Listener
from helpdesk.store.database import (
    COMMAND,
    DOOR,
    HOUSEKEEPER,
    NODE,
    SENDER,
    WORKER,
    CannotListen,
    Database,
    DatabaseAway,
    LostRace,
    repeats_lost_races,
)
from helpdesk.store.inbound import store_raw
from helpdesk.store.mail_claims import claim_mail
from helpdesk.store.notify import Wake, notify
from helpdesk.store.outbox import SendOutcome, claim_letters, settle_all
from helpdesk.store.record import record_all
from helpdesk.store.schema import account, inbound, outbox
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition

ROLES = (NODE, DOOR, WORKER, SENDER, HOUSEKEEPER, COMMAND)
SETTINGS = {
    "statement_timeout": "1min",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "1min",
    "synchronous_commit": "on",
    "transaction_isolation": "read committed",
    "TimeZone": "UTC",
}
MAILS = 40


@pytest.fixture
def pooled_url(postgresql_server: PostgresqlServer, postgresql_url: str) -> Iterator[str]:
    with pgbouncer(postgresql_server, postgresql_url, sessions=2) as url:
        yield url


@pytest.fixture
def weak_defaults(postgresql_server: PostgresqlServer, postgresql_url: str) -> Iterator[None]:
    """What an administrator may have set for the whole database."""
    name = make_url(postgresql_url).database
    defaults = {"synchronous_commit": "off", "default_transaction_isolation": "serializable", "timezone": "Asia/Tokyo"}
    with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as administrator:
        for setting, value in defaults.items():
            administrator.execute(f"ALTER DATABASE \"{name}\" SET {setting} = '{value}'".encode())
        yield
        administrator.execute(f'ALTER DATABASE "{name}" RESET ALL'.encode())


def settings_of(connection: Connection, names: Iterator[str] | dict[str, str]) -> dict[str, str]:
    return {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in names}


@pytest.mark.usefixtures("weak_defaults")
@pytest.mark.parametrize("pooled", [False, True])
def test_a_session_has_what_the_promises_need_whatever_the_defaults_are(
    postgresql_server: PostgresqlServer, postgresql_url: str, pooled: bool
) -> None:
    if not pooled:
        with closing(Database(postgresql_url)) as database, database.writing() as connection:
            assert settings_of(connection, SETTINGS) == SETTINGS
        return
    with pgbouncer(postgresql_server, postgresql_url, sessions=1) as url:
        with closing(Database(url)) as database:
            for _ in range(2):
                with database.writing() as connection:
                    assert settings_of(connection, SETTINGS) == SETTINGS
        with psycopg.connect(url, autocommit=True) as other:  # another program, in the session that ours has used
            left = {name: other.execute(f"SHOW {name}".encode()).fetchone() for name in ("lock_timeout", "synchronous_commit")}
    assert left == {"lock_timeout": ("0",), "synchronous_commit": ("off",)}


@pytest.mark.parametrize("value", ["on", "local", "remote_write", "remote_apply"])
def test_what_an_administrator_asks_of_standby_servers_stays(
    postgresql_server: PostgresqlServer, postgresql_url: str, value: str
) -> None:
    """All these values wait for the server's own disk. Without standby servers they are the same."""
    name = make_url(postgresql_url).database
    with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as administrator:
        administrator.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = {value}'.encode())
        try:
            with closing(Database(postgresql_url)) as database, database.reading() as connection:
                assert settings_of(connection, {"synchronous_commit": ""}) == {"synchronous_commit": value}
        finally:
            administrator.execute(f'ALTER DATABASE "{name}" RESET ALL'.encode())


@pytest.mark.usefixtures("weak_defaults")
def test_settings_that_are_too_weak_are_named(postgresql_url: str, sqlite_url: str) -> None:
    with closing(Database(postgresql_url, role=COMMAND)) as database:
        found = [sentence.split(" is ")[0] for sentence in database.durability_faults()]
    assert found == ["synchronous_commit", "fsync", "full_page_writes"]  # the server of the tests has no fsync
    with closing(Database(sqlite_url)) as database:
        assert database.durability_faults() == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_server_shows_which_process_a_connection_belongs_to(
    postgresql_server: PostgresqlServer, postgresql_url: str, role: object
) -> None:
    assert role in ROLES
    for own in ROLES:
        if own == role:
            with closing(Database(postgresql_url, role=own)) as database, database.reading() as connection:
                shown = settings_of(connection, {"application_name": "", "statement_timeout": ""})
                assert shown == {
                    "application_name": f"helpdesk {own.name}",
                    "statement_timeout": "1min" if own.is_limited else "0",
                }


def test_the_name_in_the_url_is_kept(postgresql_url: str) -> None:
    with closing(Database(f"{postgresql_url}&application_name=desk")) as database, database.reading() as connection:
        assert settings_of(connection, {"application_name": ""}) == {"application_name": "desk"}


def test_a_statement_that_takes_too_long_is_cancelled_and_leaves_nothing(postgresql_url: str) -> None:
    with closing(Database(postgresql_url, statement_timeout=timedelta(milliseconds=50))) as database:
        with pytest.raises(DatabaseAway, match="timeout"), database.writing() as connection:
            connection.execute(insert(account).values(id="acme", plan="free"))
            connection.execute(text("SELECT pg_sleep(60)"))
        with database.reading() as connection:
            assert connection.execute(select(account)).all() == []


def test_an_idle_process_keeps_few_connections(postgresql_server: PostgresqlServer, postgresql_url: str) -> None:
    together = threading.Barrier(4)

    def read(database: Database) -> None:
        with database.reading() as connection:
            connection.execute(select(account)).all()
            together.wait(PATIENCE)

    with closing(Database(postgresql_url, role=WORKER)) as database, ThreadPoolExecutor(4) as pool:
        for running in [pool.submit(read, database) for _ in range(4)]:
            running.result(PATIENCE)
        with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as administrator:
            count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'helpdesk worker'"
            wait_for(lambda: administrator.execute(count).fetchone() == (WORKER.kept,), "more connections stay")


def test_two_processes_behind_a_pooler_do_all_that_they_do_without_it(pooled_url: str, tmp_path: Path) -> None:
    """Four clients share two sessions, so that one transaction after another meets another session."""
    blobs = blob_store(tmp_path)
    databases = [Database(pooled_url, role=role) for role in (DOOR, WORKER, WORKER, SENDER)]
    door, *workers, sender = databases
    stored: list[int] = []
    sent: list[bool] = []
    over = threading.Event()

    def store() -> None:
        for _ in range(MAILS // 4):
            stored.extend(store_raw(door, blobs, 65536, [raw_mail() for _ in range(4)], NOW))

    def work(database: Database) -> None:
        while counted(database, inbound.c.state == Disposition.OPENED) < MAILS and not over.is_set():
            claimed = claim_mail(database, blobs, NOW, limit=3, lease=LEASE, max_bytes=2**30)
            assert record_all(database, [opening(mail) for mail in claimed]) == []

    def send() -> None:
        while len(sent) < 2 * MAILS and not over.is_set():
            letters = claim_letters(sender, NOW, limit=5, lease=LEASE)
            sent.extend(settle_all(sender, [(own, SendOutcome(LetterState.SENT, 250, "ok")) for own in letters], NOW))

    with ThreadPoolExecutor(4) as pool:
        jobs: list[Callable[[], None]] = [store, send, *(partial(work, worker) for worker in workers)]
        running: list[Future[None]] = [pool.submit(job) for job in jobs]
        wait(running, PATIENCE, FIRST_EXCEPTION)
        over.set()
        for future in running:
            future.result(PATIENCE)
    assert counted(door, inbound.c.state == Disposition.OPENED) == MAILS
    with door.reading() as connection:
        assert connection.execute(select(func.count()).where(outbox.c.state == LetterState.SENT)).scalar_one() == 2 * MAILS
    for database in databases:
        database.close()


def counted(database: Database, condition: object) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(inbound).where(condition)).scalar_one()  # type: ignore[arg-type]


def test_nobody_listens_behind_a_pooler_or_on_sqlite(pooled_url: str, sqlite_url: str) -> None:
    for url in (pooled_url, sqlite_url):
        with closing(Database(url)) as database, pytest.raises(CannotListen):
            next(database.notifications(list(Wake), 0))


class Heard:
    """The wakes that a listener has passed on."""

    def __init__(self, database: Database) -> None:
        self.wakes: list[Wake] = []
        self.listener = Listener(database, self.wakes.append, pause=0.01)
        self.listener.start()

    def wait_for(self, count: int) -> None:
        wait_for(lambda: len(self.wakes) >= count, f"no {count} wakes")


def test_a_listener_hears_of_each_transaction_after_its_commit(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        heard = Heard(database)
        heard.wait_for(len(Wake))
        with pytest.raises(RuntimeError), database.writing() as connection:
            notify(connection, Wake.LETTERS)
            raise RuntimeError
        with database.writing() as connection:
            for _ in range(3):
                notify(connection, Wake.MAIL)
        with database.writing() as connection:
            connection.execute(insert(account).values(id="acme", plan="free"))
        with database.writing() as connection:
            notify(connection, Wake.LETTERS)
            notify(connection, Wake.MAIL)
        heard.wait_for(5)
        assert heard.wakes[2:] == [Wake.MAIL, Wake.LETTERS, Wake.MAIL]
        heard.listener.stop()


def test_a_listener_whose_connection_was_cut_connects_again_and_wakes_for_all(
    postgresql_server: PostgresqlServer, postgresql_url: str
) -> None:
    with closing(Database(postgresql_url, role=WORKER)) as database:
        heard = Heard(database)
        heard.wait_for(len(Wake))
        with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as killer:
            killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        heard.wait_for(2 * len(Wake))
        heard.listener.stop()


def test_a_listener_without_a_server_waits_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with closing(Database(f"postgresql://nobody@/none?host={tmp_path}")) as database:
        heard = Heard(database)
        heard.listener.stop()
        assert heard.wakes == []


def test_a_notification_that_cannot_be_sent_is_no_fault_of_a_committed_transaction(
    postgresql_url: str,
) -> None:
    with closing(Database(postgresql_url, role=HOUSEKEEPER)) as database:
        with database.writing() as connection:
            connection.execute(insert(account).values(id="acme", plan="free"))
            connection.info["helpdesk_wakes"] = {"no channel;"}
        with pytest.raises(RuntimeError), database.writing() as connection:
            connection.execute(insert(account).values(id="globex", plan="free"))
            raise RuntimeError
        with database.reading() as connection:
            assert connection.execute(select(account.c.id)).scalars().all() == ["acme"]


def test_of_two_transactions_in_a_deadlock_the_one_that_lost_is_repeated(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        with database.writing() as connection:
            connection.execute(insert(account).values([{"id": "a", "plan": "0"}, {"id": "b", "plan": "0"}]))
        together = threading.Barrier(2)
        tries: list[str] = []

        @repeats_lost_races
        def write(first: str, second: str) -> None:
            tries.append(first)
            with database.writing() as connection:
                add_to(connection, first)
                if len(tries) <= 2:
                    together.wait(PATIENCE)
                add_to(connection, second)

        with ThreadPoolExecutor(2) as pool:
            for running in [pool.submit(write, "a", "b"), pool.submit(write, "b", "a")]:
                running.result(PATIENCE)
        with database.reading() as connection:
            assert connection.execute(select(account.c.plan)).scalars().all() == ["2", "2"]
        assert len(tries) >= 3


def add_to(connection: Connection, name: str) -> None:
    plan = int(connection.execute(select(account.c.plan).where(account.c.id == name).with_for_update()).scalar_one())
    connection.execute(update(account).where(account.c.id == name).values(plan=str(plan + 1)))


def test_a_race_that_is_lost_again_and_again_is_raised() -> None:
    tries: list[int] = []

    @repeats_lost_races
    def lose() -> None:
        tries.append(1)
        raise LostRace("deadlock detected")

    with pytest.raises(LostRace):
        lose()
    assert len(tries) == 5


def test_the_log_of_sqlite_is_copied_by_the_housekeeper_and_begins_anew(sqlite_url: str) -> None:
    log = Path(f"{sqlite_url.removeprefix('sqlite:///')}-wal")
    door, housekeeper = Database(sqlite_url, role=DOOR), Database(sqlite_url, role=HOUSEKEEPER)

    def write(first: int) -> None:
        with door.writing() as connection:
            rows = [{"id": f"{number:06d}" * 100, "plan": "free"} for number in range(first, first + 4000)]
            connection.execute(insert(account), rows)

    for first in (0, 4000, 8000):
        write(first)
    grown = log.stat().st_size
    assert grown > 8192 * 1000  # a door copies nothing
    assert housekeeper.checkpoint() == 0
    for first in (12000, 16000):
        write(first)
    assert log.stat().st_size == grown  # the log was written from its beginning
    assert housekeeper.checkpoint() == 0
    door.close()
    housekeeper.close()


def test_postgresql_needs_no_checkpoint_of_ours(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        assert database.checkpoint() == 0
