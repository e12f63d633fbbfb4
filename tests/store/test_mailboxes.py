"""The ledger of mailboxes: leases, fences, and lines that stand or fall with their mails. On both databases."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.desk.outcomes import NOW, blob_store

from helpdesk.store.database import Database, StaleTicket
from helpdesk.store.leases import end_leases
from helpdesk.store.mailboxes import (
    Entry,
    FolderLease,
    LeaseLost,
    Seen,
    ask_to_reconcile,
    begin_validity,
    end_lease,
    folder_states,
    in_ledger,
    lease_folder,
    mark_reconciled,
    put_off,
    record_seen,
    renew_lease,
    settle_seen,
    stored_before,
    unsettled_mails,
)
from helpdesk.store.schema import inbound
from helpdesk.threading.model.mail import RawMessage

LEASE = timedelta(minutes=2)
LATER = NOW + timedelta(minutes=1)
TOO_LATE = NOW + timedelta(minutes=3)
RAW = RawMessage("imap", None, b"Subject: x\r\n\r\nhello\r\n", NOW, support_address="help@support.example.com")


def taken(database: Database, validity: int | None = 7, folder: str = "INBOX") -> FolderLease:
    held = lease_folder(database, "support", folder, NOW, LEASE)
    assert held is not None
    if validity is not None:
        begin_validity(database, held, validity, 0, 0, NOW)
    return held


def record(database: Database, folder: Path, held: FolderLease, *entries: Entry, last_uid: int | None = None) -> list[int]:
    return record_seen(database, blob_store(folder), 65536, held, 7, entries, last_uid, NOW)


def stored(uid: str, *, settled: bool = False) -> Entry:
    return Entry(uid, Seen.STORED, len(RAW.content), "ab" * 32, RAW, settled=settled)


def mails(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(inbound)).scalar_one()


def test_a_folder_is_leased_to_one_node(database: Database, open_database: Callable[[], Database]) -> None:
    other = open_database()
    held = taken(database, None)
    assert (held.validity, held.last_uid, held.first_seen_at) == (None, 0, None)
    assert lease_folder(other, "support", "INBOX", LATER, LEASE) is None
    assert lease_folder(other, "support", "Other", LATER, LEASE) is not None
    assert lease_folder(other, "another", "INBOX", LATER, LEASE) is not None
    kept = lease_folder(database, "support", "INBOX", LATER, LEASE, held.token)
    assert kept is not None
    assert lease_folder(other, "support", "INBOX", NOW + LEASE, LEASE) is None
    end_lease(database, kept)
    assert lease_folder(other, "support", "INBOX", LATER, LEASE) is not None


def test_a_lease_that_is_over_is_anybodys(database: Database) -> None:
    held = taken(database)
    other = lease_folder(database, "support", "INBOX", TOO_LATE, LEASE)
    assert other is not None
    assert other.validity == 7
    assert lease_folder(database, "support", "INBOX", TOO_LATE, LEASE, held.token) is None
    end_lease(database, held)  # not his any more
    assert lease_folder(database, "support", "INBOX", TOO_LATE, LEASE) is None


def test_who_has_lost_the_lease_writes_nothing(database: Database, tmp_path: Path) -> None:
    held = taken(database)
    record(database, tmp_path, held, stored("1"), last_uid=1)
    assert lease_folder(database, "support", "INBOX", TOO_LATE, LEASE) is not None
    writes: list[Callable[[], object]] = [
        lambda: record(database, tmp_path, held, stored("2"), last_uid=2),
        lambda: settle_seen(database, held, 7, ["1"], NOW),
        lambda: put_off(database, held, 7, ["1"], LATER, "full"),
        lambda: renew_lease(database, held, TOO_LATE),
        lambda: begin_validity(database, held, 8, 0, 0, NOW),
        lambda: mark_reconciled(database, held, NOW),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()
    assert mails(database) == 1
    with database.reading() as connection:
        [state] = folder_states(connection)
    assert (state.validity, state.last_uid, state.outcomes, state.unsettled) == (7, 1, {"stored": 1}, 1)


def test_a_line_and_its_mail_stand_or_fall_together(database: Database, tmp_path: Path) -> None:
    held = taken(database)
    [number] = record(database, tmp_path, held, stored("1"), Entry("2", Seen.VANISHED), last_uid=2)
    with pytest.raises(StaleTicket):
        record(database, tmp_path, held, stored("3"), stored("1"), last_uid=3)
    assert mails(database) == 1
    with database.reading() as connection:
        assert in_ledger(connection, "support", "INBOX", 7, ["1", "2", "3"]) == {"1", "2"}
        assert stored_before(connection, "support", "INBOX", 8, "ab" * 32) == number
        assert stored_before(connection, "support", "INBOX", 7, "ab" * 32) is None
        assert stored_before(connection, "support", "Other", 8, "ab" * 32) is None
        assert stored_before(connection, "support", "INBOX", 8, "cd" * 32) is None


def test_a_mail_that_could_not_be_read_gets_another_line(database: Database, tmp_path: Path) -> None:
    held = taken(database)
    record(database, tmp_path, held, Entry("1", Seen.UNREADABLE, settled=False, attempts=1, retry_at=LATER), last_uid=1)
    with database.reading() as connection:
        assert unsettled_mails(connection, held, 7, NOW, 10) == []
        [waiting] = unsettled_mails(connection, held, 7, LATER, 10)
    assert (waiting.uid, waiting.outcome, waiting.attempts) == ("1", Seen.UNREADABLE, 1)
    record(database, tmp_path, held, stored("1", settled=True))
    with database.reading() as connection:
        [state] = folder_states(connection)
    assert (state.outcomes, state.unsettled, state.last_uid) == ({"stored": 1}, 0, 1)


def test_what_is_left_to_do(database: Database, tmp_path: Path) -> None:
    held = taken(database)
    uids = [str(number) for number in range(1, 1201)]
    record(database, tmp_path, held, *(Entry(uid, Seen.DUPLICATE, settled=False) for uid in uids), last_uid=1200)
    put_off(database, held, 7, uids[:600], LATER, "full")
    settle_seen(database, held, 7, uids[600:1100], NOW)
    with database.reading() as connection:
        assert len(unsettled_mails(connection, held, 7, NOW, 2000)) == 100
        due = unsettled_mails(connection, held, 7, LATER, 2000)
        assert (len(due), sorted({one.attempts for one in due})) == (700, [0, 1])
        assert len(unsettled_mails(connection, held, 7, LATER, 5)) == 5
        assert unsettled_mails(connection, held, 8, LATER, 5) == []
        assert len(in_ledger(connection, "support", "INBOX", 7, uids)) == 1200


def test_a_start_on_sqlite_ends_leases_and_reconciling_can_be_asked_for(database: Database) -> None:
    held = taken(database)
    mark_reconciled(database, held, NOW)
    end_leases(database, NOW)
    ask_to_reconcile(database, "support", "INBOX")
    again = lease_folder(database, "support", "INBOX", NOW, LEASE)
    assert again is not None
    assert (again.reconciled_at, again.first_seen_at) == (None, NOW)
    with pytest.raises(LeaseLost):
        renew_lease(database, held, LATER)


def test_the_mailboxes_support_address_comes_back_with_the_mail(database: Database, tmp_path: Path) -> None:
    record(database, tmp_path, taken(database), stored("1"))
    with database.reading() as connection:
        assert connection.execute(select(inbound.c.support_address)).scalar_one() == "help@support.example.com"
