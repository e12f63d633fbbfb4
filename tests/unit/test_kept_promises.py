"""Promised times that end are counted once each, as kept or as missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.desk.outcomes import new_ticket

from helpdesk.config.people import SupportAddress
from helpdesk.config.plans import Plan
from helpdesk.config.policy import Policy
from helpdesk.threading.model.promise import Clock, TargetKind
from helpdesk.threading.model.status import Status
from helpdesk.threading.promises.kept import ended_promises

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(
    addresses=(SupportAddress(address="help@support.example.com"),),
    plans={"free": Plan(first_response=HOUR, resolution=4 * HOUR)},
)
FIRST, NEXT, END, DATE = TargetKind
RUNS, KEPT, MISSED = Clock(FIRST, NOW), Clock(FIRST, NOW, ended_at=NOW), Clock(FIRST, NOW, missed=True)
LATE = replace(MISSED, ended_at=NOW)
SOLVES = Clock(END, NOW)


@pytest.mark.parametrize(
    ("before", "after", "solved", "ended"),
    [
        ((RUNS, SOLVES), (RUNS, SOLVES), False, []),
        ((RUNS, SOLVES), (KEPT, SOLVES), False, [(FIRST, True)]),
        ((RUNS, SOLVES), (MISSED, SOLVES), False, [(FIRST, False)]),
        ((MISSED,), (LATE,), False, []),  # counted when it was missed
        ((KEPT,), (KEPT,), False, []),
        ((KEPT, SOLVES), (KEPT, SOLVES), True, [(END, True)]),
        ((KEPT, SOLVES), (KEPT, replace(SOLVES, missed=True)), True, [(END, False)]),
        (None, (KEPT, SOLVES), False, [(FIRST, True)]),  # opened and answered by one mail
        ((Clock(NEXT, NOW),), (Clock(NEXT, NOW, ended_at=NOW),), False, []),  # the plan promises none
        ((Clock(DATE, NOW, due_at=NOW),), (Clock(DATE, NOW, due_at=NOW, ended_at=NOW),), False, [(DATE, True)]),
        ((Clock(DATE, NOW, due_at=NOW),), (Clock(DATE, NOW, due_at=NOW, missed=True),), False, [(DATE, False)]),
    ],
)
def test_a_promise_that_ends_counts_once(
    before: tuple[Clock, ...] | None, after: tuple[Clock, ...], solved: bool, ended: list[tuple[TargetKind, bool]]
) -> None:
    earlier = None if before is None else new_ticket(clocks=before, status=Status.IN_PROGRESS)
    later = new_ticket(clocks=after, status=Status.RESOLVED if solved else Status.IN_PROGRESS)
    assert list(ended_promises(earlier, later, POLICY)) == ended
