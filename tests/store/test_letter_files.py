"""Files of letters in the store: one copy, the same octets each time, and there for as long as a letter needs them."""

import base64
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from support.desk.outcomes import LEASE, NOW, blob_store, letter, new_ticket, opening, raw_mail

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw
from helpdesk.store.letter_files import IN_BLOBS, FilePlaces, FilesAway
from helpdesk.store.mail_claims import claim_mail
from helpdesk.store.outbox import ClaimedLetter, SendOutcome, claim_letters, content_of_letter, settle, words_of_letter
from helpdesk.store.quarantine import drop, forget_dropped
from helpdesk.store.record import record_all
from helpdesk.store.schema import inbound, outbox
from helpdesk.threading.letters.files import LetterFile
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.reading.places import Step

FILE = bytes(range(256)) * 100
DIGEST = sha256(FILE).hexdigest()
RAW = b"Subject: Plan\r\n\r\n" + base64.encodebytes(FILE)
PLACES: FilePlaces = {DIGEST: (Step(17, len(RAW), "base64"),)}
SKELETON = b"Subject: Plan\r\n\r\nbegin\r\nend\r\n"
LATER = NOW + timedelta(days=40)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def written(
    database: Database, blobs: BlobStore, places: FilePlaces, *, count: int = 1, threshold: int = 65536
) -> tuple[int, list[Letter]]:
    """One mail, and letters that carry its file."""
    store_raw(database, blobs, threshold, [raw_mail(RAW)], NOW)
    [mail] = claim_mail(database, blobs, NOW, limit=1, lease=LEASE, max_bytes=2**30)
    ticket, files = new_ticket(), (LetterFile(24, DIGEST, FILE),)
    letters = tuple(letter(ticket, to=f"a{number}@acme.example", skeleton=SKELETON, files=files) for number in range(count))
    assert record_all(database, [replace(opening(mail, ticket, letters=letters), places=places)]) == []
    return mail.id, list(letters)


def claim(database: Database, blobs: BlobStore | None, after: timedelta = timedelta()) -> list[ClaimedLetter]:
    return claim_letters(database, NOW + after, limit=9, lease=LEASE, blobs=blobs)


@pytest.mark.parametrize("threshold", [65536, 1024])
@pytest.mark.parametrize("places", [PLACES, {DIGEST: IN_BLOBS}, {}], ids=["in the mail", "in the blob store", "nowhere"])
def test_every_attempt_has_the_same_octets_wherever_the_file_is(
    database: Database, blobs: BlobStore, places: FilePlaces, threshold: int
) -> None:
    blobs.put(FILE)
    _, letters = written(database, blobs, places, count=3, threshold=threshold)
    expected = [one.content for one in letters]
    assert all(base64.b64encode(FILE)[:76] in one for one in expected)
    first = claim(database, blobs)
    assert [one.content for one in first] == expected
    for one in first:
        assert settle(database, one, SendOutcome(LetterState.DEFERRED, 451, "later", NOW + LEASE), NOW)
    again = claim(database, blobs, LEASE)
    assert [(one.content, one.attempts, one.trouble) for one in again] == [(content, 2, "") for content in expected]
    with database.reading() as connection:
        assert [content_of_letter(connection, one.id, blobs) for one in letters] == expected
        assert content_of_letter(connection, 1, blobs) is None


def test_letters_keep_no_copy_of_a_file_that_lies_elsewhere(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    _, letters = written(database, blobs, PLACES, count=5)
    with database.reading() as connection:
        stored = connection.execute(select(func.sum(func.length(outbox.c.content)))).scalar()
        assert words_of_letter(connection, letters[0].id) == SKELETON
        assert words_of_letter(connection, 1) is None
    assert stored == 5 * len(SKELETON)
    assert not list((tmp_path / "blobs").glob("*/*"))


def test_a_file_that_is_not_what_it_was_is_not_sent(database: Database, blobs: BlobStore) -> None:
    mail_id, _ = written(database, blobs, PLACES)
    damaged = RAW.replace(b"AAEC", b"AAED", 1)
    with database.writing() as connection:
        connection.execute(update(inbound).where(inbound.c.id == mail_id).values(content=damaged))
    [claimed] = claim(database, blobs)
    assert (claimed.content, claimed.attempts) == (b"", 1)
    assert "restore it from a backup" in claimed.trouble and "\n" not in claimed.trouble


def test_a_letter_whose_file_is_away_holds_up_no_other_and_is_whole_again(
    database: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    _, [with_file] = written(database, blobs, PLACES, threshold=1024)
    store_raw(database, blobs, 65536, [raw_mail(b"Subject: x\r\n\r\ny")], NOW)
    [mail] = claim_mail(database, blobs, NOW, limit=1, lease=LEASE, max_bytes=2**30)
    ticket = new_ticket()
    plain = letter(ticket, to="b@acme.example")
    assert record_all(database, [opening(mail, ticket, letters=(plain,))]) == []
    (tmp_path / "blobs").rename(tmp_path / "away")
    found = {one.id: one for one in claim(database, blobs)}
    assert found[plain.id].content == plain.content and not found[plain.id].trouble
    assert found[with_file.id].content == b"" and found[with_file.id].trouble
    with database.reading() as connection, pytest.raises(FilesAway):
        content_of_letter(connection, with_file.id, blobs)
    [unread] = [one for one in claim(database, None, LEASE) if one.id == with_file.id]
    assert unread.trouble and not unread.content
    (tmp_path / "away").rename(tmp_path / "blobs")
    assert {one.id: one.content for one in claim(database, blobs, 2 * LEASE)}[with_file.id] == with_file.content


@pytest.mark.parametrize(
    ("state", "kept"), [(LetterState.DEFERRED, True), (LetterState.SENT, False), (LetterState.FAILED, False)]
)
def test_a_mail_is_kept_until_its_letters_have_left(database: Database, blobs: BlobStore, state: LetterState, kept: bool) -> None:
    mail_id, [one] = written(database, blobs, PLACES)
    [claimed] = claim(database, blobs)
    assert settle(database, claimed, SendOutcome(state, 451, "said", LATER if state is LetterState.DEFERRED else None), NOW)
    with database.writing() as connection:  # as if an operator had held it, and then did not want it
        connection.execute(update(inbound).where(inbound.c.id == mail_id).values(state=Disposition.HELD))
    assert drop(database, mail_id, "operator", NOW)
    assert forget_dropped(database, LATER) == (not kept)
    with database.reading() as connection:
        if kept:
            assert content_of_letter(connection, one.id, blobs) == one.content
        else:
            with pytest.raises(FilesAway):
                content_of_letter(connection, one.id, blobs)


def test_a_mail_that_is_gone_is_told(database: Database, blobs: BlobStore) -> None:
    _, [one] = written(database, blobs, PLACES)
    with database.writing() as connection:
        connection.execute(update(outbox).values(files_of=7))
    with database.reading() as connection, pytest.raises(FilesAway, match="mail 7 is no longer there"):
        content_of_letter(connection, one.id, blobs)
