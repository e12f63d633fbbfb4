"""A row for each conversation of the platform: what its ticket shows to customers, in the transaction that changes the ticket."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from support.desk.outcomes import NOW, blob_store, events_up_to, mail_cause, new_ticket, opening, stored_and_claimed

from helpdesk.store.cause import Outcome
from helpdesk.store.database import AnyRow, Database
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.record import record_all
from helpdesk.store.schema import platform_inbox, platform_thread
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

PAGE = Path(__file__).parents[2] / "docs" / "platform.md"
RECIPE = re.compile(r"```sql\n(.*?)```", re.DOTALL)


def threads(database: Database) -> dict[str, AnyRow]:
    with database.reading() as connection:
        return {row.ticket: row for row in connection.execute(select(platform_thread))}


def opened(database: Database, folder: Path, **fields: object) -> Ticket:
    [claimed] = stored_and_claimed(database, blob_store(folder))
    one = new_ticket(**{"account": "acme", **fields})
    assert record_all(database, [opening(claimed, one)]) == []
    return one


def change(database: Database, folder: Path, one: Ticket, **fields: object) -> Ticket:
    [claimed] = stored_and_claimed(database, blob_store(folder))
    after = replace(one, version=one.version + 1, event_count=one.event_count + 1, **fields)  # type: ignore[arg-type]  # any field of a ticket
    decision = Decision(
        Disposition.THREADED,
        "it goes on",
        Grounds(Assurance.AUTHENTICATED),
        ticket=after,
        expected_version=one.version,
        events=events_up_to(after.event_count, 1),
    )
    assert record_all(database, [Outcome(mail_cause(claimed), decision, (), NOW + timedelta(hours=1), "node-1")]) == []
    return after


def test_a_conversation_says_what_its_ticket_shows(database: Database, tmp_path: Path) -> None:
    one = opened(database, tmp_path)
    row = threads(database)[one.reference]
    assert (row.thread_key, row.account_id, row.subject, row.status) == (one.thread_key, "acme", one.subject, one.status)
    assert (row.version, row.created_at, row.updated_at, row.last_position) == (1, one.created_at, NOW, None)
    change(database, tmp_path, one, status=Status.RESOLVED)
    row = threads(database)[one.reference]
    assert (row.status, row.version, row.updated_at) == (Status.RESOLVED, 2, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "inside", [{"assignee": "lea@desk.example"}, {"queue": "billing"}, {"priority": "high"}, {"escalation_level": 2}]
)
def test_what_concerns_the_team_alone_leaves_a_conversation_as_it_was(
    database: Database, tmp_path: Path, inside: dict[str, object]
) -> None:
    """Else the platform would see from the version that something happened behind the scenes."""
    one = opened(database, tmp_path)
    before = threads(database)
    change(database, tmp_path, one, **inside)
    assert threads(database) == before


def test_a_conversation_moves_up_when_its_message_has_a_position(database: Database, tmp_path: Path) -> None:
    first, second = opened(database, tmp_path), opened(database, tmp_path)
    give_positions(database)
    rows = threads(database)
    assert rows[first.reference].last_position < rows[second.reference].last_position
    with database.writing() as connection:
        connection.execute(platform_inbox.update().where(platform_inbox.c.thread_key == first.thread_key).values(position=None))
    give_positions(database)
    rows = threads(database)
    assert rows[first.reference].last_position > rows[second.reference].last_position
    assert rows[first.reference].last_at == NOW


def test_two_changes_in_one_batch_leave_the_last_state(database: Database, tmp_path: Path) -> None:
    claims = stored_and_claimed(database, blob_store(tmp_path), 2)
    one = new_ticket(account="acme")
    after = replace(one, version=2, event_count=one.event_count + 1, status=Status.ESCALATED)
    decision = Decision(
        Disposition.THREADED,
        "it goes on",
        Grounds(Assurance.AUTHENTICATED),
        ticket=after,
        expected_version=1,
        events=events_up_to(after.event_count, 1),
    )
    both = [opening(claims[0], one), Outcome(mail_cause(claims[1]), decision, (), NOW, "node-1")]
    assert record_all(database, both) == []
    assert threads(database)[one.reference].status == Status.ESCALATED


def recipe(name: str) -> str:
    """The statement of the page on the platform's tables that begins with this comment."""
    blocks = RECIPE.findall(PAGE.read_text())
    [found] = [block for block in blocks if block.startswith(f"-- {name}")]
    return str(found).rstrip(";\n")


def test_the_recipes_of_the_page_list_conversations_and_what_is_new(database: Database, tmp_path: Path) -> None:
    first, second, other = (opened(database, tmp_path, account=account) for account in ("acme", "acme", "globex"))
    give_positions(database)
    listing, news = recipe("the 50 conversations"), recipe("what is new")
    with database.reading() as connection:
        rows = connection.execute(text(listing), {"account": "acme"}).all()
        assert [(row.ticket, row.unread) for row in rows] == [(second.reference, 1), (first.reference, 1)]
        messages = connection.execute(text(news), {"account": "acme", "last": 0}).all()
        assert {row.thread_key for row in messages} == {first.thread_key, second.thread_key}
        assert connection.execute(text(news), {"account": "acme", "last": messages[-1].position}).all() == []
        [alone] = connection.execute(text(listing), {"account": "globex"}).all()
        assert alone.ticket == other.reference
