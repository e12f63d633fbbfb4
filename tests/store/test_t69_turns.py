"""One sender's flood holds up nobody else: mails are worked on by turns."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, update
from support.desk.outcomes import ANNA, LEASE, NOW, blob_store, raw_mail
from support.oracles.plain_turns import plain_turns

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw
from helpdesk.store.mail_claims import ClaimedMail, claim_mail
from helpdesk.store.schema import account, account_domain, contact, inbound, staff
from helpdesk.store.turns import ARCHIVE, HEAD_START, sender_of, turns
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage

MALLORY = "mallory@evil.example"
TOGETHER = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def mail_of(sender: str, door: str = "smtp") -> RawMessage:
    return replace(raw_mail(door=door), envelope=Envelope(sender, ("help@desk.example",)))


def claim(database: Database, blobs: BlobStore, limit: int = 50) -> list[ClaimedMail]:
    return claim_mail(database, blobs, NOW, limit=limit, lease=LEASE, max_bytes=2**30)


def senders(claimed: list[ClaimedMail]) -> list[str]:
    return [one.raw.envelope.reverse_path for one in claimed if one.raw.envelope]


def test_a_mail_behind_a_flood_is_in_the_next_round(database: Database, blobs: BlobStore) -> None:
    store_raw(database, blobs, 1024, [mail_of(MALLORY) for _ in range(500)], NOW)
    store_raw(database, blobs, 1024, [mail_of(ANNA)], NOW + timedelta(seconds=20))
    assert ANNA in senders(claim(database, blobs))


def test_other_spellings_of_one_sender_are_one_sender(database: Database, blobs: BlobStore) -> None:
    store_raw(database, blobs, 1024, [mail_of(f"mal.lory+{number}@evil.example") for number in range(500)], NOW)
    store_raw(database, blobs, 1024, [mail_of(ANNA)], NOW + timedelta(seconds=20))
    assert ANNA in senders(claim(database, blobs))


def test_mail_of_today_goes_before_an_archive(database: Database, blobs: BlobStore) -> None:
    store_raw(database, blobs, 1024, [mail_of(f"{number}@old.example", ARCHIVE) for number in range(500)], NOW)
    store_raw(database, blobs, 1024, [mail_of(ANNA)], NOW + timedelta(seconds=20))
    assert ANNA in senders(claim(database, blobs))


def test_a_flood_ends_too(database: Database, blobs: BlobStore) -> None:
    """Others who go on writing hold up who wrote much only until the turns of what he wrote."""
    store_raw(database, blobs, 1024, [mail_of(MALLORY) for _ in range(30)], NOW)
    store_raw(database, blobs, 1024, [mail_of(f"{number}@late.example") for number in range(500)], NOW + timedelta(seconds=30))
    assert senders(claim(database, blobs, 30)) == [MALLORY] * 30


@TOGETHER
@given(
    arrivals=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), min_size=1, max_size=40),
    limit=st.integers(1, 7),
    together=st.integers(1, 4),
)
def test_turns_keep_each_senders_order_and_yield_to_nobody_who_came_after(
    database: Database, blobs: BlobStore, arrivals: list[tuple[str, int]], limit: int, together: int
) -> None:
    with database.writing() as connection:
        connection.execute(delete(inbound))
    came: dict[int, tuple[str, datetime]] = {}
    now = NOW
    for start in range(0, len(arrivals), together):
        now += timedelta(seconds=arrivals[start][1], microseconds=1)  # ids of one microsecond are in no order
        group = [sender for sender, _ in arrivals[start : start + together]]
        ids = store_raw(database, blobs, 1024, [mail_of(f"{one}@x.example") for one in group], now)
        came |= {number: (sender, now) for number, sender in zip(ids, group, strict=True)}
    rounds: list[list[int]] = []
    while batch := [one.id for one in claim(database, blobs, limit)]:
        rounds.append(batch)
        with database.writing() as connection:
            connection.execute(update(inbound).where(inbound.c.id.in_(batch)).values(state=Disposition.DISCARDED))
    taken = [number for batch in rounds for number in batch]
    assert sorted(taken) == sorted(came)
    round_of = {number: at for at, batch in enumerate(rounds) for number in batch}
    for sender in "abc":
        own = [number for number in came if came[number][0] == sender]
        assert [round_of[one] for one in own] == sorted(round_of[one] for one in own)
        for waiting, number in enumerate(own):
            before = [one for one in taken if round_of[one] < round_of[number]]
            assert all(came[one][1] <= came[number][1] + timedelta(seconds=waiting) for one in before)


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (mail_of("An.Na+x@Acme.example"), ANNA),
        (replace(raw_mail(b"From: Anna <anna@acme.example>\r\n\r\n"), envelope=None, peer="a mailbox"), ANNA),
        (replace(raw_mail(b"To: x@y.example\nfrom: anna@acme.example\n\n"), envelope=Envelope("", ())), ANNA),
        (replace(raw_mail(b"Subject: x\r\n\r\n"), envelope=Envelope("", ()), peer="192.0.2.1"), "192.0.2.1"),
        (replace(raw_mail(b"From: \xff@\xff\r\n\r\n"), envelope=None, peer="p"), "\ufffd@\ufffd"),
        (mail_of(ANNA, ARCHIVE), ARCHIVE),
    ],
)
def test_who_counts_as_the_sender(raw: RawMessage, sender: str) -> None:
    assert sender_of(raw) == sender


@given(st.binary(max_size=3000))
def test_every_mail_has_a_sender(content: bytes) -> None:
    assert isinstance(sender_of(RawMessage("mailbox", None, content, NOW, peer="p")), str)
    assert isinstance(sender_of(RawMessage("mailbox", None, b"From: " + content, NOW, peer="p")), str)


@pytest.mark.parametrize("known", [ANNA, "Anna+invoices@ACME.example", "boris@globex.example", "omar@desk.example"])
def test_whoever_the_desk_knows_waits_behind_no_flood_under_many_names(database: Database, blobs: BlobStore, known: str) -> None:
    """A contact, a whole domain of an account, and staff."""
    with database.writing() as connection:
        connection.execute(insert(account), [{"id": "globex", "plan": "free"}])
        connection.execute(insert(contact), [{"address": one, "name": ""} for one in (ANNA, "anna+invoices@acme.example")])
        connection.execute(insert(account_domain), [{"domain": "globex.example", "account_id": "globex"}])
        member = {"address": "omar@desk.example", "name": "Omar", "role": "agent", "queues": [], "active": True}
        connection.execute(insert(staff), [member])
    store_raw(database, blobs, 1024, [mail_of(f"a@firm{number}.example") for number in range(500)], NOW)
    store_raw(database, blobs, 1024, [mail_of(known)], NOW + timedelta(seconds=20))
    assert known in senders(claim(database, blobs, 1))


def test_known_people_hold_up_nobody_for_longer_than_their_head_start(database: Database, blobs: BlobStore) -> None:
    with database.writing() as connection:
        connection.execute(insert(contact), [{"address": ANNA, "name": ""}])
    store_raw(database, blobs, 1024, [mail_of("a@firm.example")], NOW)
    store_raw(database, blobs, 1024, [mail_of(ANNA)], NOW + HEAD_START + timedelta(seconds=1))
    assert senders(claim(database, blobs, 1)) == ["a@firm.example"]


def test_a_flood_in_the_name_of_somebody_known_is_one_senders_flood(database: Database, blobs: BlobStore) -> None:
    with database.writing() as connection:
        connection.execute(insert(contact), [{"address": ANNA, "name": ""}])
    store_raw(database, blobs, 1024, [mail_of(ANNA) for _ in range(1000)], NOW)
    store_raw(database, blobs, 1024, [mail_of("a@firm.example")], NOW)
    assert "a@firm.example" in senders(claim(database, blobs, 602))


WRITERS = (
    "anna@acme.example",
    "Anna@ACME.example",
    "boris@globex.example",
    "omar@desk.example",
    "eve@evil.example",
    "a\ud800b",
    "",
    "x",
)


def fill_directory(database: Database) -> None:
    """One contact, one staff member, and one account with a domain."""
    with database.writing() as connection:
        connection.execute(insert(account), [{"id": "globex", "plan": "free"}])
        connection.execute(insert(contact), [{"address": ANNA, "name": ""}])
        connection.execute(insert(account_domain), [{"domain": "globex.example", "account_id": "globex"}])
        member = {"address": "omar@desk.example", "name": "Omar", "role": "agent", "queues": [], "active": True}
        connection.execute(insert(staff), [member])


@TOGETHER
@given(
    waiting=st.lists(st.tuples(st.sampled_from(WRITERS), st.integers(-700, 5)), max_size=12),
    batch=st.lists(st.tuples(st.sampled_from((*WRITERS, ARCHIVE)), st.sampled_from(WRITERS)), min_size=1, max_size=12),
)
def test_one_look_up_for_a_batch_finds_what_single_questions_find(
    database: Database, blobs: BlobStore, waiting: list[tuple[str, int]], batch: list[tuple[str, str]]
) -> None:
    with database.writing() as connection:
        for table in (inbound, contact, staff, account_domain, account):
            connection.execute(delete(table))
    fill_directory(database)
    for sender, seconds in waiting:
        store_raw(database, blobs, 1024, [mail_of(sender)], NOW + timedelta(seconds=seconds))
    senders, addresses = [sender for sender, _ in batch], [address for _, address in batch]
    with database.reading() as connection:
        assert turns(connection, senders, addresses, NOW) == plain_turns(connection, senders, addresses, NOW)


def test_a_batch_asks_once_and_by_indexes(database: Database, blobs: BlobStore) -> None:
    """However many mails there are, and however long the flood is that waits already."""
    fill_directory(database)
    asked: list[tuple[str, Any]] = []
    event.listen(database._engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    for mails in (1, 50):
        asked.clear()
        store_raw(database, blobs, 1024, [mail_of(f"{number}@x.example") for number in range(mails)], NOW)
        [(statement, values)] = [call for call in asked if "account_domain" in call[0]]
        assert [text.split()[0] for text, _ in asked if "BEGIN" not in text] == ["SELECT", "INSERT"]
    with database.reading() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # tables of a test are too small for an index to pay
        plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if database.is_sqlite else ''}{statement}", values).all()
    steps = [str(row[-1]) for row in plan]
    assert any("inbound_sender" in step for step in steps), steps
    assert not [
        step for step in steps if "Seq Scan" in step or ("SCAN" in step and "VIRTUAL" not in step and "CONSTANT" not in step)
    ]
