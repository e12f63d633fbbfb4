"""Letters: one sender at a time, every attempt counted, the same bytes each time."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event
from support.desk.outcomes import ANNA, LEASE, NOW, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.outbox import (
    Attempt,
    AttemptOutcome,
    ClaimedLetter,
    SendOutcome,
    attempts_of,
    claim_letters,
    content_of_letter,
    find_letter,
    give_back_letters,
    letters_of,
    list_letters,
    outcomes_to_report,
    settle,
    settle_all,
)
from helpdesk.store.record import record_all
from helpdesk.store.schema import attempt, outbox
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.model.letter_state import LetterState

SENT = SendOutcome(LetterState.SENT, 250, "2.0.0 queued as 4711")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def queued(database: Database, blobs: BlobStore, count: int = 1) -> list[Letter]:
    one = new_ticket()
    letters = tuple(letter(one, to=f"anna{number}@acme.example") for number in range(count))
    [claimed] = stored_and_claimed(database, blobs)
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []
    return list(letters)


def claim(database: Database, limit: int = 100, after: timedelta = timedelta()) -> list[ClaimedLetter]:
    return claim_letters(database, NOW + after, limit=limit, lease=LEASE)


def test_a_claimed_letter_is_complete(database: Database, blobs: BlobStore) -> None:
    [queued_one] = queued(database, blobs)
    [claimed] = claim(database)
    assert (claimed.id, claimed.attempts, claimed.uncertain) == (queued_one.id, 1, 0)
    assert (claimed.recipient, claimed.reverse_path) == ("anna0@acme.example", "bounce@desk.example")
    assert (claimed.content, claimed.message_id) == (queued_one.content, queued_one.message_id)
    assert (claimed.notice, claimed.ticket_id, claimed.for_staff) == ("confirmation", queued_one.ticket_id, False)
    assert claimed.created_at == NOW
    assert claim(database) == []
    with database.reading() as connection:
        assert content_of_letter(connection, claimed.id) == queued_one.content
        assert content_of_letter(connection, 1) is None
        assert find_letter(connection, 1) is None


def test_a_sent_letter_is_done(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs)
    [claimed] = claim(database)
    assert settle(database, claimed, SENT, NOW)
    assert not settle(database, claimed, SENT, NOW)
    assert claim(database, after=LEASE * 100) == []
    with database.reading() as connection:
        found = find_letter(connection, claimed.id)
        assert found is not None
        assert (found.state, found.last_reply, found.next_attempt_at) == ("sent", "250 2.0.0 queued as 4711", None)
        assert attempts_of(connection, claimed.id) == [Attempt(NOW, AttemptOutcome.SENT, 250, "2.0.0 queued as 4711")]
        assert letters_of(connection, claimed.ticket_id or 0) == [found]


def test_a_deferred_letter_comes_back_in_its_time_with_the_same_bytes(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs)
    [first] = claim(database)
    assert settle(database, first, SendOutcome(LetterState.DEFERRED, None, "connection lost", NOW + MINUTE), NOW)
    assert claim(database, after=MINUTE - timedelta(microseconds=1)) == []
    [second] = claim(database, after=MINUTE)
    assert (second.attempts, second.uncertain) == (2, 0)
    assert (second.content, second.message_id) == (first.content, first.message_id)
    assert settle(database, second, SendOutcome(LetterState.FAILED, 550, "no such user"), NOW + MINUTE)
    with database.reading() as connection:
        assert [one.outcome for one in attempts_of(connection, first.id)] == ["deferred", "failed"]
        assert [letter.state for letter in list_letters(connection, LetterState.FAILED)] == ["failed"]
        assert list_letters(connection, LetterState.SENT) == []


def test_a_letter_whose_sender_never_came_back_is_uncertain(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs)
    [first] = claim(database)
    assert claim(database, after=LEASE - timedelta(microseconds=1)) == []
    [second] = claim(database, after=LEASE)
    assert (second.attempts, second.uncertain) == (2, 1)
    assert not settle(database, first, SENT, NOW + LEASE)
    assert settle(database, second, SENT, NOW + LEASE)
    with database.reading() as connection:
        assert [(one.outcome, one.at) for one in attempts_of(connection, first.id)] == [
            ("uncertain", NOW + LEASE),
            ("sent", NOW + LEASE),
        ]


def test_a_letter_given_back_was_not_tried(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs, 2)
    claimed = claim(database)
    assert settle(database, claimed[0], SENT, NOW)
    assert give_back_letters(database, [], NOW) == 0
    assert give_back_letters(database, claimed, NOW) == 1
    [again] = claim(database)
    assert (again.id, again.attempts, again.uncertain) == (claimed[1].id, 1, 0)
    with database.reading() as connection:
        assert attempts_of(connection, again.id) == []


def test_the_longest_due_go_first(database: Database, blobs: BlobStore) -> None:
    letters = queued(database, blobs, 5)
    first = claim(database, limit=2)
    assert [one.id for one in first] == [one.id for one in letters[:2]]
    later = SendOutcome(LetterState.DEFERRED, 451, "try later", NOW - MINUTE)
    assert settle_all(database, [(one, later) for one in first[::-1]], NOW) == [True, True]
    assert [one.id for one in claim(database, limit=3)] == [one.id for one in letters[:3]]


def test_letters_of_no_ticket_are_listed_too(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    one = new_ticket()
    letters = (letter(one), letter(None, to="omar@desk.example"))
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []
    with database.reading() as connection:
        newest, oldest = list_letters(connection)
        assert list_letters(connection, limit=1) == [newest]
    assert (newest.ticket, newest.audience, newest.automatic) == (None, "staff", True)
    assert (oldest.ticket, oldest.audience, oldest.to) == (one.reference, "customer", ANNA)


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(1, 40), limits=st.lists(st.integers(1, 9), min_size=2, max_size=4), expired=st.booleans())
def test_two_senders_never_share_a_letter(
    open_database: Callable[[], Database], blobs: BlobStore, count: int, limits: list[int], expired: bool
) -> None:
    nodes = [open_database() for _ in limits]
    with nodes[0].writing() as connection:
        connection.execute(delete(attempt))
        connection.execute(delete(outbox))
    letters = queued(nodes[0], blobs, count)
    after = timedelta()
    if expired:
        claim(nodes[0])
        after = LEASE
    taken: Counter[int] = Counter()
    together = threading.Barrier(len(nodes))

    def work(node: Database, limit: int) -> None:
        together.wait()
        empty = 0
        while empty < 3:
            mine = [one.id for one in claim(node, limit, after)]
            taken.update(mine)
            empty = 0 if mine else empty + 1

    with ThreadPoolExecutor(len(nodes)) as pool:
        list(pool.map(work, nodes, limits))
    taken.update(one.id for one in claim(nodes[0], after=after))
    assert taken == Counter(one.id for one in letters)
    with nodes[0].reading() as connection:
        logged = [one.outcome for letter in letters for one in attempts_of(connection, letter.id)]
    assert logged == ["uncertain"] * (count if expired else 0)
    for node in nodes:
        node.close()


def test_a_hundred_letters_take_as_many_statements_as_one(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs, 101)
    seen: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *call: seen.append(call[2].split()[0]))

    def statements(count: int) -> list[str]:
        seen.clear()
        letters = claim(database, count)
        assert len(letters) == count
        assert settle_all(database, [(letter, SENT) for letter in letters], NOW) == [True] * count
        return [word for word in seen if word not in ("BEGIN", "COMMIT")]

    assert statements(1) == statements(100) == ["SELECT", "UPDATE", "SELECT", "UPDATE", "INSERT"]


def test_of_many_outcomes_those_whose_lease_was_lost_are_left_out(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs, 4)
    first, second, third, fourth = claim(database)
    settle(database, second, SENT, NOW)
    claim_letters(database, NOW + LEASE, limit=1, lease=LEASE)
    outcomes = [(letter, SendOutcome(LetterState.FAILED, 550, "no")) for letter in (first, second, third, fourth)]
    assert settle_all(database, outcomes, NOW) == [False, False, True, True]
    with database.reading() as connection:
        assert [
            letter.state for letter in map(partial(find_letter, connection), (first.id, second.id, third.id, fourth.id)) if letter
        ] == [
            LetterState.SENDING,
            LetterState.SENT,
            LetterState.FAILED,
            LetterState.FAILED,
        ]
        assert [attempt.outcome for attempt in attempts_of(connection, second.id)] == ["sent"]


def test_the_claim_uses_the_index_of_due_letters(sqlite_url: str, blobs: BlobStore) -> None:
    database, seen = Database(sqlite_url), []
    queued(database, blobs, 5)
    event.listen(database._engine, "before_cursor_execute", lambda *call: seen.append(call[2:4]))
    claim(database)
    statement, parameters = next(call for call in seen if "next_attempt_at <=" in call[0])
    with database.reading() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
    assert any("outbox_due" in row[3] for row in plan)
    database.close()


def test_letters_that_wait_for_long_are_found_by_an_index_however_long_the_queue(sqlite_url: str, blobs: BlobStore) -> None:
    database, seen = Database(sqlite_url), []
    queued(database, blobs, 5)
    event.listen(database._engine, "before_cursor_execute", lambda *call: seen.append(call[2:4]))
    with database.reading() as connection:
        outcomes_to_report(connection, NOW, 10)
        asked = [call for call in seen if "FROM outbox" in call[0]]
        plans = [connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, values).all() for statement, values in asked]
    assert [[row[3].partition("USING ")[2].partition(" (")[0] for row in plan] for plan in plans] == [
        ["INDEX outbox_failed"], ["INDEX outbox_delayed"]
    ]  # fmt: skip
    database.close()


def test_a_loss_after_the_final_dot_is_counted_as_uncertain(database: Database, blobs: BlobStore) -> None:
    queued(database, blobs)
    [first] = claim(database)
    assert settle(database, first, SendOutcome(LetterState.DEFERRED, None, "after the final dot: lost", NOW, uncertain=True), NOW)
    [second] = claim(database)
    assert (second.attempts, second.uncertain) == (2, 1)
    with database.reading() as connection:
        assert [one.outcome for one in attempts_of(connection, first.id)] == ["uncertain"]
