"""Counters are as exact as a count of all rows, whatever happens to tickets and letters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, cast, update
from support.desk.outcomes import (
    NOW,
    OMAR,
    blob_store,
    events_up_to,
    letter,
    mail_cause,
    new_ticket,
    opening,
    stored_and_claimed,
)
from support.oracles import plain_counts

from helpdesk.config.conduct import Busy
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.counts import KEPT, SLOT, end_of_slot, forget_letter_counts, slot_of
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedStaff
from helpdesk.store.mail_claims import ClaimedMail
from helpdesk.store.measurements import loads_of
from helpdesk.store.people import list_staff
from helpdesk.store.record import record, record_all
from helpdesk.store.schema import PENDING, inbound
from helpdesk.store.tallies import tally_of
from helpdesk.threading.lifecycle.decision import Decision, Grounds, Opening
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import Answered, Measured

LEA = "lea@desk.example"
ADDRESSES, DOMAINS, QUEUES = ("anna@acme.example", "ben@mail.example"), ("acme.example", "mail.example"), ("general", "billing")
BUSY = Busy(answers=10)


class Crash(Exception):
    """The node dies before its commit."""


Change = tuple[Status, WaitingOn, str | None, str, bool]  # status, turn, assignee, queue, whether its first answer is there


@dataclass(frozen=True)
class Step:
    """One transaction: new tickets, and changes to tickets that are there, by their place among them. Some of it fails."""

    opened: Sequence[tuple[str | None, str, bool]]  # assignee, queue, whether its first answer is there
    changed: Sequence[tuple[int, Change]]
    stale: bool  # one change expects a version that is gone, so that every outcome is written apart
    crash: bool
    letters: Sequence[tuple[int, int, bool, bool]]  # to whom, seconds ago, unproved, suppressed


assignees, queues, flags = st.sampled_from([None, OMAR, LEA]), st.sampled_from(QUEUES), st.booleans()
ages = st.one_of(st.integers(0, 130), st.integers(540, 660), st.integers(3540, 3660), st.integers(86_340, 86_460))
steps = st.builds(
    Step,
    st.lists(st.tuples(assignees, queues, flags), max_size=3),
    st.lists(
        st.tuples(st.integers(0, 9), st.tuples(st.sampled_from(Status), st.sampled_from(WaitingOn), assignees, queues, flags)),
        max_size=3,
    ),
    flags,
    st.integers(0, 5).map(lambda chance: chance == 0),
    st.lists(st.tuples(st.integers(0, 1), ages, flags, flags), max_size=4),
)


class History:
    """Tickets as they are after each transaction."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database, self.blobs = database, blobs
        self.tickets: list[Ticket] = []

    def tell(self, step: Step) -> None:
        """Carry out a transaction."""
        tickets, outcomes, stale = list(self.tickets), list[Outcome](), False
        for assignee, queue, answered in step.opened:
            ticket = new_ticket(assignee=assignee, queue=queue, first_response_at=NOW if answered else None)
            tickets.append(ticket)
            outcomes.append(self._opening(ticket))
        for place, change in step.changed if tickets else ():
            before = tickets[place % len(tickets)]
            if any(outcome.decision.ticket and outcome.decision.ticket.id == before.id for outcome in outcomes):
                continue
            tickets[place % len(tickets)] = after = _changed(before, *change)
            outcome = self._change(before, after)
            if step.stale and not stale:
                stale = True
                tickets[place % len(tickets)] = before
                decision = replace(
                    outcome.decision, expected_version=before.version - 1, ticket=replace(after, version=before.version)
                )
                outcome = replace(outcome, decision=decision)
            outcomes.append(outcome)
        outcomes += [self._with_letter(*values) for values in step.letters]
        if step.crash:
            with pytest.raises(Crash), self.database.writing() as connection:
                for outcome in outcomes:
                    if outcome.decision.expected_version is None:
                        record(connection, outcome)
                raise Crash
            return
        unrecorded = record_all(self.database, outcomes)
        assert len(unrecorded) == stale
        self.tickets = tickets

    def _claimed(self) -> ClaimedMail:
        """A mail of its own for an outcome. Mails whose outcomes failed would keep back the next ones of their sender."""
        with self.database.writing() as connection:
            connection.execute(update(inbound).where(PENDING).values(sender=cast(inbound.c.id, Text)))
        [claimed] = stored_and_claimed(self.database, self.blobs)
        return claimed

    def _opening(self, ticket: Ticket) -> Outcome:
        claimed = self._claimed()
        made = Measured(ticket.queue, 1, NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2), busy=ticket.id % 2 == 0)
        return opening(claimed, ticket, letters=(), opening=Opening(measured=made))

    def _change(self, before: Ticket, after: Ticket) -> Outcome:
        claimed = self._claimed()
        answered = None
        if (before.first_response_at is None) != (after.first_response_at is None):
            took = timedelta(minutes=before.id % 50) if after.first_response_at else None
            answered = Answered(after.id, after.first_response_at, took, ended=False)
        decision = Decision(
            Disposition.THREADED,
            "it changed",
            Grounds(Assurance.AUTHENTICATED),
            ticket=after,
            events=events_up_to(after.event_count, 1),
            expected_version=before.version,
            answered=answered,
        )
        return Outcome(mail_cause(claimed), decision, (), NOW, "node-1")

    def _with_letter(self, to: int, age: int, unproved: bool, suppressed: bool) -> Outcome:
        claimed = self._claimed()
        notice = Notice.CONFIRMATION if age % 2 else Notice.RESOLUTION
        limits = {"counted_as": ADDRESSES[to], "counted_domain": DOMAINS[to] if age % 3 else "", "unproved": unproved}
        sent = letter(None, notice, ADDRESSES[to], **limits, suppressed="full" if suppressed else "")
        decision = Decision(Disposition.REFUSED, "a letter goes out", Grounds(Assurance.UNVERIFIED))
        return Outcome(mail_cause(claimed), decision, (sent,), NOW - timedelta(seconds=age), "node-1")


def _changed(before: Ticket, status: Status, waiting_on: WaitingOn, assignee: str | None, queue: str, answered: bool) -> Ticket:
    return replace(
        before,
        version=before.version + 1,
        event_count=before.event_count + 1,
        status=status,
        waiting_on=waiting_on,
        assignee=assignee,
        queue=queue,
        first_response_at=NOW - timedelta(minutes=before.id % 90) if answered else None,
    )


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(steps, min_size=1, max_size=5), st.integers(0, 5))
def test_counters_equal_a_count_of_all_rows_after_any_history(
    database: Database, blobs: BlobStore, told: list[Step], later: int
) -> None:
    sync_directory(database, [ListedStaff(OMAR, "Omar"), ListedStaff(LEA, "Lea", "senior", ("billing",))], [])
    history = History(database, blobs)
    for step in told:
        history.tell(step)
        now = NOW + timedelta(seconds=later)
        with database.reading() as connection:
            assert plain_counts.drift(connection) == {}
            assert list_staff(connection) == plain_counts.staff_with_loads(connection)
            assert tally_of(connection, ADDRESSES, DOMAINS, now) == plain_counts.tally(connection, ADDRESSES, DOMAINS, now)
            assert loads_of(connection, QUEUES, BUSY, now) == plain_counts.loads(connection, QUEUES, BUSY, now)


def test_two_changes_of_one_ticket_in_one_transaction_count_once(database: Database, blobs: BlobStore) -> None:
    history = History(database, blobs)
    first = new_ticket(assignee=None)
    second = _changed(first, Status.IN_PROGRESS, WaitingOn.SUPPORT, OMAR, "billing", False)
    third = _changed(second, Status.IN_PROGRESS, WaitingOn.SUPPORT, LEA, "general", True)
    assert record_all(database, [history._opening(first)]) == []
    assert record_all(database, [history._change(first, second), history._change(second, third)]) == []
    with database.reading() as connection:
        assert plain_counts.drift(connection) == {}


def test_an_answer_is_seen_by_a_connection_that_has_read_the_earlier_ones(database: Database, blobs: BlobStore) -> None:
    history = History(database, blobs)
    tickets = [new_ticket() for _ in range(30)]
    for ticket in tickets:
        assert record_all(database, [history._opening(ticket)]) == []
    paces = []
    for ticket in tickets:
        answered = _changed(ticket, Status.IN_PROGRESS, WaitingOn.CUSTOMER, OMAR, "general", True)
        # Every second answer comes with an outcome that fails, so that it is written apart.
        stale = [replace(history._opening(ticket), letters=())] if ticket.id % 2 else []
        assert len(record_all(database, [history._change(ticket, answered), *stale])) == len(stale)
        for moment in (NOW, NOW + timedelta(minutes=30), NOW + BUSY.window - timedelta(minutes=40), NOW):
            with database.reading() as connection:
                loads = loads_of(connection, QUEUES, BUSY, moment)
                assert loads == plain_counts.loads(connection, QUEUES, BUSY, moment)
                paces.append(loads["general"].pace)
    assert len(set(paces)) > 10


def test_counts_of_letters_are_deleted_when_no_limit_looks_at_them(database: Database, blobs: BlobStore) -> None:
    history = History(database, blobs)
    history.tell(Step((), (), False, False, [(0, 1, False, False), (0, 3601, False, False)]))
    assert forget_letter_counts(database, NOW + KEPT - timedelta(hours=1)) == 2
    assert forget_letter_counts(database, NOW + KEPT - timedelta(hours=1)) == 0
    with database.reading() as connection:
        assert tally_of(connection, ADDRESSES, DOMAINS, NOW).hour == plain_counts.tally(connection, ADDRESSES, DOMAINS, NOW).hour


@given(st.datetimes(timezones=st.just(NOW.tzinfo)))
def test_a_moment_lies_within_its_slot(moment: object) -> None:
    end = end_of_slot(slot_of(moment))  # type: ignore[arg-type]
    assert end - SLOT <= moment < end  # type: ignore[operator]
