"""Positions of inbox rows: given once, in order, by one node at a time, whatever the order in which rows become visible."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select
from support.desk.outcomes import NOW

from helpdesk.store import inbox_positions
from helpdesk.store.database import Database
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.platform import list_inbox
from helpdesk.store.schema import platform_inbox


def row(number: int) -> dict[str, object]:
    return {
        "id": number, "account_id": "acme", "contact_address": "anna@acme.example", "ticket": "ACZ-K7Q2M9", "thread_key": "k",
        "direction": "customer", "subject": "Printer", "body_text": "It jams.", "body_html": "<p>It jams.</p>", "attachments": [],
        "status_after": "in_review", "created_at": NOW, "proved": True,
    }  # fmt: skip


def positions(database: Database) -> dict[int, int]:
    with database.reading() as connection:
        return dict(map(tuple, connection.execute(select(platform_inbox.c.id, platform_inbox.c.position))))


def test_two_nodes_give_each_position_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_positions, "AT_ONCE", 7)
    with database.writing() as connection:
        connection.execute(insert(platform_inbox), [row(number) for number in range(1, 41)])
    with ThreadPoolExecutor(2) as nodes:
        assert sum(nodes.map(lambda _: give_positions(database), range(12))) == 40
    assert positions(database) == {number: number for number in range(1, 41)}
    assert give_positions(database) == 0


def test_a_row_that_commits_late_stands_behind_those_with_a_position(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(platform_inbox), [row(2)])
    give_positions(database)
    with database.writing() as connection:
        connection.execute(insert(platform_inbox), [row(1)])
    give_positions(database)
    assert positions(database) == {2: 1, 1: 2}


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Database]:
    """A database in which several transactions write at once."""
    database = Database(postgresql_url)
    yield database
    database.close()


class Reader:
    """A platform that asks again and again for what is beyond the last row that it has seen."""

    def __init__(self, database: Database, account: str) -> None:
        self.database, self.account = database, account
        self.last = 0
        self.seen: list[int] = []

    def polls(self) -> None:
        with self.database.reading() as connection:
            rows = list_inbox(connection, self.account, after=self.last, limit=2)
        self.seen += [row.id for row in rows]
        self.last = rows[-1].position if rows else self.last

    def polls_to_the_end(self) -> None:
        before = None
        while before != self.last:
            before = self.last
            self.polls()


def test_a_reader_sees_a_row_that_was_begun_first_and_committed_last(server: Database) -> None:
    """The id of the late row is the smaller one, so that a reader by id would never see it."""
    reader = Reader(server, "acme")
    with server._engine.connect() as first, server._engine.connect() as second:
        first.execute(insert(platform_inbox), [row(1)])
        second.execute(insert(platform_inbox), [row(2)])
        second.commit()
        give_positions(server)
        reader.polls()
        assert reader.seen == [2]
        first.commit()
    reader.polls()
    assert reader.seen == [2]  # visible, and without a position: not yet in the order
    give_positions(server)
    reader.polls()
    assert reader.seen == [2, 1]


WRITERS = 3
ACTS = ("write", "commit", "roll back", "number", "poll")


class Interleaving:
    """Writers whose transactions overlap as they please, one who gives positions, and a reader."""

    def __init__(self, database: Database, account: str, ids: Iterator[int]) -> None:
        self.database, self.account, self.ids = database, account, ids
        self.reader = Reader(database, account)
        self.open: dict[int, tuple[Connection, list[int]]] = {}
        self.committed: set[int] = set()

    def acts(self, act: str, writer: int, stack: ExitStack) -> None:
        if act == "write":
            if writer not in self.open:
                self.open[writer] = (stack.enter_context(self.database._engine.connect()), [])
            connection, written = self.open[writer]
            written.append(next(self.ids))
            connection.execute(insert(platform_inbox), [row(written[-1]) | {"account_id": self.account}])
        elif act == "number":
            give_positions(self.database)
        elif act == "poll":
            self.reader.polls()
        elif writer in self.open:
            self.ends(writer, commits=act == "commit")

    def ends(self, writer: int, *, commits: bool) -> None:
        connection, written = self.open.pop(writer)
        if commits:
            connection.commit()
            self.committed |= set(written)
        connection.close()


def test_whatever_the_order_of_commits_a_reader_sees_each_row_once(server: Database) -> None:
    ids = iter(range(1, 1_000_000))
    accounts = (f"account-{number}" for number in range(1_000_000))

    @settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, WRITERS - 1)), min_size=20, max_size=40))
    def holds(acts: list[tuple[str, int]]) -> None:
        with ExitStack() as stack:
            course = Interleaving(server, next(accounts), ids)
            for act, writer in acts:
                course.acts(act, writer, stack)
            for writer in list(course.open):
                course.ends(writer, commits=True)
            give_positions(server)
            course.reader.polls_to_the_end()
            assert sorted(course.reader.seen) == sorted(course.committed)

    holds()
