"""Mails of one sender, ticket or thread keep their order, however many workers take them."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from support.desk.outcomes import LEASE, NOW, blob_store, opening, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim
from helpdesk.store.database import Database
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.inbound import store_raw
from helpdesk.store.leases import end_claims_of, end_leases
from helpdesk.store.mail_claims import WaitingMail, claim_mail, give_back, in_turn, release_mails
from helpdesk.store.migrate import migrate
from helpdesk.store.platform import waiting_replies
from helpdesk.store.record import record_all
from helpdesk.store.schema import inbound, known_id, platform_reply
from helpdesk.store.turn_keys import turn_keys
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.trust.tokens import Keyring, Purpose, Token, mint

KEYRING = Keyring((("a", b"k" * 32),))
HELP = "help@desk.example"
PLENTY = 2**30
ANNA, OMAR = "anna@acme.example", "omar@desk.example"


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def mail_of(sender: str, to: str = HELP, **fields: str) -> RawMessage:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {"From": sender, "To": to, **fields}.items()]
    return RawMessage("smtp", Envelope(sender, (to,)), ("\r\n".join(lines) + "\r\n\r\nHello\r\n").encode(), NOW, "192.0.2.1")


def store(database: Database, blobs: BlobStore, *raws: RawMessage) -> list[int]:
    """Store mails one after another, a millisecond apart."""
    moments = (NOW + at * timedelta(milliseconds=1) for at in count())
    return [number for raw, now in zip(raws, moments, strict=False) for number in store_raw(database, blobs, 65536, [raw], now)]


def claim(database: Database, blobs: BlobStore, limit: int = 50, token: int | None = None) -> list[int]:
    claimed = claim_mail(database, blobs, NOW, limit=limit, lease=LEASE, max_bytes=PLENTY, token=token)
    return [mail.id for mail in claimed]


def decide(database: Database, ids: list[int]) -> None:
    with database.writing() as connection:
        connection.execute(
            update(inbound).where(inbound.c.id.in_(ids)).values(state=Disposition.DISCARDED, lease_token=None, lease_until=None)
        )


def reply_address(ticket: int, purpose: Purpose = Purpose.REPLY) -> str:
    return f"help+{mint(Token(purpose, ticket, 1, 1), KEYRING)}@desk.example"


def test_a_second_mail_of_a_sender_waits_for_the_worker_of_the_first(database: Database, blobs: BlobStore) -> None:
    first, second, other = store(database, blobs, mail_of(ANNA), mail_of(ANNA), mail_of("bert@acme.example"))
    assert claim(database, blobs, limit=1) == [first]
    assert claim(database, blobs) == [other]
    decide(database, [first])
    assert claim(database, blobs) == [second]


def test_a_second_mail_of_a_sender_waits_while_the_first_waits_for_its_next_attempt(database: Database, blobs: BlobStore) -> None:
    first, second, other = store(database, blobs, mail_of(ANNA), mail_of(ANNA), mail_of("bert@acme.example"))
    [mail] = claim_mail(database, blobs, NOW, limit=1, lease=LEASE, max_bytes=PLENTY)
    give_back(database, mail, "reading: the reader ended", NOW + timedelta(seconds=10))
    assert claim(database, blobs) == [other]
    later = claim_mail(database, blobs, NOW + timedelta(seconds=10), limit=9, lease=LEASE, max_bytes=PLENTY)
    assert [mail.id for mail in later] == [first, second]


def test_a_second_mail_of_a_sender_waits_while_a_late_worker_records_the_first(postgresql_url: str, blobs: BlobStore) -> None:
    """Its lease has ended, nobody has taken the mail over yet, and its transaction goes on."""
    database = Database(postgresql_url)
    migrate(database)
    first, second, other = store(database, blobs, mail_of(ANNA), mail_of(ANNA), mail_of("bert@acme.example"))
    assert claim(database, blobs, limit=1) == [first]
    late = NOW + 2 * LEASE
    with database.writing() as recording:
        recording.execute(select(inbound.c.id).where(inbound.c.id == first).with_for_update())
        found = claim_mail(database, blobs, late, limit=9, lease=LEASE, max_bytes=PLENTY)
        assert [mail.id for mail in found] == [other]
    assert [mail.id for mail in claim_mail(database, blobs, late, limit=9, lease=LEASE, max_bytes=PLENTY)] == [first, second]
    database.close()


@pytest.mark.parametrize("release", ["of a claim", "of a dead process", "of all"])
def test_a_released_mail_is_free_for_a_worker_whose_clock_is_behind(database: Database, blobs: BlobStore, release: str) -> None:
    first, second = store(database, blobs, mail_of(ANNA), mail_of(ANNA))
    tokens, ahead = ClaimTokens(), NOW + timedelta(seconds=1)
    token = tokens.new()
    assert claim(database, blobs, limit=1, token=token) == [first]
    if release == "of a claim":
        assert release_mails(database, token) == 1
    elif release == "of a dead process":
        assert end_claims_of(database, tokens, ahead) == 1
    else:
        assert end_leases(database, ahead) == 1
    assert claim(database, blobs) == [first, second]


def test_a_mail_is_not_recorded_beside_an_earlier_one_that_another_worker_has_taken_over(
    database: Database, blobs: BlobStore
) -> None:
    store(database, blobs, mail_of(ANNA), mail_of(ANNA), mail_of("bert@acme.example"))
    mails = claim_mail(database, blobs, NOW, limit=9, lease=LEASE, max_bytes=PLENTY)
    with database.writing() as connection:
        connection.execute(update(inbound).where(inbound.c.id == mails[0].id).values(lease_token=mails[0].lease_token + 1))
    left = record_all(database, [opening(mail) for mail in mails], [mail.keys for mail in mails])
    assert [(str(entry.outcome.cause), type(entry.fault)) for entry in left] == [
        (f"mail:{mail.id}", LostClaim) for mail in mails[:2]
    ]


def test_one_worker_may_have_all_mails_of_a_sender(database: Database, blobs: BlobStore) -> None:
    ids = store(database, blobs, *(mail_of(ANNA) for _ in range(5)))
    assert claim(database, blobs) == ids


TIED = [
    pytest.param(mail_of(ANNA, reply_address(7)), mail_of(OMAR, reply_address(7, Purpose.NOTE)), id="tokens of one ticket"),
    pytest.param(
        mail_of(ANNA, reply_address(7)),
        mail_of(OMAR, In_Reply_To=f"<{mint(Token(Purpose.REPLY, 7, 2, 1), KEYRING)}.1@desk.example>"),
        id="a token in an address and one in a Message-ID",
    ),
    pytest.param(
        mail_of(ANNA, Message_ID="<first@acme.example>"),
        mail_of(OMAR, References="<first@acme.example> <second@acme.example>"),
        id="a first mail and an answer to it",
    ),
    pytest.param(
        mail_of(ANNA, References="<first@acme.example>\r\n <second@acme.example>"),
        mail_of(OMAR, In_Reply_To="<first@acme.example>"),
        id="two answers in one thread",
    ),
]


@pytest.mark.parametrize(("first", "second"), TIED)
def test_mails_that_their_headers_tie_together_wait_for_each_other(
    database: Database, blobs: BlobStore, first: RawMessage, second: RawMessage
) -> None:
    one, other = store(database, blobs, first, second)
    assert claim(database, blobs, limit=1) == [one]
    assert claim(database, blobs) == []
    decide(database, [one])
    assert claim(database, blobs) == [other]


def test_a_known_message_id_leads_to_its_ticket(database: Database, blobs: BlobStore) -> None:
    [first] = stored_and_claimed(database, blobs)
    outcome = opening(first)
    assert record_all(database, [outcome]) == []
    assert outcome.decision.ticket is not None
    ticket_number = outcome.decision.ticket.id
    with database.writing() as connection:
        connection.execute(known_id.insert().values(message_id="seen@acme.example", ticket_id=ticket_number))
        keys = turn_keys(connection, [mail_of(ANNA, In_Reply_To="<seen@acme.example>"), mail_of(ANNA, reply_address(9))])
    assert [key.ticket for key in keys] == [ticket_number, 9]


@pytest.mark.parametrize("purpose", [Purpose.BOUNCE, Purpose.HELD, Purpose.DIGEST])
def test_a_token_that_names_no_ticket_ties_nothing(database: Database, purpose: Purpose) -> None:
    with database.reading() as connection:
        [keys] = turn_keys(connection, [mail_of(ANNA, reply_address(7, purpose))])
    assert keys.ticket is None


def test_a_mail_behind_one_that_waits_waits_too() -> None:
    held = WaitingMail(1, 1, "a", 7, None, NOW)
    free = [
        WaitingMail(2, 1, "b", 7, None, NOW),
        WaitingMail(3, 1, "b", None, None, NOW),
        WaitingMail(4, 1, "c", None, None, NOW),
    ]
    assert in_turn(free, [held], 9, PLENTY) == [4]


def test_the_claims_of_a_process_that_died_are_free_again(database: Database, blobs: BlobStore) -> None:
    dead, alive = ClaimTokens(), ClaimTokens()
    first, second = store(database, blobs, mail_of(ANNA), mail_of(OMAR))
    assert claim(database, blobs, limit=1, token=dead.new()) == [first]
    assert claim(database, blobs, limit=1, token=alive.new()) == [second]
    assert end_claims_of(database, dead, NOW) == 1
    assert claim(database, blobs) == [first]


@pytest.mark.parametrize(
    ("mail", "waits"),
    [
        pytest.param(mail_of(ANNA), True, id="a mail of the same person"),
        pytest.param(mail_of("other@acme.example"), False, id="a mail of another person"),
        pytest.param(None, False, id="no mail"),
    ],
)
def test_a_reply_of_the_platform_does_not_overtake_an_earlier_mail(
    database: Database, blobs: BlobStore, mail: RawMessage | None, waits: bool
) -> None:
    ids = store(database, blobs, *([mail] if mail else []))
    written = {"account_id": "acme", "contact_address": ANNA, "body_text": "Still broken.", "attachments": []}
    with database.writing() as connection:
        connection.execute(platform_reply.insert().values(**written, created_at=NOW + timedelta(seconds=2)))
    soon, later = NOW + timedelta(seconds=5), NOW + timedelta(minutes=2)
    assert len(waiting_replies(database, soon, 10)) == (not waits)
    assert len(waiting_replies(database, later, 10)) == 1
    decide(database, ids)
    assert len(waiting_replies(database, soon, 10)) == 1


def test_a_reply_of_the_platform_does_not_overtake_a_mail_about_its_ticket(database: Database, blobs: BlobStore) -> None:
    [first] = stored_and_claimed(database, blobs)
    outcome = opening(first)
    assert record_all(database, [outcome]) == []
    ticket = outcome.decision.ticket
    assert ticket is not None
    store(database, blobs, mail_of(OMAR, reply_address(ticket.id)))
    written = {"account_id": "acme", "body_text": "Still broken.", "attachments": [], "thread_key": ticket.thread_key}
    with database.writing() as connection:
        for minute in (1, 2):
            connection.execute(platform_reply.insert().values(**written, created_at=NOW + timedelta(seconds=minute)))
    assert waiting_replies(database, NOW + timedelta(seconds=5), 10) == []
    assert len(waiting_replies(database, NOW + timedelta(minutes=5), 10)) == 2


def test_a_reply_behind_one_that_waits_waits_too(database: Database, blobs: BlobStore) -> None:
    """A colleague writes in the same conversation of the platform: nothing but the earlier reply holds theirs up."""
    ids = store(database, blobs, mail_of(ANNA))
    written = {"account_id": "acme", "body_text": "Still broken.", "attachments": [], "thread_key": "7" * 32}
    with database.writing() as connection:
        for second, author in enumerate((ANNA, "paul@acme.example"), 2):
            row = {**written, "contact_address": author, "created_at": NOW + timedelta(seconds=second)}
            connection.execute(platform_reply.insert().values(row))
    assert waiting_replies(database, NOW + timedelta(seconds=5), 10) == []
    decide(database, ids)
    assert len(waiting_replies(database, NOW + timedelta(seconds=5), 10)) == 2


MAILS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([None, 1, 2]), st.sampled_from([None, "x", "y"])), min_size=2, max_size=14
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=MAILS, steps=st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 4)), max_size=40))
def test_tied_mails_are_with_one_worker_at_a_time_and_in_order(
    open_database: Callable[[], Database],
    blobs: BlobStore,
    mails: list[tuple[str, int | None, str | None]],
    steps: list[tuple[bool, int, int]],
) -> None:
    """Three workers claim and decide in any order; the oracle knows only who came when and what ties whom."""
    database = open_database()
    with database.writing() as connection:
        connection.execute(delete(inbound))
    ids = store(database, blobs, *(mail_of(f"{sender}@x.example") for sender, _, _ in mails))
    with database.writing() as connection:
        for number, (_, ticket, thread) in zip(ids, mails, strict=True):
            connection.execute(update(inbound).where(inbound.c.id == number).values(turn_ticket=ticket, turn_thread=thread))
    keys = {number: {value for value in enumerate(mail) if value[1] is not None} for number, mail in zip(ids, mails, strict=True)}
    held: dict[int, list[int]] = {0: [], 1: [], 2: []}
    decided: dict[int, int] = {}
    clock = count()

    def step(claims: bool, worker: int, limit: int) -> bool:
        if not claims or held[worker]:
            done, held[worker] = held[worker], []
            decided.update((number, next(clock)) for number in done)
            decide(database, done)
            return bool(done)
        held[worker] = claim(database, blobs, limit=limit)
        others = [number for other, numbers in held.items() if other != worker for number in numbers]
        assert all(keys[mine].isdisjoint(keys[theirs]) for mine in held[worker] for theirs in others)
        assert held[worker] == sorted(held[worker])
        return bool(held[worker])

    for claims, worker, limit in steps:
        step(claims, worker, limit)
    goes_on = True
    while goes_on:
        ended = [step(claims=False, worker=worker, limit=1) for worker in held]
        goes_on = step(claims=True, worker=0, limit=50) or any(ended)
    assert set(decided) == set(ids)
    for earlier, later in combinations(ids, 2):
        assert keys[earlier].isdisjoint(keys[later]) or decided[earlier] < decided[later]
    database.close()
