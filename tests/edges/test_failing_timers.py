"""Timers that cannot be decided wait longer each time, so that they hold up no other."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support.desk.story import StoryDesk

from helpdesk.gateway.work.kind import BATCH, TRIES
from helpdesk.store.schema import timer
from helpdesk.threading.decisions.time.timers import decide_timer
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind


@pytest.fixture
def poisoned(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> StoryDesk:
    """More timers of the first ticket than one look takes have been due for long, and each fails."""
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    desk.person("paul@acme.example").writes("Scanner", "It blinks.")
    bad = desk.ticket(1).id

    def decide(ticket: Ticket, kind: TimerKind, context: Context) -> Decision:
        if ticket.id == bad:
            raise ZeroDivisionError("poison")
        return decide_timer(ticket, kind, context)

    monkeypatch.setattr("helpdesk.gateway.work.timer.decide_timer", decide)
    early = desk.now - timedelta(days=1)
    rows = [{"ticket_id": bad, "kind": "close", "occurrence": number, "due_at": early} for number in range(BATCH)]
    with desk.database.writing() as connection:
        connection.execute(timer.insert(), [{**row, "state": "pending", "set_by": "mail:1"} for row in rows])
    return desk


def attempts(desk: StoryDesk) -> set[int]:
    with desk.database.reading() as connection:
        rows = connection.execute(select(timer).where(timer.c.kind == "close")).all()
    return {row.attempts for row in rows}


def test_timers_that_always_fail_starve_no_other(poisoned: StoryDesk) -> None:
    poisoned.passes(hours=5)
    poisoned.passes(seconds=2)
    assert poisoned.ticket(2).status is Status.ESCALATED
    assert poisoned.ticket(1).status is Status.IN_REVIEW


def test_each_failure_makes_the_wait_longer_and_after_three_there_is_an_alarm(
    poisoned: StoryDesk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "helpdesk.worker")
    for _ in range(3):
        poisoned.passes(seconds=1)
    assert attempts(poisoned) == {1}
    poisoned.passes(seconds=60)
    assert attempts(poisoned) == {2}
    poisoned.passes(seconds=90)
    assert attempts(poisoned) == {2}
    assert "timer.stuck" not in {record.message for record in caplog.records}
    poisoned.passes(seconds=60)
    assert attempts(poisoned) == {TRIES}
    assert "timer.stuck" in {record.message for record in caplog.records}


def test_a_timer_that_can_be_decided_again_fires(poisoned: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned.passes(seconds=1)
    monkeypatch.setattr("helpdesk.gateway.work.timer.decide_timer", decide_timer)
    with poisoned.database.writing() as connection:
        connection.execute(update(timer).where(timer.c.kind == "target").values(state="cancelled"))
    poisoned.passes(hours=1)
    with poisoned.database.reading() as connection:
        assert set(connection.execute(select(timer.c.state).where(timer.c.kind == "close")).scalars()) == {"fired"}
