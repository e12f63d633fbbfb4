"""Digests in the store: one a day for each of the staff whoever writes it, and what an answer needs to know of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from support.desk.outcomes import ANNA, NOW, OMAR, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import Database
from helpdesk.store.digests import DigestCause, staff_without_digest
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedStaff
from helpdesk.store.known import look_up
from helpdesk.store.record import record_all
from helpdesk.store.schema import digest, outbox
from helpdesk.threading.decisions.time.digest import MOST_ROWS
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.matching.known import Known, Question, Wanted
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest, DigestRow
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket

POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))

TODAY, TOMORROW = date(2025, 6, 2), date(2025, 6, 3)
LEA = "lea@desk.example"


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


@pytest.fixture(autouse=True)
def team(database: Database) -> None:
    sync_directory(database, [ListedStaff(OMAR, "Omar", queues=("general",)), ListedStaff(LEA, "Lea", queues=("billing",))], [])


def morning(number: int, staff: str = OMAR, day: date = TODAY, one: Ticket | None = None) -> Outcome:
    rows = (DigestRow(1, one.id, one.reference, one.version),) if one else ()
    decision = Decision(Disposition.NOTED, "told", Grounds(Assurance.UNVERIFIED), digest=Digest(number, staff, rows))
    letters = (letter(one, to=staff, for_staff=True, ticket_id=None),) if one else ()
    return Outcome(DigestCause(staff, day), decision, letters, NOW, "node")


def waiting(database: Database, day: date = TODAY) -> list[str]:
    with database.reading() as connection:
        return [cause.staff for cause in staff_without_digest(connection, day, 10)]


def ask(database: Database, author: str = OMAR, **question: object) -> Known:
    with database.reading() as connection:
        return look_up(connection, Question(author=author, **question), POLICY, NOW)  # type: ignore[arg-type]


def opened(database: Database, blobs: BlobStore, **changes: object) -> Ticket:
    one = new_ticket(**changes)
    [claimed] = stored_and_claimed(database, blobs)
    assert record_all(database, [opening(claimed, one)]) == []
    return one


def test_a_day_is_done_once_for_each(database: Database) -> None:
    assert waiting(database) == [LEA, OMAR]
    assert record_all(database, [morning(1)]) == []
    assert waiting(database) == [LEA] and waiting(database, TOMORROW) == [LEA, OMAR]
    [again] = record_all(database, [morning(2)])
    assert isinstance(again.fault, LostClaim)
    assert record_all(database, [morning(3, LEA), morning(4, OMAR, TOMORROW)]) == []


def test_who_has_left_gets_none(database: Database) -> None:
    sync_directory(database, [ListedStaff(LEA, "Lea")], [])
    assert waiting(database) == [LEA]


def test_what_was_asked_for_is_no_morning(database: Database, blobs: BlobStore) -> None:
    for number in (1, 2):
        [claimed] = stored_and_claimed(database, blobs)
        one = opening(claimed, new_ticket())
        asked = Decision(Disposition.NOTED, "told", Grounds(Assurance.UNVERIFIED), digest=Digest(number, OMAR, ()))
        assert record_all(database, [Outcome(one.cause, asked, (), NOW, "node")]) == []
    assert waiting(database) == [LEA, OMAR]


def test_two_nodes_on_one_morning_write_one_digest(
    open_database: Callable[[], Database], database: Database, blobs: BlobStore
) -> None:
    one = opened(database, blobs)
    nodes, start = [open_database() for _ in range(4)], Barrier(4)
    for node in nodes:
        with node.reading() as connection:
            assert DigestCause(OMAR, TODAY) in staff_without_digest(connection, TODAY, 10)

    def write(place: int) -> int:
        start.wait(60)
        return len(record_all(nodes[place], [morning(100 + place, one=one)]))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(write, range(4))) == [0, 1, 1, 1]
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(digest)).scalar() == 1
        assert connection.execute(select(func.count()).select_from(outbox).where(outbox.c.ticket_id.is_(None))).scalar() == 1


def test_an_answer_finds_its_digest_and_the_tickets_of_its_rows(database: Database, blobs: BlobStore) -> None:
    one, other = opened(database, blobs), opened(database, blobs)
    assert record_all(database, [morning(7, one=one)]) == []
    known = ask(database, digest_ids=(7, 8))
    assert known.digests == {7: Digest(7, OMAR, (DigestRow(1, one.id, one.reference, 1),))}
    assert set(known.tickets) == {one.id} and other.id not in known.tickets and known.open_tickets == ()


def test_the_list_is_own_and_unassigned_tickets_the_most_urgent_first(database: Database, blobs: BlobStore) -> None:
    idle = opened(database, blobs, waiting_on=WaitingOn.CUSTOMER)
    first, nobodys = opened(database, blobs), opened(database, blobs, assignee=None)
    burning = opened(database, blobs, status=Status.ESCALATED, waiting_on=WaitingOn.NOBODY)
    bills = opened(database, blobs, assignee=None, queue="billing")
    opened(database, blobs, status=Status.RESOLVED)
    opened(database, blobs, status=Status.CLOSED)
    assert [ticket.id for ticket in ask(database, wanted=frozenset({Wanted.OPEN_TICKETS})).open_tickets] == [
        burning.id,
        first.id,
        nobodys.id,
        idle.id,
    ]
    assert [ticket.id for ticket in ask(database, LEA, wanted=frozenset({Wanted.OPEN_TICKETS})).open_tickets] == [bills.id]
    assert ask(database, ANNA, wanted=frozenset({Wanted.OPEN_TICKETS})).open_tickets == ()
    assert ask(database).open_tickets == ()


def test_of_very_many_one_more_than_a_letter_lists_is_told(database: Database, blobs: BlobStore) -> None:
    for _ in range(MOST_ROWS + 3):
        opened(database, blobs)
    assert len(ask(database, wanted=frozenset({Wanted.OPEN_TICKETS})).open_tickets) == MOST_ROWS + 1
