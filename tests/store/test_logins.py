"""Attempts to log in are counted for all nodes together, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.logins import LoginTurn, forget_logins, login_turn, record_login, take_back_attempt
from helpdesk.store.schema import login_count, login_source
from helpdesk.threading.trust.guessing import FORGOTTEN_AFTER, STRANGE_AFTER

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OMAR, HERE, HOME = "omar@desk.example", "192.0.2.7", "198.51.100.9"
SECOND = timedelta(seconds=1)


def failures(database: Database) -> dict[tuple[str, str, str], int]:
    with database.reading() as connection:
        columns = (login_count.c.lane, login_count.c.source, login_count.c.account, login_count.c.failures)
        return {(lane, source, account): count for lane, source, account, count in connection.execute(select(*columns)) if count}


def known(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(login_source)).scalar_one()


def logged_in(database: Database, source: str, now: datetime = NOON) -> LoginTurn:
    attempt = login_turn(database, source, OMAR, now)
    assert attempt is not None
    record_login(database, attempt, now)
    return attempt


def test_two_nodes_count_together(open_database: Callable[[], Database]) -> None:
    nodes = (open_database(), open_database())
    waits = [found.turn.wait for step in range(8) if (found := login_turn(nodes[step % 2], HERE, OMAR, NOON)) is not None]
    assert waits == [wait * SECOND for wait in (0, 0, 0, 0, 1, 3, 7, 15)]
    assert login_turn(nodes[0], HERE, OMAR, NOON) is None
    assert failures(nodes[1]) == {("source", HERE, ""): 8, ("newcomers", "", OMAR): 1, ("account", "", OMAR): 7}


def test_attempts_at_the_same_moment_are_all_counted(open_database: Callable[[], Database]) -> None:
    nodes = [open_database() for _ in range(4)]

    def attempt(number: int) -> timedelta | None:
        found = login_turn(nodes[number % 4], HERE, OMAR, NOON)
        return found.turn.wait if found else None

    with ThreadPoolExecutor(12) as pool:
        waits = list(pool.map(attempt, range(24)))
    assert sorted(wait for wait in waits if wait is not None) == [wait * SECOND for wait in (0, 0, 0, 0, 1, 3, 7, 15)]
    assert failures(nodes[0])["source", HERE, ""] == 8


def test_a_source_that_is_turned_away_writes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    while login_turn(database, HERE, OMAR, NOON) is not None:
        pass
    before = failures(database)
    monkeypatch.setattr(database, "writing", None)  # would raise
    assert login_turn(database, HERE, OMAR, NOON) is None
    assert failures(database) == before


def test_an_attempt_that_was_not_made_is_no_failure(database: Database) -> None:
    attempt = login_turn(database, HERE, OMAR, NOON)
    assert attempt is not None
    take_back_attempt(database, attempt)
    assert failures(database) == {} and known(database) == 0


def test_a_good_login_makes_its_source_known_to_all_nodes_and_counts_as_no_failure(open_database: Callable[[], Database]) -> None:
    one, other = open_database(), open_database()
    assert not logged_in(one, HOME).is_known
    assert failures(other) == {}
    for _ in range(20):
        login_turn(other, HERE, OMAR, NOON)
    again = logged_in(other, HOME)
    assert again.is_known and again.turn.wait == timedelta()
    assert ("known", HOME, OMAR) not in failures(one)


def test_a_source_is_known_for_one_account(database: Database) -> None:
    logged_in(database, HOME)
    found = login_turn(database, HOME, "ines@desk.example", NOON)
    assert found is not None and not found.is_known


def test_a_good_login_does_not_take_back_the_failures_of_others(database: Database) -> None:
    for _ in range(3):
        login_turn(database, HOME, OMAR, NOON)
    logged_in(database, HOME)
    assert failures(database)["source", HOME, ""] == 3


def test_old_counts_and_old_sources_are_forgotten(database: Database) -> None:
    login_turn(database, HERE, OMAR, NOON)
    logged_in(database, HOME)
    assert forget_logins(database, NOON + FORGOTTEN_AFTER) == 0
    assert forget_logins(database, NOON + FORGOTTEN_AFTER + SECOND) > 0
    assert failures(database) == {} and known(database) == 1
    forget_logins(database, NOON + STRANGE_AFTER + SECOND)
    assert known(database) == 0


def test_a_source_without_a_login_for_long_is_a_stranger(database: Database) -> None:
    logged_in(database, HOME)
    later = login_turn(database, HOME, OMAR, NOON + STRANGE_AFTER + SECOND)
    assert later is not None and not later.is_known


def test_a_source_that_is_used_stays_known(database: Database) -> None:
    logged_in(database, HOME)
    logged_in(database, HOME, NOON + STRANGE_AFTER / 2)
    later = login_turn(database, HOME, OMAR, NOON + STRANGE_AFTER + SECOND)
    assert later is not None and later.is_known


def test_a_database_that_is_away_counts_nothing_and_says_so(tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'there'}")
    (tmp_path / "there").mkdir()
    with pytest.raises(DatabaseAway):
        login_turn(away, HERE, OMAR, NOON)
    away.close()
