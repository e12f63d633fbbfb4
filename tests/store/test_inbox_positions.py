"""Positions of inbox rows: given once, in order, by one node at a time, whatever the order in which rows become visible."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select
from support.desk.outcomes import NOW

from helpdesk.store import inbox_positions
from helpdesk.store.database import Database
from helpdesk.store.inbox_positions import give_positions
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
