"""Raw mails: durable before they are acknowledged, claimed by one worker at a time, never lost."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event
from support.desk.outcomes import LEASE, NOW, blob_store, opening, raw_mail, stored_and_claimed, without_effect

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim
from helpdesk.store.database import Database
from helpdesk.store.inbound import content_of, counts_by_state, find_inbound, list_inbound, pending_count, store_raw
from helpdesk.store.mail_claims import claim_mail, give_back
from helpdesk.store.quarantine import replay
from helpdesk.store.record import record, record_all
from helpdesk.store.schema import inbound
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage

PLENTY = 2**30
SENDERS = [f"c{number}@acme.example" for number in range(60)]
RESETS = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def claim(database: Database, blobs: BlobStore, now: datetime = NOW, limit: int = 100) -> list[int]:
    return [one.id for one in claim_mail(database, blobs, now, limit=limit, lease=LEASE, max_bytes=PLENTY)]


def test_a_stored_mail_comes_back_as_it_came(database: Database, blobs: BlobStore) -> None:
    raws = [
        RawMessage(
            "smtp", Envelope("", ("a@desk.example", "b@desk.example")), b"\0\xff", NOW, "192.0.2.1", "h", "omar@desk.example"
        ),
        RawMessage("mailbox", None, b"", NOW + timedelta(microseconds=1)),
        raw_mail(b"x" * 5000),
    ]
    ids = store_raw(database, blobs, 1024, raws, NOW)
    assert ids == sorted(set(ids))
    claimed = claim_mail(database, blobs, NOW, limit=10, lease=LEASE, max_bytes=PLENTY)
    assert [one.id for one in claimed] == ids
    assert [one.raw for one in claimed] == raws
    assert {one.attempts for one in claimed} == {1}
    with database.reading() as connection:
        assert [content_of(connection, blobs, number) for number in ids] == [raw.content for raw in raws]
        assert content_of(connection, blobs, 1) is None


def test_only_large_contents_go_to_the_blob_store(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    store_raw(database, blobs, 1024, [raw_mail(b"x" * 1024), raw_mail(b"x" * 1025)], NOW)
    assert [path.stat().st_size for path in (tmp_path / "blobs").glob("*/*")] == [1025]


def test_all_mails_of_a_call_are_stored_or_none(database: Database, blobs: BlobStore) -> None:
    without_a_zone = RawMessage("smtp", None, b"", datetime(2025, 6, 1))  # noqa: DTZ001 - the fault that is tested
    with pytest.raises(Exception, match="time zone"):
        store_raw(database, blobs, 1024, [raw_mail(), without_a_zone], NOW)
    with database.reading() as connection:
        assert pending_count(connection) == 0


def test_ids_drawn_alike_are_drawn_again(database: Database, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("helpdesk.store.inbound.new_ids", lambda now: itertools.repeat(next(drawn)))
    assert store_raw(database, blobs, 1024, [raw_mail()], NOW) == [7]
    assert store_raw(database, blobs, 1024, [raw_mail()], NOW) == [8]


@RESETS
@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5)), timezone(timedelta(hours=-11, minutes=-30))])))
def test_a_moment_comes_back_as_the_same_moment(database: Database, blobs: BlobStore, moment: datetime) -> None:
    if not 2 <= moment.year <= 9998:
        return
    [number] = store_raw(database, blobs, 1024, [RawMessage("smtp", None, b"", moment)], NOW)
    with database.reading() as connection:
        [found] = find_inbound(connection, str(number))
    assert found.received_at == moment
    assert found.received_at.tzinfo is UTC


def test_a_held_mail_is_not_claimed_twice_until_its_lease_ends(database: Database, blobs: BlobStore) -> None:
    [first] = stored_and_claimed(database, blobs)
    assert claim(database, blobs, NOW + LEASE - timedelta(microseconds=1)) == []
    [second] = claim_mail(database, blobs, NOW + LEASE, limit=1, lease=LEASE, max_bytes=PLENTY)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.lease_token != first.lease_token


def test_who_lost_his_lease_can_neither_record_nor_give_back(database: Database, blobs: BlobStore) -> None:
    [first] = stored_and_claimed(database, blobs)
    [second] = claim_mail(database, blobs, NOW + LEASE, limit=1, lease=LEASE, max_bytes=PLENTY)
    assert not give_back(database, first, "too late", NOW)
    with pytest.raises(LostClaim), database.writing() as connection:
        record(connection, opening(first))
    assert record_all(database, [opening(second)]) == []
    assert not give_back(database, second, "done already", NOW)
    with database.reading() as connection:
        assert counts_by_state(connection) == {Disposition.OPENED: 1}


def test_a_mail_given_back_waits_for_its_time(database: Database, blobs: BlobStore) -> None:
    [first] = stored_and_claimed(database, blobs)
    assert give_back(database, first, "the reader died", NOW + timedelta(minutes=1))
    assert claim(database, blobs, NOW + timedelta(seconds=59)) == []
    with pytest.raises(LostClaim), database.writing() as connection:
        record(connection, opening(first))
    [again] = claim_mail(database, blobs, NOW + timedelta(minutes=1), limit=1, lease=LEASE, max_bytes=PLENTY)
    assert again.attempts == 2
    assert give_back(database, again, "", NOW, counted=False)
    with database.reading() as connection:
        [found] = find_inbound(connection, str(first.id))
    assert (found.attempts, found.last_error, found.state) == (1, "the reader died", Disposition.PENDING)


@RESETS
@given(sizes=st.lists(st.integers(0, 50), min_size=1, max_size=12), limit=st.integers(1, 6), max_bytes=st.integers(1, 120))
def test_a_claim_takes_the_oldest_up_to_its_limits(
    database: Database, blobs: BlobStore, sizes: list[int], limit: int, max_bytes: int
) -> None:
    with database.writing() as connection:
        connection.execute(delete(inbound))
    ids = store_raw(
        database, blobs, 1024, [raw_mail(b"x" * size, sender=sender) for size, sender in zip(sizes, SENDERS, strict=False)], NOW
    )
    taken = []
    while batch := claim_mail(database, blobs, NOW, limit=limit, lease=LEASE, max_bytes=max_bytes):
        assert len(batch) <= limit
        assert sum(len(one.raw.content) for one in batch[:-1]) < max_bytes
        taken += [one.id for one in batch]
    assert taken == ids


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=st.integers(1, 60), limits=st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_two_claimers_never_share_a_mail(
    open_database: Callable[[], Database], blobs: BlobStore, mails: int, limits: list[int]
) -> None:
    nodes = [open_database() for _ in limits]
    with nodes[0].writing() as connection:
        connection.execute(delete(inbound))
    ids = store_raw(nodes[0], blobs, 1024, [raw_mail(sender=sender) for sender in SENDERS[:mails]], NOW)
    taken: Counter[int] = Counter()
    together = threading.Barrier(len(nodes))

    def work(node: Database, limit: int) -> None:
        together.wait()
        empty = 0
        while empty < 3:  # a row that another node holds in this moment is passed over, so nothing now is not yet the end
            mine = claim(node, blobs, limit=limit)
            taken.update(mine)
            empty = 0 if mine else empty + 1

    workers = [threading.Thread(target=work, args=pair) for pair in zip(nodes, limits, strict=True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken.update(claim(nodes[0], blobs))
    assert taken == Counter(ids)
    for node in nodes:
        node.close()


def test_an_expired_mail_does_not_hide_that_somebody_else_works_on_the_others(
    open_database: Callable[[], Database], blobs: BlobStore
) -> None:
    one, other = open_database(), open_database()
    store_raw(one, blobs, 1024, [raw_mail(sender=sender) for sender in SENDERS[:4]], NOW)
    mine = claim(one, blobs, limit=2)
    theirs = claim(other, blobs, limit=9)
    assert len(mine) == len(theirs) == 2
    assert set(mine).isdisjoint(theirs)


def test_a_damaged_content_is_quarantined_and_holds_up_nobody(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    damaged, whole = store_raw(database, blobs, 10, [raw_mail(b"x" * 100), raw_mail(b"y" * 100, sender=SENDERS[1])], NOW)
    [path] = [path for path in (tmp_path / "blobs").glob("*/*") if path.read_bytes().startswith(b"x")]
    path.write_bytes(b"x" * 99 + b"z")
    assert claim(database, blobs) == [whole]
    with database.reading() as connection:
        [found] = list_inbound(connection, Disposition.QUARANTINED)
    assert (found.id, found.decision) == (damaged, {})
    assert "does not match" in str(found.last_error)
    path.write_bytes(b"x" * 100)
    assert replay(database, damaged)
    assert claim(database, blobs, NOW + timedelta(seconds=1)) == [damaged]


def test_a_missing_blob_folder_costs_no_attempt(database: Database, blobs: BlobStore, tmp_path: Path) -> None:
    [number] = store_raw(database, blobs, 10, [raw_mail(b"x" * 100)], NOW)
    (tmp_path / "blobs").rename(tmp_path / "away")
    for round_number in range(5):
        assert claim(database, blobs, NOW + round_number * LEASE) == []
    (tmp_path / "away").rename(tmp_path / "blobs")
    [again] = claim_mail(database, blobs, NOW + 5 * LEASE, limit=1, lease=LEASE, max_bytes=PLENTY)
    assert (again.id, again.attempts) == (number, 1)


def test_a_mail_is_found_by_number_and_by_message_id(database: Database, blobs: BlobStore) -> None:
    first, second = stored_and_claimed(database, blobs, 2)
    outcome = opening(first)
    assert record_all(database, [outcome]) == []
    with database.reading() as connection:
        by_number = find_inbound(connection, str(first.id))
        assert by_number == find_inbound(connection, f" <m{first.id}@acme.example> ")
        [found] = by_number
        assert find_inbound(connection, str(second.id))[0].state is Disposition.PENDING
        for nonsense in ("", "0", "9" * 19, "9" * 500, "\u0663", "-1", "nobody@nowhere.example", "a\0b\ud800"):
            assert find_inbound(connection, nonsense) == []
    assert found.envelope == first.raw.envelope
    assert outcome.decision.ticket is not None
    assert (found.ticket, found.state) == (outcome.decision.ticket.reference, Disposition.OPENED)
    assert found.decision["letters"] == [letter.id for letter in outcome.letters]
    assert found.decision["events"] == [1, 2]
    assert found.decision["reason"] == outcome.decision.reason


def test_only_a_mail_without_effect_can_be_replayed(database: Database, blobs: BlobStore) -> None:
    opened, refused = stored_and_claimed(database, blobs, 2)
    assert record_all(database, [opening(opened), without_effect(refused)]) == []
    assert not replay(database, opened.id)
    assert replay(database, refused.id)
    assert not replay(database, refused.id)
    assert claim(database, blobs, NOW) == [refused.id]


def test_the_claim_uses_the_index_of_pending_mails(sqlite_url: str, blobs: BlobStore) -> None:
    database, seen = Database(sqlite_url), []
    store_raw(database, blobs, 1024, [raw_mail() for _ in range(20)], NOW)
    event.listen(database._engine, "before_cursor_execute", lambda *call: seen.append(call[2:4]))
    claim(database, blobs)
    selects = [call for call in seen if call[0].startswith("SELECT inbound.id, inbound.size")]
    with database.reading() as connection:
        plans = [str(connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, given).all()) for statement, given in selects]
    assert [("inbound_turn" in plan, "inbound_leased" in plan) for plan in plans] == [(False, True), (True, False)]
    database.close()
