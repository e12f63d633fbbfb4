"""The staff are read from one batch to the next at a cost that follows what changes about them, and not how many they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, update
from support.desk.outcomes import NOW, OMAR, blob_store, new_ticket, opening, stored_and_claimed

from helpdesk.store.counts import CounterKind
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedStaff
from helpdesk.store.people import TeamReader, list_staff
from helpdesk.store.record import record_all
from helpdesk.store.schema import counter
from helpdesk.threading.model.people import StaffList

SOON = NOW + timedelta(seconds=5)


def address(number: int) -> str:
    return f"s{number:03}@desk.example"


def team_of(database: Database, size: int) -> None:
    people = [ListedStaff(address(number), f"Member {number}", queues=("general", "billing")) for number in range(size)]
    sync_directory(database, people, [])
    with database.writing() as connection:
        rows = [{"kind": CounterKind.ASSIGNED, "name": address(number), "value": 2, "changed_at": NOW} for number in range(size)]
        connection.execute(insert(counter), rows)


def change_loads(database: Database, addresses: Sequence[str], now: datetime) -> None:
    with database.writing() as connection:
        connection.execute(update(counter).where(counter.c.name.in_(addresses)).values(value=7, changed_at=now))


@contextmanager
def rows_read(database: Database) -> Iterator[list[int]]:
    """How many rows each statement hands over."""
    found: list[int] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        found.append(len(connection.connection.driver_connection.execute(statement, values).fetchall()))

    event.listen(database._engine, "after_cursor_execute", note)
    yield found
    event.remove(database._engine, "after_cursor_execute", note)


@pytest.mark.parametrize("size", [5, 500])
def test_a_batch_reads_what_has_changed_about_the_staff(sqlite_url: str, size: int) -> None:
    database, team = Database(sqlite_url), TeamReader()
    team_of(database, size)
    with database.reading() as connection:
        assert len(team.read(connection, NOW + timedelta(minutes=2))) == size
    later = NOW + timedelta(minutes=4)
    with database.reading() as connection, rows_read(database) as nothing_changed:
        before = team.read(connection, later)
    change_loads(database, [address(1), address(3)], later)
    with database.reading() as connection, rows_read(database) as two_changed:
        after = team.read(connection, later + timedelta(seconds=1))
        assert after == list_staff(connection)
    assert (nothing_changed, two_changed[0]) == ([1], 2)
    assert [member.address for member, old in zip(after, before, strict=True) if member != old] == [address(1), address(3)]
    assert isinstance(after, StaffList) and after.by_address[address(3)].open_tickets == 7
    database.close()


def test_all_are_read_where_the_directory_changes_or_time_goes_back(sqlite_url: str) -> None:
    database, team = Database(sqlite_url), TeamReader()
    team_of(database, 5)
    with database.reading() as connection:
        team.read(connection, NOW)
    sync_directory(database, [ListedStaff(address(0), "Renamed")], [])
    with database.reading() as connection:
        assert [member.name for member in team.read(connection, SOON)] == ["Renamed"]
    change_loads(database, [address(0)], NOW - timedelta(hours=1))  # by a node whose clock was wrong
    with database.reading() as connection:
        assert team.read(connection, SOON)[0].open_tickets == 2
        assert team.read(connection, NOW - timedelta(hours=2))[0].open_tickets == 7
    with database.reading() as connection:
        assert team.read(connection, NOW + timedelta(minutes=11)) == list_staff(connection)
    database.close()


def test_a_late_commit_is_seen(database: Database) -> None:
    """Another node decides at nine, and commits after this one has looked at five past."""
    team = TeamReader()
    team_of(database, 5)
    with database.reading() as connection:
        team.read(connection, SOON)
    change_loads(database, [address(2)], NOW)
    with database.reading() as connection:
        assert team.read(connection, SOON + timedelta(seconds=1)) == list_staff(connection)


def test_what_a_decision_changes_is_read_by_the_next_batch(database: Database, tmp_path: Path) -> None:
    team = TeamReader()
    sync_directory(database, [ListedStaff(OMAR, "Omar")], [])
    with database.reading() as connection:
        assert team.read(connection, NOW)[0].open_tickets == 0
    [mail] = stored_and_claimed(database, blob_store(tmp_path), 1)
    assert record_all(database, [opening(mail, new_ticket(assignee=OMAR))]) == []
    with database.reading() as connection:
        assert team.read(connection, SOON) == list_staff(connection)
        assert team.read(connection, SOON)[0].open_tickets == 1
