"""Letters of which the team must hear: each fate is told once, whoever sees it, and what is given up together fails together."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.desk.outcomes import LEASE, NOW, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import Database
from helpdesk.store.outbox import (
    ClaimedLetter,
    LetterCause,
    SendOutcome,
    attempts_of,
    claim_letters,
    find_letter,
    give_up_letters,
    outcomes_to_report,
    settle,
)
from helpdesk.store.record import record_all
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import DeliveryOutcome, Disposition

HOUR = timedelta(hours=1)
DEFERRED = SendOutcome(LetterState.DEFERRED, 451, "4.7.1 come back", NOW + HOUR, status="4.7.1")
FAILED = SendOutcome(LetterState.FAILED, 550, "5.1.1 no such user", status="5.1.1")


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def claimed_letters(database: Database, blobs: BlobStore, count: int = 1, **changes: Any) -> list[ClaimedLetter]:
    one = new_ticket()
    letters = tuple(letter(one, to=f"anna{number}@acme.example", **changes) for number in range(count))
    [claimed] = stored_and_claimed(database, blobs)
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []
    return claim_letters(database, NOW, limit=count, lease=LEASE)


def untold(database: Database, created_before: timedelta = timedelta()) -> list[LetterCause]:
    with database.reading() as connection:
        return outcomes_to_report(connection, NOW + created_before, 100)


def told(cause: LetterCause) -> Outcome:
    return Outcome(cause, Decision(Disposition.NOTED, "told", Grounds(Assurance.UNVERIFIED)), (), NOW, "node")


def test_a_failed_letter_is_told_once(database: Database, blobs: BlobStore) -> None:
    [one] = claimed_letters(database, blobs)
    assert untold(database) == []
    settle(database, one, FAILED, NOW)
    [cause] = untold(database)
    assert cause == LetterCause(one.id, DeliveryOutcome.FAILED, "550 5.1.1 no such user")
    assert record_all(database, [told(cause)]) == []
    [again] = record_all(database, [told(cause)])
    assert isinstance(again.fault, LostClaim)
    assert untold(database, HOUR) == []


def test_a_letter_that_waits_for_long_is_told_once_and_again_when_it_fails(database: Database, blobs: BlobStore) -> None:
    [one] = claimed_letters(database, blobs)
    settle(database, one, DEFERRED, NOW)
    assert untold(database, -HOUR) == []
    [cause] = untold(database)
    assert cause == LetterCause(one.id, DeliveryOutcome.DELAYED, "451 4.7.1 come back")
    assert record_all(database, [told(cause)]) == []
    assert untold(database, HOUR) == []
    [again] = claim_letters(database, NOW + HOUR, limit=1, lease=LEASE)
    settle(database, again, FAILED, NOW + HOUR)
    [cause] = untold(database, HOUR)
    assert cause.delivery is DeliveryOutcome.FAILED


def test_only_what_was_tried_and_is_for_a_customer_is_a_delay(database: Database, blobs: BlobStore) -> None:
    [first, second] = claimed_letters(database, blobs, 2)
    assert untold(database) == []  # under way
    settle(database, first, SendOutcome(LetterState.SENT, 250, "ok"), NOW)
    assert untold(database) == []
    settle(database, second, DEFERRED, NOW)
    assert [cause.letter_id for cause in untold(database)] == [second.id]


def test_letters_to_staff_are_no_delay(database: Database, blobs: BlobStore) -> None:
    [one] = claimed_letters(database, blobs, for_staff=True)
    settle(database, one, DEFERRED, NOW)
    assert untold(database, HOUR) == []


def test_a_delay_that_ended_meanwhile_is_not_told(database: Database, blobs: BlobStore) -> None:
    [one] = claimed_letters(database, blobs)
    settle(database, one, DEFERRED, NOW)
    [cause] = untold(database)
    [again] = claim_letters(database, NOW + HOUR, limit=1, lease=LEASE)
    settle(database, again, SendOutcome(LetterState.SENT, 250, "ok"), NOW + HOUR)
    [late] = record_all(database, [told(cause)])
    assert isinstance(late.fault, LostClaim)


def test_two_nodes_that_see_one_fate_tell_it_once(open_database: Callable[[], Database], blobs: BlobStore) -> None:
    one, other = open_database(), open_database()
    [claimed] = claimed_letters(one, blobs)
    settle(one, claimed, FAILED, NOW)
    [cause], [same] = untold(one), untold(other)
    assert record_all(one, [told(cause)]) == []
    assert [type(unrecorded.fault) for unrecorded in record_all(other, [told(same)])] == [LostClaim]


def test_what_has_waited_too_long_is_given_up_together_and_nothing_else(database: Database, blobs: BlobStore) -> None:
    letters = claimed_letters(database, blobs, 4)
    for one in letters[:3]:
        settle(database, one, DEFERRED, NOW)
    later = NOW + HOUR
    assert give_up_letters(database, NOW - HOUR, "connection refused", later) == 0
    assert give_up_letters(database, NOW, "connection refused", NOW) == 0  # none is due
    assert give_up_letters(database, NOW, "connection refused", later, limit=2) == 2
    assert give_up_letters(database, NOW, "connection refused", later) == 1
    assert give_up_letters(database, NOW, "connection refused", later) == 0
    with database.reading() as connection:
        found = [find_letter(connection, one.id) for one in letters]
        assert [one.state for one in found if one] == ["failed"] * 3 + ["sending"]
        assert [one.attempts for one in found if one] == [2, 2, 2, 1]
        last = attempts_of(connection, letters[0].id)[-1]
    assert (last.at, last.outcome, last.code, last.reply) == (later, "failed", None, "connection refused")
    assert {cause.delivery for cause in untold(database)} == {DeliveryOutcome.FAILED}


def test_the_enhanced_status_of_an_attempt_is_kept(database: Database, blobs: BlobStore) -> None:
    [one] = claimed_letters(database, blobs)
    settle(database, one, DEFERRED, NOW)
    [again] = claim_letters(database, NOW + HOUR, limit=1, lease=LEASE)
    settle(database, again, SendOutcome(LetterState.FAILED, 550, "no"), NOW + HOUR)
    with database.reading() as connection:
        assert [attempt.status for attempt in attempts_of(connection, one.id)] == ["4.7.1", None]
