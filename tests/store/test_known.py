"""What the store answers about a mail: only what the question can reach, in few statements."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from support.desk.outcomes import (
    ANNA,
    NOW,
    OMAR,
    blob_store,
    customer_message,
    events_up_to,
    letter,
    mail_cause,
    new_ticket,
    opening,
    stored_and_claimed,
    without_effect,
)

from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.conversations import THREAD_IDS
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedAccount, ListedStaff
from helpdesk.store.keys import TICKETS_OF_AN_ID
from helpdesk.store.known import look_up, look_up_many
from helpdesk.store.outbox import SendOutcome, claim_letters, settle
from helpdesk.store.record import record_all
from helpdesk.store.schema import seen_image
from helpdesk.threading.lifecycle.decision import NO_TIMERS, Contribution, Decision, Grounds
from helpdesk.threading.matching.known import EarlierCopy, Known, Question
from helpdesk.threading.matching.signature_images import SignatureImages
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import Contact
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def ask(database: Database, **question: Any) -> Known:
    with database.reading() as connection:
        return look_up(connection, Question(**({"author": ANNA} | question)), POLICY, NOW)


def opened(database: Database, blobs: BlobStore, **changes: Any) -> tuple[Ticket, Outcome]:
    one = new_ticket(**changes)
    [claimed] = stored_and_claimed(database, blobs)
    outcome = opening(claimed, one)
    assert record_all(database, [outcome]) == []
    return one, outcome


def directory(database: Database) -> None:
    people = [ListedStaff(OMAR, "Omar", "agent", ("general", "billing")), ListedStaff("lea@desk.example", "Lea", "senior")]
    accounts = [
        ListedAccount("acme", "business", (ANNA,), ("acme.example",)),
        ListedAccount("globex", "custom", (), ("globex.example",)),
    ]
    sync_directory(database, people, accounts)


def test_a_contact_is_known_by_address_then_by_domain_else_a_stranger(database: Database) -> None:
    directory(database)
    sync_directory(database, [], [ListedAccount("acme", "business", ("carl@mail.example",), ("acme.example",))])
    expected = {
        "carl@mail.example": ("acme", "business"),
        "new@acme.example": ("acme", "business"),
        "new@sub.acme.example": (None, "free"),
        "new@xacme.example": (None, "free"),
        "acme.example": (None, "free"),
        "x@globex.example": (None, "free"),
        "": (None, "free"),
    }
    for address, (account, plan) in expected.items():
        assert ask(database, author=address).contact == Contact(address, "", account, plan), address


def test_nothing_is_reached_without_a_key(database: Database, blobs: BlobStore) -> None:
    opened(database, blobs)
    assert ask(database) == Known(Contact(ANNA, "", None, "free"))
    with database.reading() as connection:
        assert look_up_many(connection, [], POLICY, NOW) == []


def test_every_key_leads_to_its_ticket(database: Database, blobs: BlobStore) -> None:
    one, outcome = opened(database, blobs)
    opened(database, blobs)
    confirmation = outcome.letters[0]
    own_id = f"m{outcome.cause.mail_id}@acme.example"
    keys: dict[str, Any] = {
        "ticket_ids": (one.id, 999_999_999),
        "message_ids": (own_id, confirmation.message_id, "unknown@x"),
        "references": (one.reference, "ACZ-XXXXXX"),
        "thread_key": one.thread_key,
        "letter_ids": (confirmation.id, 5),
    }
    for name, value in keys.items():
        known = ask(database, **{name: value})
        assert known.tickets == {one.id: one}, name
        assert set(known.conversations) == {one.id}, name
    known = ask(database, **keys)
    assert known.by_message_id == {own_id: (one.id,), confirmation.message_id: (one.id,)}
    assert known.by_reference == {one.reference: one.id}
    assert known.by_thread_key == one.id
    sent = known.letters[confirmation.id]
    assert (sent.ticket_id, sent.participant, sent.recipient, sent.notice, sent.for_staff, sent.message_id) == (
        one.id, 1, ANNA, "confirmation", False, confirmation.message_id,
    )  # fmt: skip


def test_questions_of_a_batch_get_each_their_own_answer(database: Database, blobs: BlobStore) -> None:
    first, outcome = opened(database, blobs)
    second, _ = opened(database, blobs)
    directory(database)
    questions = [
        Question(author="x@globex.example", ticket_ids=(first.id,)),
        Question(author=ANNA, references=(second.reference,), fingerprint="0" * 64),
        Question(author="", fingerprint=f"{outcome.cause.mail_id:064x}"),
        Question(author=ANNA),
    ]
    with database.reading() as connection:
        together = look_up_many(connection, questions, POLICY, NOW)
        assert together == [look_up(connection, question, POLICY, NOW) for question in questions]
    assert [set(known.tickets) for known in together] == [{first.id}, {second.id}, {first.id}, set()]


def test_the_statements_do_not_grow_with_the_batch(database: Database, blobs: BlobStore) -> None:
    tickets = [opened(database, blobs)[0] for _ in range(3)]
    statements: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    counts = []
    for portion in (tickets[:1], tickets):
        statements.clear()
        with database.reading() as connection:
            look_up_many(
                connection, [Question(ANNA, (ticket.id,), (), ("a@b",), ("R",), "k", "f") for ticket in portion], POLICY, NOW
            )
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_copy_of_a_mail_is_seen_once_it_had_an_effect(database: Database, blobs: BlobStore) -> None:
    one, two, four, five = stored_and_claimed(database, blobs, 4)
    print_ = "f" * 64
    opens = opening(one, cause=mail_cause(one, print_))
    ends = {two: Disposition.DISCARDED, four: Disposition.HELD, five: Disposition.QUARANTINED}
    others = [replace(without_effect(mail, end), cause=mail_cause(mail, print_)) for mail, end in ends.items()]
    assert record_all(database, [opens, *others]) == []
    ticket = opens.decision.ticket
    assert ticket is not None
    found = ask(database, fingerprint=print_)
    assert found.earlier == (EarlierCopy(one.id, ticket.id), EarlierCopy(four.id, None))
    assert set(found.tickets) == {ticket.id}
    assert ask(database, fingerprint=print_, own_inbound_id=one.id).earlier == (EarlierCopy(four.id, None),)
    assert ask(database, fingerprint="e" * 64).earlier == ()


def test_a_copy_is_known_by_what_its_signature_covers(database: Database, blobs: BlobStore) -> None:
    """Whatever its fingerprint is. A mail without effect does not count: it may be a forwarded copy whose author nobody proved."""
    one, two = stored_and_claimed(database, blobs, 2)
    content = "5" * 64
    opens = opening(one, cause=replace(mail_cause(one), signed_content=content))
    held = without_effect(two, Disposition.HELD)
    held = replace(held, cause=replace(mail_cause(two), signed_content=content))
    assert record_all(database, [opens, held]) == []
    ticket = opens.decision.ticket
    assert ticket is not None
    found = ask(database, fingerprint="e" * 64, signed_content=content)
    assert found.earlier == (EarlierCopy(one.id, ticket.id),)
    assert set(found.tickets) == {ticket.id}
    assert ask(database, signed_content=content, own_inbound_id=one.id).earlier == ()


def test_staff_have_their_load_of_open_tickets(database: Database, blobs: BlobStore) -> None:
    directory(database)
    for status in (Status.IN_REVIEW, Status.ESCALATED, Status.RESOLVED, Status.CLOSED):
        opened(database, blobs, status=status)
    opened(database, blobs, assignee=None)
    lea, omar = ask(database).staff
    assert (omar.name, omar.role, omar.queues, omar.open_tickets) == ("Omar", "agent", ("general", "billing"), 2)
    assert (lea.address, lea.role, lea.open_tickets) == ("lea@desk.example", "senior", 0)
    sync_directory(database, [ListedStaff(OMAR, "Omar")], [])
    assert [member.address for member in ask(database).staff] == [OMAR]


def conversation(database: Database, blobs: BlobStore, turns: int) -> Ticket:
    """Anna writes and gets a letter, every minute."""
    one, _ = opened(database, blobs)
    for turn in range(1, turns + 1):
        [claimed] = stored_and_claimed(database, blobs)
        at = NOW + timedelta(minutes=turn)
        after = replace(one, version=one.version + 1, event_count=one.event_count + 1)
        words = replace(customer_message(f"turn {turn}", message_id=f"anna{turn}@acme.example"), at=at)
        decision = Decision(
            Disposition.THREADED, "", Grounds(Assurance.AUTHENTICATED), ticket=after, expected_version=one.version,
            events=events_up_to(after.event_count, 1), adds=Contribution(message=words),
        )  # fmt: skip
        told = letter(after, Notice.ANSWER, message_id=f"desk{turn}@desk.example")
        assert record_all(database, [Outcome(mail_cause(claimed), decision, (told,), at, "node-1")]) == []
        one = after
    return one


def test_each_participant_has_the_ids_of_his_own_thread_in_order(database: Database, blobs: BlobStore) -> None:
    one = conversation(database, blobs, 2)
    found = ask(database, ticket_ids=(one.id,)).conversations[one.id]
    customer, staff = found.threads[1], found.threads[2]
    # What Anna wrote stands before what she was sent at the same moment.
    assert customer[0].startswith("m")
    assert customer[1].startswith("l")
    assert customer[2:] == ("anna1@acme.example", "desk1@desk.example", "anna2@acme.example", "desk2@desk.example")
    assert len(staff) == 1
    assert [message.text for message in found.last_messages] == ["The page says locked.", "turn 1", "turn 2"]
    assert found.last_messages[-1].at == NOW + timedelta(minutes=2)
    assert found.timers == {"target": 1}


def test_a_long_conversation_keeps_its_beginning_and_its_end(database: Database, blobs: BlobStore) -> None:
    one = conversation(database, blobs, THREAD_IDS + 5)
    found = ask(database, ticket_ids=(one.id,)).conversations[one.id]
    thread = found.threads[1]
    assert thread[0].startswith("m")
    assert thread[1].startswith("l")
    assert thread[-2:] == (f"anna{THREAD_IDS + 5}@acme.example", f"desk{THREAD_IDS + 5}@desk.example")
    assert len(thread) == 2 * THREAD_IDS + 2
    assert [message.text for message in found.last_messages] == [f"turn {THREAD_IDS + 1 + turn}" for turn in range(5)]


def test_a_letter_that_never_arrived_is_not_part_of_the_thread(database: Database, blobs: BlobStore) -> None:
    one, outcome = opened(database, blobs)
    claimed = claim_letters(database, NOW, limit=9, lease=timedelta(minutes=1))
    [bounced] = [letter for letter in claimed if not letter.for_staff]
    assert settle(database, bounced, SendOutcome(LetterState.FAILED, 550, "no such user"), NOW)
    threads = ask(database, ticket_ids=(one.id,)).conversations[one.id].threads
    assert outcome.letters[0].message_id not in threads[1]
    assert outcome.letters[1].message_id in threads[2]


def test_an_id_shared_by_many_tickets_leads_to_the_oldest(database: Database, blobs: BlobStore) -> None:
    first, _ = opened(database, blobs)
    shared = ("shared@acme.example",)
    claims = stored_and_claimed(database, blobs, TICKETS_OF_AN_ID + 5)
    assert record_all(database, [opening(claimed, seen_ids=shared) for claimed in claims]) == []
    [claimed] = stored_and_claimed(database, blobs)
    after = replace(first, version=2, event_count=3)
    late = opening(
        claimed, after, disposition=Disposition.THREADED, expected_version=1, events=events_up_to(3, 1), timers=NO_TIMERS
    )
    late = replace(late, decision=replace(late.decision, adds=replace(late.decision.adds, seen_ids=shared)))
    assert record_all(database, [late]) == []
    found = ask(database, message_ids=shared)
    assert len(found.by_message_id[shared[0]]) == len(found.tickets) == TICKETS_OF_AN_ID
    assert found.by_message_id[shared[0]][0] == first.id


def test_hostile_keys_are_only_keys(database: Database) -> None:
    many = tuple(f"{number}@x" for number in range(40_000))
    known = ask(
        database, author="a\0b@\ud800", message_ids=(*many, "\0", "\udfff" * 5000), references=("\0", "'; --"), thread_key="\0"
    )
    assert known.tickets == {}
    assert known.contact.account is None


def with_images(decision: Decision, images: SignatureImages) -> Decision:
    return replace(decision, adds=replace(decision.adds, images=images))


def test_images_are_known_by_their_account_or_author_once_two_mails_had_them(database: Database, blobs: BlobStore) -> None:
    directory(database)
    logo, other = "a" * 64, "b" * 64

    def come(*images: str, origin: str = "acme") -> None:
        outcome = opening(stored_and_claimed(database, blobs)[0])
        decision = with_images(outcome.decision, SignatureImages(images, origin))
        assert record_all(database, [replace(outcome, decision=decision)]) == []

    come(logo)
    assert ask(database, images=(logo, other)).seen_images == set()
    come(logo, other)
    assert ask(database, images=(logo, other)).seen_images == {logo}
    assert ask(database, images=(other,)).seen_images == set()
    assert ask(database, author="eve@elsewhere.example", images=(logo,)).seen_images == set()
    assert ask(database, author="", images=(logo,)).seen_images == set()
    come(other, origin="")
    with database.reading() as connection:
        assert len(connection.execute(select(seen_image.c.sha256)).all()) == 3
    come(logo, other)
    assert ask(database, author="new@acme.example", images=(logo, other)).seen_images == {logo, other}
