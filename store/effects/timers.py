"""Timers that a decision sets or cancels."""

from collections.abc import Iterator

from sqlalchemy import bindparam, update

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import Values
from helpdesk.store.schema import PENDING, timer
from helpdesk.threading.model.timer import TimerState

CANCEL = (
    update(timer)
    .where(timer.c.ticket_id == bindparam("of_ticket"), timer.c.kind == bindparam("of_kind"), PENDING)
    .values(state=TimerState.CANCELLED, cancelled_by=bindparam("of_cause"))
)


def cancelled_rows(outcome: Outcome) -> Iterator[Values]:
    for kind in outcome.decision.timers.cancelled:
        of_ticket = outcome.decision.ticket.id if outcome.decision.ticket else None
        yield {"of_ticket": of_ticket, "of_kind": kind, "of_cause": str(outcome.cause)}


def timer_rows(outcome: Outcome) -> Iterator[Values]:
    for wanted in outcome.decision.timers.started:
        yield {
            "ticket_id": outcome.decision.ticket.id if outcome.decision.ticket else None,
            "kind": wanted.kind,
            "occurrence": wanted.occurrence,
            "due_at": wanted.due_at,
            "state": TimerState.PENDING,
            "set_by": str(outcome.cause),
        }
