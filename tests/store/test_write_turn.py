"""Writers of one SQLite file take turns, and a writer that died or does not move keeps nobody out for long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import insert, select
from support.servers.peers import PATIENCE, wait_for

from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.schema import account
from helpdesk.store.write_turn import WriteTurn

LOCKS = Path("/proc/locks")
SHORT = timedelta(milliseconds=50)
TAKES_THE_TURN = """
import sys
from pathlib import Path
from helpdesk.store.write_turn import WriteTurn
with WriteTurn(Path(sys.argv[1])).taken(60):
    print("mine", flush=True)
    sys.stdin.read()
"""
WRITES = """
import sys
from helpdesk.store.database import Database
with Database("sqlite:///" + sys.argv[1]).writing():
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


@contextmanager
def other_process(program: str, file: Path) -> Iterator["subprocess.Popen[str]"]:
    arguments = [sys.executable, "-c", program, str(file)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def waiting_at(file: Path) -> int:
    """How many wait for the lock of this file."""
    inode = f":{file.stat().st_ino} "
    return sum("->" in line and inode in line for line in LOCKS.read_text().splitlines())


def write(database: Database, name: str) -> None:
    with database.writing() as connection:
        connection.execute(insert(account).values(id=name, plan="free"))


def test_who_waits_is_next_however_busy_the_others_are(file: Path) -> None:
    """One process writes again and again without a pause. Another one that asks once is the next."""
    busy, other = WriteTurn(file), WriteTurn(file)
    took: list[str] = []

    def take_once() -> None:
        with other.taken(PATIENCE):
            took.append("other")

    with ThreadPoolExecutor(1) as pool:
        with busy.taken(PATIENCE):
            waits = pool.submit(take_once)
            wait_for(lambda: waiting_at(file.with_name("desk.db-turn")) == 1, "the other does not wait")
        for _ in range(3):
            with busy.taken(PATIENCE):
                took.append("busy")
        waits.result(PATIENCE)
    assert took == ["other", "busy", "busy", "busy"]
    busy.close()
    other.close()


def test_a_thread_that_waits_is_next_however_busy_the_others_are(file: Path) -> None:
    turn = WriteTurn(file)
    took: list[str] = []

    def take_once() -> None:
        with turn.taken(PATIENCE):
            took.append("other")

    with ThreadPoolExecutor(1) as pool:
        with turn.taken(PATIENCE):
            waits = pool.submit(take_once)
            wait_for(turn._next.locked, "the other does not wait")
        for _ in range(3):
            with turn.taken(PATIENCE):
                took.append("busy")
        waits.result(PATIENCE)
    assert took == ["other", "busy", "busy", "busy"]
    turn.close()


def test_a_killed_writer_makes_room_at_once(file: Path) -> None:
    with other_process(TAKES_THE_TURN, file) as holder, ThreadPoolExecutor(1) as pool:
        assert holder.stdout is not None and holder.stdout.readline() == "mine\n"
        turn = WriteTurn(file)
        ordered = pool.submit(took_in_order, turn, PATIENCE)
        wait_for(lambda: waiting_at(file.with_name("desk.db-turn")) == 1, "nobody waits")
        holder.kill()
        assert ordered.result(PATIENCE)
        turn.close()


def took_in_order(turn: WriteTurn, patience: float) -> bool:
    """Take the turn once; whether it came by the queue."""
    taken = turn._file.take(patience)
    if taken:
        turn._file.release()
    return taken


def test_a_stopped_writer_is_a_database_that_is_away(file: Path) -> None:
    database = Database(f"sqlite:///{file}", busy_timeout=SHORT)
    with other_process(WRITES, file) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "mine\n"
        os.kill(holder.pid, signal.SIGSTOP)
        with pytest.raises(DatabaseAway, match="locked"):
            write(database, "acme")
        holder.kill()
        holder.wait(PATIENCE)
        write(database, "acme")
    database.close()


def test_a_process_that_is_stopped_in_the_queue_keeps_nobody_from_writing(file: Path) -> None:
    """It has the turn, and will not write. Nobody waits for it a second time."""
    database = Database(f"sqlite:///{file}", busy_timeout=SHORT)
    with other_process(TAKES_THE_TURN, file) as stopped:
        assert stopped.stdout is not None and stopped.stdout.readline() == "mine\n"
        os.kill(stopped.pid, signal.SIGSTOP)
        for name in ("a", "b", "c"):
            write(database, name)
    with database.reading() as connection:
        assert connection.execute(select(account.c.id)).scalars().all() == ["a", "b", "c"]
    database.close()


def test_a_process_does_not_queue_again_behind_one_that_does_not_move(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(patience: float) -> bool:
        raise AssertionError("it waits a second time")

    holder, waiter = WriteTurn(file), WriteTurn(file)
    with holder.taken(PATIENCE):
        assert not took_in_order(waiter, 0.01)
        now = time.monotonic()
        monkeypatch.setattr("helpdesk.store.write_turn.time.monotonic", lambda: now)
        monkeypatch.setattr(waiter._file, "_wait", refuse)
        assert not took_in_order(waiter, PATIENCE)
    holder.close()
    waiter.close()


def test_a_turn_that_came_too_late_is_given_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.store.write_turn.WITHOUT_QUEUE", 0.0)
    holder, late, third = WriteTurn(file), WriteTurn(file), WriteTurn(file)
    with holder.taken(PATIENCE):
        assert not took_in_order(late, 0.01)
    assert took_in_order(third, PATIENCE)
    assert took_in_order(late, PATIENCE)
    for turn in (holder, late, third):
        turn.close()


def test_a_wait_that_was_given_up_is_taken_up_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpdesk.store.write_turn.WITHOUT_QUEUE", 0.0)
    holder, waiter = WriteTurn(file), WriteTurn(file)
    with ThreadPoolExecutor(1) as pool:
        with holder.taken(PATIENCE):
            assert not took_in_order(waiter, 0.01)
            again = pool.submit(took_in_order, waiter, PATIENCE)
            wait_for(lambda: waiter._file._is_wanted, "nobody waits")
        assert again.result(PATIENCE)
    holder.close()
    waiter.close()


def test_without_the_files_of_the_queue_the_database_is_written_all_the_same(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: Path) -> None:
        raise PermissionError(13, "Permission denied", str(name))

    monkeypatch.setattr("helpdesk.store.write_turn.ensure_file", refuse)
    database = Database(sqlite_url)
    write(database, "acme")
    write(database, "globex")
    database.close()


def test_only_the_owner_can_use_the_files_of_the_queue(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    write(database, "acme")
    modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.glob("desk.db-[nt]*")}
    assert modes == {"desk.db-next": 0o600, "desk.db-turn": 0o600}
    database.close()


def test_writers_in_many_threads_and_instances_lose_nothing(sqlite_url: str) -> None:
    databases = [Database(sqlite_url) for _ in range(3)]
    go = Event()

    def work(place: int) -> None:
        go.wait(PATIENCE)
        for number in range(15):
            write(databases[place % 3], f"{place}-{number}")

    with ThreadPoolExecutor(6) as pool:
        running: list[Future[None]] = [pool.submit(work, place) for place in range(6)]
        go.set()
        for future in running:
            future.result(PATIENCE)
    with databases[0].reading() as connection:
        assert len(connection.execute(select(account.c.id)).all()) == 90
    for database in databases:
        database.close()
