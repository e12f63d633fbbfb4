"""Held letters: no node claims any, and a server that lost its last commits is noticed by the node that saw them."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from support.desk.outcomes import LEASE, NOW, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.gateway.cli.options import InstantParam
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.cli.ticket import letter_row
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.store.blob_folder import NoteFolder
from helpdesk.store.database import Database
from helpdesk.store.hold import current_hold, hold_letters, release_hold
from helpdesk.store.outbox import SendOutcome, claim_letters, give_up_letters, list_letters
from helpdesk.store.record import record_all
from helpdesk.store.schema import attempt, outbox
from helpdesk.threading.model.letter_state import LetterState

SENT = SendOutcome(LetterState.SENT, 250, "2.0.0 queued as 4711")
MINUTE = timedelta(minutes=1)


def queued(database: Database, tmp_path: Path, count: int) -> None:
    one = new_ticket()
    letters = tuple(letter(one, to=f"anna{number}@acme.example") for number in range(count))
    [claimed] = stored_and_claimed(database, blob_store(tmp_path))
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []


def test_held_letters_are_claimed_by_nobody_and_never_given_up(database: Database, tmp_path: Path) -> None:
    queued(database, tmp_path, 3)
    assert hold_letters(database, "a look first", NOW) and not hold_letters(database, "another", NOW + MINUTE)
    with database.reading() as connection:
        found = current_hold(connection)
    assert found is not None and (found.since, found.reason) == (NOW, "a look first")
    assert claim_letters(database, NOW + MINUTE, limit=9, lease=LEASE) == []
    assert give_up_letters(database, NOW + MINUTE, "the relay is away", NOW + MINUTE) == 0
    assert release_hold(database) == 0 and release_hold(database) is None
    assert len(claim_letters(database, NOW + MINUTE, limit=9, lease=LEASE)) == 3


def test_what_has_gone_before_stays(database: Database, tmp_path: Path) -> None:
    queued(database, tmp_path, 2)
    hold_letters(database, "restored", NOW)
    with database.writing() as connection:
        newest = connection.execute(select(func.max(outbox.c.id))).scalar_one()
        connection.execute(update(outbox).where(outbox.c.id == newest).values(created_at=NOW + MINUTE))
    assert release_hold(database, NOW + MINUTE) == 1
    [claimed] = claim_letters(database, NOW + 2 * MINUTE, limit=9, lease=LEASE)
    assert claimed.id == newest
    with database.reading() as connection:
        [gone] = list_letters(connection, LetterState.SUPPRESSED)
    assert gone.last_reply == "taken as gone: it was written before the database was restored"


def test_the_moment_of_what_has_gone_before_counts_to_the_microsecond(database: Database, tmp_path: Path) -> None:
    """Letters of one second are told apart by the moment that `outbox list --json` prints and `--gone-before` reads."""
    queued(database, tmp_path, 3)
    hold_letters(database, "restored", NOW)
    with database.writing() as connection:
        keys = connection.execute(select(outbox.c.id).order_by(outbox.c.id)).scalars().all()
        for number, key in enumerate(keys):
            written = NOW + timedelta(microseconds=number)
            connection.execute(update(outbox).where(outbox.c.id == key).values(created_at=written))
    with database.reading() as connection:
        printed = {letter.id: letter_row(letter)["at"] for letter in list_letters(connection)}
    moment = InstantParam().convert(json.loads(as_json(printed[keys[1]])), None, None)
    assert moment.microsecond == 1
    assert release_hold(database, moment) == 1
    assert [claimed.id for claimed in claim_letters(database, NOW + MINUTE, limit=9, lease=LEASE)] == keys[1:]


def test_a_server_that_lost_its_last_commits_sends_nothing(database: Database, tmp_path: Path) -> None:
    queued(database, tmp_path, 2)
    ours = Outbox(database, LEASE, Watermark(NoteFolder(tmp_path)))
    other = Outbox(database, LEASE, Watermark(NoteFolder(tmp_path / "other node")))
    [first] = ours.claim(NOW, 1)
    ours.settle([(first, SENT)], NOW)
    [second] = ours.claim(NOW, 1)
    ours.settle([(second, SENT)], NOW)
    assert ours.claim(NOW, 1) == []
    with database.writing() as connection:  # what a standby has that takes over without them
        newest = select(func.max(attempt.c.id)).scalar_subquery()
        connection.execute(delete(attempt).where(attempt.c.id == newest))
        connection.execute(update(outbox).where(outbox.c.id == second.id).values(state="queued", next_attempt_at=NOW))
    assert ours.claim(NOW, 9) == []
    assert other.claim(NOW, 9) == []
    with database.reading() as connection:
        assert current_hold(connection) is not None
    release_hold(database)
    assert [one.id for one in ours.claim(NOW, 9)] == [second.id]
