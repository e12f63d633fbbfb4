"""What new tickets said, in the store: each is proposed as part of an incident once, whoever comes first."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from support.desk.outcomes import NOW, OMAR, blob_store, letter, new_ticket, opening, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import Database
from helpdesk.store.identifiers import new_ids
from helpdesk.store.record import record_all
from helpdesk.store.schema import outbox, ticket_words
from helpdesk.store.ticket_words import (
    KEPT,
    OutbreakCause,
    crowd_of,
    has_uncompared_requests,
    mark,
    open_incidents,
    proposed_under,
)
from helpdesk.threading.decisions.time.outbreak import Looked
from helpdesk.threading.incidents.likeness import FaultReport
from helpdesk.threading.lifecycle.decision import Decision, Grounds, Opening
from helpdesk.threading.matching.known import Proposed
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Lineage, Ticket

SPAN = timedelta(hours=4)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def opened(database: Database, blobs: BlobStore, count: int = 1, **changes: Any) -> list[Ticket]:
    tickets = []
    for number, _ in zip(new_ids(NOW), range(count), strict=False):
        one = new_ticket(id=number, **changes)
        [claimed] = stored_and_claimed(database, blobs)
        outcome = opening(claimed, one)
        report = FaultReport(one.id, f"c{one.id}", ("login", "503"), NOW)
        assert record_all(database, [replace(outcome, decision=replace(outcome.decision, opening=Opening(report=report)))]) == []
        tickets.append(one)
    return sorted(tickets, key=lambda one: one.id)


def proposal(tickets: list[Ticket], proposed: list[Ticket] | None = None) -> Outcome:
    listed = tuple(one.id for one in (tickets if proposed is None else proposed))
    decision = Decision(Disposition.NOTED, "told", Grounds(Assurance.UNVERIFIED), proposed=listed)
    letters = (letter(tickets[0], to=OMAR, for_staff=True, ticket_id=None),)
    return Outcome(OutbreakCause(tuple(ticket.id for ticket in tickets), ("login",)), decision, letters, NOW, "node")


def under(database: Database, *tickets: Ticket) -> dict[int, Proposed]:
    with database.reading() as connection:
        return dict(proposed_under(connection, [ticket.id for ticket in tickets]))


def test_what_was_proposed_is_known_by_its_first_request(database: Database, blobs: BlobStore) -> None:
    tickets = opened(database, blobs, 6)
    first, *_, last = tickets
    assert record_all(database, [proposal(tickets[:5])]) == []
    with database.writing() as connection:
        assert mark(connection, Looked(joined=((last.id, first.id),)), NOW) == 1
    assert under(database, *tickets) == {first.id: Proposed(tuple(ticket.id for ticket in tickets[:5]), (last.id,))}
    with database.reading() as connection:
        assert not has_uncompared_requests(connection, NOW - SPAN)
        assert [one.counts for one in crowd_of(connection, NOW - SPAN).recent] == [False] * 6


def test_a_request_is_proposed_once(database: Database, blobs: BlobStore) -> None:
    tickets = opened(database, blobs, 6)
    assert record_all(database, [proposal(tickets[:5])]) == []
    [again] = record_all(database, [proposal(tickets[4:])])
    assert isinstance(again.fault, LostClaim)
    assert under(database, *tickets).keys() == {tickets[0].id}


def test_nothing_proposed_is_only_looked_at(database: Database, blobs: BlobStore) -> None:
    tickets = opened(database, blobs, 2)
    assert record_all(database, [proposal(tickets, [])]) == []
    assert under(database, *tickets) == {}
    with database.reading() as connection:
        assert not has_uncompared_requests(connection, NOW - SPAN)


def test_nodes_that_find_the_same_at_once_write_one_letter(
    open_database: Callable[[], Database], database: Database, blobs: BlobStore
) -> None:
    tickets = opened(database, blobs, 7)
    nodes, start = [open_database() for _ in range(4)], Barrier(4)

    def write(place: int) -> int:
        start.wait(60)
        return len(record_all(nodes[place], [proposal(tickets[place % 3 : 5 + place % 3])]))  # they have seen different ones

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(write, range(4))) == [0, 1, 1, 1]
    with database.reading() as connection:
        assert connection.execute(select(func.count()).where(ticket_words.c.listed)).scalar() == 5
        assert connection.execute(select(func.count()).select_from(outbox).where(outbox.c.cause.like("outbreak:%"))).scalar() == 1


def test_open_incidents_alone_are_compared_with_and_old_words_go(database: Database, blobs: BlobStore) -> None:
    [plain] = opened(database, blobs)
    [going] = opened(database, blobs)
    [over] = opened(database, blobs, status=Status.RESOLVED)
    with database.writing() as connection:
        for one in (going, over):
            connection.exec_driver_sql(f"UPDATE ticket SET incident = {one.id} WHERE id = {one.id}")
    with database.reading() as connection:
        found = open_incidents(connection, NOW, SPAN)
        assert [one.ticket_id for one in found.crowd.recent] == [going.id] == list(found.tickets)
        assert open_incidents(connection, NOW + KEPT + SPAN, SPAN).tickets == {}
    with database.writing() as connection:
        mark(connection, Looked(), NOW + KEPT + SPAN)
    with database.reading() as connection:
        assert plain.id not in {one.ticket_id for one in crowd_of(connection, NOW - KEPT).recent}


@pytest.mark.parametrize(
    ("changes", "counts"), [({}, True), ({"status": Status.RESOLVED}, False), ({"lineage": Lineage(merged_into=1)}, False)]
)
def test_what_is_over_or_goes_on_elsewhere_does_not_count(
    database: Database, blobs: BlobStore, changes: dict[str, Any], counts: bool
) -> None:
    opened(database, blobs, 1, **changes)
    with database.reading() as connection:
        assert [one.counts for one in crowd_of(connection, NOW - SPAN).recent] == [counts]


def test_a_crowd_read_again_is_the_one_that_is_read_anew(database: Database, blobs: BlobStore) -> None:
    read: dict[int, FaultReport] = {}
    first, second, third = opened(database, blobs, 3)
    changes = (
        None,
        f"UPDATE ticket SET status = 'resolved' WHERE id = {first.id}",
        f"UPDATE ticket_words SET proposal = {first.id} WHERE ticket_id = {second.id}",
        f"DELETE FROM ticket_words WHERE ticket_id = {third.id}",
    )
    for change in changes:
        if change:
            with database.writing() as connection:
                connection.exec_driver_sql(change)
        for since in (NOW - SPAN, NOW + SPAN):  # all are recent, all are earlier
            with database.reading() as connection:
                again = crowd_of(connection, since, read)
                assert again == crowd_of(connection, since)
            assert set(read) == {request.ticket_id for request in (*again.recent, *again.earlier)}
    assert [request.ticket_id for request in again.earlier] == [first.id, second.id]
