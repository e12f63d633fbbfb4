"""A worker that lost its claim cannot record a result, and releasing one claim leaves all other claims as they are."""

from datetime import timedelta
from pathlib import Path

import pytest
from support.desk.outcomes import LEASE, NOW, blob_store, letter, new_ticket, opening, raw_mail, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.inbound import store_raw
from helpdesk.store.leases import end_claims_of, end_leases
from helpdesk.store.mail_claims import claim_mail, release_mails
from helpdesk.store.outbox import (
    ClaimedLetter,
    SendOutcome,
    attempts_of,
    claim_letters,
    find_letter,
    give_back_letters,
    release_letters,
    settle,
)
from helpdesk.store.record import record_all
from helpdesk.threading.model.letter_state import LetterState

SENT = SendOutcome(LetterState.SENT, 250, "2.0.0 queued as 4711")


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def queue_letters(database: Database, blobs: BlobStore, count: int) -> None:
    one = new_ticket()
    letters = tuple(letter(one, to=f"anna{number}@acme.example") for number in range(count))
    [claimed] = stored_and_claimed(database, blobs)
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []


def claim(database: Database, limit: int = 9, after: timedelta = timedelta(), token: int | None = None) -> list[ClaimedLetter]:
    return claim_letters(database, NOW + after, limit=limit, lease=LEASE, token=token)


def test_letting_go_of_a_claim_releases_its_own_mails_alone(database: Database, blobs: BlobStore) -> None:
    store_raw(database, blobs, 1024, [raw_mail(sender=f"{name}@acme.example") for name in ("anna", "bert")], NOW)

    def claim_mails(limit: int, token: int) -> list[tuple[int, int]]:
        claimed = claim_mail(database, blobs, NOW, limit=limit, lease=LEASE, max_bytes=2**30, token=token)
        return [(mail.id, mail.attempts) for mail in claimed]

    mine, theirs = claim_mails(1, token=1), claim_mails(9, token=2)
    assert len(mine) == len(theirs) == 1
    assert release_mails(database, 1) == 1
    assert claim_mails(9, token=3) == mine


def test_letting_go_of_a_claim_releases_its_own_letters_alone(database: Database, blobs: BlobStore) -> None:
    queue_letters(database, blobs, 2)
    mine, theirs = claim(database, limit=1, token=1), claim(database, token=2)
    assert len(mine) == len(theirs) == 1
    assert release_letters(database, 1, NOW) == 1
    assert [again.id for again in claim(database)] == [mine[0].id]


def test_a_settlement_after_the_lease_leaves_no_trace(database: Database, blobs: BlobStore) -> None:
    queue_letters(database, blobs, 1)
    [first] = claim(database)
    [second] = claim(database, after=LEASE)
    assert not settle(database, first, SENT, NOW + LEASE)
    with database.reading() as connection:
        assert [attempt.outcome for attempt in attempts_of(connection, first.id)] == [
            "uncertain"
        ]  # noted when the second claim was made
    assert settle(database, second, SENT, NOW + LEASE)


def test_a_letter_that_was_taken_over_is_not_given_back(database: Database, blobs: BlobStore) -> None:
    queue_letters(database, blobs, 1)
    [first] = claim(database)
    [second] = claim(database, after=LEASE)
    assert give_back_letters(database, [first], NOW) == 0
    with database.reading() as connection:
        found = find_letter(connection, first.id)
    assert found is not None and (found.state, found.attempts) == (LetterState.SENDING, 2)
    assert settle(database, second, SENT, NOW + LEASE)


def test_the_letters_of_a_process_that_died_are_free_again_and_uncertain(database: Database, blobs: BlobStore) -> None:
    dead, alive = ClaimTokens(), ClaimTokens()
    queue_letters(database, blobs, 2)
    [lost], [held] = claim(database, limit=1, token=dead.new()), claim(database, token=alive.new())
    assert end_claims_of(database, dead, NOW) == 1
    [again] = claim(database)
    assert (again.id, again.attempts, again.uncertain) == (lost.id, 2, 1)
    assert not settle(database, lost, SENT, NOW)
    assert settle(database, held, SENT, NOW)


def test_a_start_alone_on_a_database_frees_all_letters(database: Database, blobs: BlobStore) -> None:
    queue_letters(database, blobs, 1)
    [lost] = claim(database)
    assert end_leases(database, NOW) == 1
    [again] = claim(database)
    assert (again.id, again.attempts, again.uncertain) == (lost.id, 2, 1)
