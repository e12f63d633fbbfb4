"""What the store keeps of letters that failed, of addresses without use, and of how much has gone out; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.desk.outcomes import ANNA, NOW, blob_store, customer_message, letter, new_ticket, opening, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import Database
from helpdesk.store.digests import gathered_letters
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedAccount
from helpdesk.store.mail_claims import MailCause
from helpdesk.store.outbox import LetterCause, SendOutcome, claim_letters, leave_unreported, outcomes_to_report, settle
from helpdesk.store.record import record_all
from helpdesk.store.schema import outbox
from helpdesk.store.sent_letters import sent_letters
from helpdesk.store.suppressions import lift, list_suppressions, suppress, suppressions_of
from helpdesk.store.tallies import exchanges_of, tally_of
from helpdesk.store.timers import TimerCause, due_timers, put_off
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.tally import DESK, apart, confirmations, of_domain
from helpdesk.threading.lifecycle.decision import Decision, FailedLetter, Grounds, ReachChanges
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import DeliveryOutcome, Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.model.timer import TimerKind

HARD, MANUAL, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL, SuppressionReason.COMPLAINT


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def opened(database: Database, blobs: BlobStore, *letters: Letter, now: datetime = NOW, **changes: object) -> Outcome:
    """A mail that opened a ticket, with letters about it."""
    ticket = new_ticket(**changes)
    [claimed] = stored_and_claimed(database, blobs)
    outcome = replace(opening(claimed, ticket, letters=tuple(replace(one, ticket_id=ticket.id) for one in letters)), now=now)
    assert record_all(database, [outcome]) == []
    return outcome


def counted(address: str = ANNA, notice: Notice = Notice.CONFIRMATION, **changes: object) -> Letter:
    return letter(None, notice, address, counted_as=address, counted_domain=address.partition("@")[2], **changes)


def failure_of(number: int) -> LetterCause:
    return LetterCause(number, DeliveryOutcome.FAILED, "550 5.1.1 no such user")


def failing(number: int, **changes: object) -> Outcome:
    decision = Decision(
        Disposition.REPORTED,
        "it failed",
        Grounds(Assurance.UNVERIFIED),
        reach=ReachChanges(failed_letters=(FailedLetter(number, "gone"),)),
    )
    return Outcome(failure_of(number), replace(decision, **changes), (), NOW, "node-1")  # type: ignore[arg-type]


def refused_by_relay(database: Database) -> int:
    [claimed] = claim_letters(database, NOW, limit=1, lease=timedelta(minutes=2))
    settle(database, claimed, SendOutcome(LetterState.FAILED, 550, "5.1.1 no such user"), NOW)
    return claimed.id


def test_a_failure_is_decided_once(database: Database, blobs: BlobStore) -> None:
    opened(database, blobs, letter(None))
    number = refused_by_relay(database)
    with database.reading() as connection:
        assert [outcome.letter_id for outcome in outcomes_to_report(connection, None, 10)] == [number]
    assert record_all(database, [failing(number)]) == []
    with database.reading() as connection:
        assert outcomes_to_report(connection, None, 10) == []
        assert connection.execute(select(outbox.c.last_reply).where(outbox.c.id == number)).scalar_one() == "gone"
    [again] = record_all(database, [failing(number)])
    assert isinstance(again.fault, LostClaim)


def test_a_failure_that_nothing_can_be_made_of_is_left(database: Database, blobs: BlobStore) -> None:
    opened(database, blobs, letter(None))
    number = refused_by_relay(database)
    leave_unreported(database, failure_of(number), NOW)
    with database.reading() as connection:
        assert outcomes_to_report(connection, None, 10) == []


def test_suppressions_are_written_renewed_and_lifted(database: Database, blobs: BlobStore) -> None:
    opened(database, blobs, letter(None))
    number = refused_by_relay(database)
    one = Suppression(ANNA, HARD, "5.1.1", NOW, NOW + timedelta(days=1), number)
    later = replace(one, until=NOW + timedelta(days=9))
    assert record_all(database, [failing(number, reach=ReachChanges((FailedLetter(number, "gone"),), (one, later)))]) == []
    with database.writing() as connection:
        suppress(connection, Suppression(ANNA, COMPLAINT, "abuse", NOW, None))
        suppress(connection, Suppression("carl@other.example", MANUAL, "", NOW - timedelta(days=2), NOW - timedelta(days=1)))
    with database.reading() as connection:
        found = suppressions_of(connection, [ANNA, "carl@other.example"], NOW)
        assert found == {ANNA: (Suppression(ANNA, COMPLAINT, "abuse", NOW, None), later)}
        assert {suppression.reason for suppression in list_suppressions(connection, NOW)} == {HARD, COMPLAINT}
        assert {suppression.reason for suppression in list_suppressions(connection, NOW + timedelta(days=10))} == {COMPLAINT}
    with database.writing() as connection:
        assert (lift(connection, ANNA), lift(connection, ANNA)) == (2, 0)


def test_letters_are_counted_by_the_minute_the_hour_and_the_day(database: Database, blobs: BlobStore) -> None:
    for back in (timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=5), timedelta(days=2)):
        opened(database, blobs, counted(), counted("paul@acme.example", Notice.CLOSING), now=NOW - back)
    opened(database, blobs, counted(suppressed="too many"))
    opened(database, blobs, letter(None, Notice.HELD, "omar@desk.example", counted_as="held:omar@desk.example"))
    with database.reading() as connection:
        tally = tally_of(connection, [ANNA, "paul@acme.example", "held:omar@desk.example"], ["acme.example"], NOW)
    assert (tally.hour[ANNA], tally.day[ANNA], tally.hour[confirmations(ANNA)]) == (2, 3, 2)
    assert (tally.day["paul@acme.example"], tally.hour.get(confirmations("paul@acme.example"))) == (3, None)
    assert (tally.hour[of_domain("acme.example")], tally.hour[DESK], tally.minute[DESK]) == (4, 4, 2)
    assert tally.hour["held:omar@desk.example"] == 1


def test_letters_about_mail_without_proof_are_counted_apart(database: Database, blobs: BlobStore) -> None:
    for back in (timedelta(seconds=30), timedelta(minutes=5), timedelta(minutes=30)):
        opened(database, blobs, counted(unproved=True), now=NOW - back)
    opened(database, blobs, counted())
    with database.reading() as connection:
        tally = tally_of(connection, [ANNA], ["acme.example"], NOW)
    for key in (ANNA, confirmations(ANNA), of_domain("acme.example"), DESK):
        assert (tally.hour[key], tally.hour[apart(key, unproved=True)]) == (1, 3)
    assert (tally.minute[DESK], tally.minute[apart(DESK, unproved=True)]) == (1, 1)
    assert (tally.ten_minutes[ANNA], tally.ten_minutes[apart(ANNA, unproved=True)]) == (1, 2)


def test_gathered_letters_are_told_of_once_on_whichever_node(database: Database, blobs: BlobStore) -> None:
    told = letter(None, Notice.NEW_TICKET, "omar@desk.example", suppressed="one letter lists it", gathered=True)
    opened(database, blobs, told, letter(None, Notice.NEW_TICKET, "ines@desk.example"))
    with database.reading() as connection:
        assert gathered_letters(connection, NOW - timedelta(seconds=1), 10) == []
        [cause] = gathered_letters(connection, NOW, 10)
    assert (cause.staff, cause.letter_ids) == ("omar@desk.example", (told.id,))
    decision = Decision(Disposition.NOTED, "", Grounds(Assurance.UNVERIFIED), digest=Digest(7, "omar@desk.example", ()))
    assert record_all(database, [Outcome(cause, decision, (), NOW, "n1")]) == []
    [late] = record_all(database, [Outcome(cause, replace(decision, digest=Digest(8, "omar@desk.example", ())), (), NOW, "n2")])
    assert isinstance(late.fault, LostClaim)
    with database.reading() as connection:
        assert gathered_letters(connection, NOW, 10) == []


def test_an_exchange_has_the_letters_of_an_hour_and_the_mails_on_their_tickets(database: Database, blobs: BlobStore) -> None:
    opened(database, blobs, counted(), subject="First")
    opened(database, blobs, counted(), subject="Second")
    opened(database, blobs, counted(), now=NOW - timedelta(hours=3))
    opened(database, blobs, counted("carl@other.example"))
    with database.reading() as connection:
        found = exchanges_of(connection, [ANNA, "carl@other.example"], NOW)
    assert found[ANNA].letters == (NOW, NOW)
    words = "The page says locked."
    assert [(mail.subject, mail.text, mail.at) for mail in found[ANNA].mails] == [("First", words, NOW), ("Second", words, NOW)]
    assert found["carl@other.example"].mails == ()


def test_a_sent_letter_comes_with_its_words_and_its_readers_other_addresses(database: Database, blobs: BlobStore) -> None:
    names = {
        ANNA: "Anna Weber",
        "weber@acme.example": "ANNA  Weber",
        "paul@acme.example": "Paul",
        "x@globex.example": "Anna Weber",
    }
    acme = ListedAccount("acme", "business", tuple(name for name in names if "acme" in name), (), names)
    sync_directory(database, [], [acme, ListedAccount("globex", "free", ("x@globex.example",), (), names)])
    words = replace(customer_message("Open flap B."), direction=Direction.SUPPORT, author="omar@desk.example")
    ticket = new_ticket(account="acme")
    [claimed] = stored_and_claimed(database, blobs)
    answers = [letter(ticket, Notice.ANSWER, to, automatic=False) for to in (ANNA, "paul@acme.example")]
    assert record_all(database, [opening(claimed, ticket, message=words, letters=tuple(answers))]) == []
    elsewhere = opened(database, blobs, letter(None, to="x@globex.example"), account="globex").letters[0]
    with database.reading() as connection:
        found = sent_letters(connection, [elsewhere.id, *(answer.id for answer in answers)])
    assert found[elsewhere.id].namesakes == ()
    one = found[answers[0].id]
    assert (one.author, one.words, one.automatic, one.reached, one.at) == ("omar@desk.example", "Open flap B.", False, 1, NOW)
    assert [other.address for other in one.namesakes] == ["weber@acme.example"]
    assert found[answers[1].id].namesakes == ()


def test_a_timer_that_failed_waits_longer_each_time(database: Database, blobs: BlobStore) -> None:
    ticket = opened(database, blobs, letter(None)).decision.ticket
    assert ticket is not None
    due, cause = NOW + timedelta(hours=8), TimerCause(ticket.id, TimerKind.TARGET, 1)
    waits = []
    for count in range(1, 9):
        assert put_off(database, cause, due) == count
        with database.reading() as connection:
            waits.append(next(span for span in range(200) if due_timers(connection, due + timedelta(minutes=span), 10)))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert put_off(database, replace(cause, occurrence=2), due) == 0


def test_no_cause_is_taken_for_another() -> None:
    causes = {str(failure_of(1)), str(MailCause(1, 1, None, None)), str(TimerCause(1, TimerKind.CLOSE, 1))}
    assert len(causes) == 3
