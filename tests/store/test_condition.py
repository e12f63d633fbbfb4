"""The signs of life of nodes and what waits, as `helpdesk status` reads them, on both databases."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from support.desk.outcomes import NOW, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.store.condition import beat, condition_of, leave
from helpdesk.store.database import Database
from helpdesk.store.hold import hold_letters
from helpdesk.store.record import record_all
from helpdesk.store.schema import inbound
from helpdesk.threading.reporting.condition import SILENT, Condition, Heartbeat, Queue

ONE = Heartbeat("one:7", "one", "1.0", "aa" * 32, NOW, NOW)
LATER = NOW + timedelta(minutes=1)


def condition(database: Database, at: timedelta = timedelta()) -> Condition:
    with database.reading() as connection:
        return condition_of(connection, NOW + at)


def test_a_node_has_one_row_with_its_last_sign_and_takes_it_away_when_it_is_stopped(database: Database) -> None:
    beat(database, ONE)
    beat(database, replace(ONE, beat_at=LATER, policy="bb" * 32, started_at=LATER))
    assert condition(database).nodes == (replace(ONE, beat_at=LATER, policy="bb" * 32),)
    leave(database, "one:7")
    assert condition(database).nodes == ()


def test_a_silent_node_is_forgotten_when_its_host_starts_again_or_after_a_day(database: Database) -> None:
    other = replace(ONE, node="two:8", host="two")
    beat(database, ONE)
    beat(database, other)
    again = replace(ONE, node="one:9", beat_at=NOW + SILENT + timedelta(seconds=1))
    beat(database, again)
    assert condition(database).nodes == (again, other)
    much_later = replace(again, beat_at=NOW + timedelta(days=2))
    beat(database, much_later)
    assert condition(database).nodes == (much_later,)


def test_what_waits_is_counted_with_the_age_of_the_oldest(database: Database, tmp_path: Path) -> None:
    assert condition(database).mails == Queue(0, None)
    one = new_ticket()
    [claimed] = stored_and_claimed(database, blob_store(tmp_path))
    assert condition(database).mails == Queue(1, NOW)
    assert record_all(database, [opening(claimed, one, letters=(letter(one, to="anna@acme.example"),))]) == []
    found = condition(database, timedelta(minutes=1))
    assert found.mails == Queue(0, None)
    assert found.letters.count == 1 and found.letters.oldest is not None and found.letters.oldest <= NOW
    assert (found.quarantined, found.held_reason) == (0, "")
    hold_letters(database, "a look first", NOW)
    with database.writing() as connection:
        connection.execute(update(inbound).values(state="quarantined", ticket_id=None))
    assert (condition(database).quarantined, condition(database).held_reason) == (1, "a look first")
