"""The kind of cause for due timers. Each occurrence of a timer is a row, which is marked as fired together with its effects."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, TRIES, DueKind, in_words, log, log_failure
from helpdesk.store.timers import TimerCause, due_timers, put_off
from helpdesk.threading.decisions.time.timers import decide_timer
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question, Wanted


@dataclass(frozen=True, slots=True)
class TimerItem(WorkItem):
    """A due timer."""

    cause: TimerCause

    def question(self) -> Question:
        return Question(author="", ticket_ids=(self.cause.ticket_id,), wanted=frozenset({Wanted.HANDED_OVER}))

    def decide(self, context: Context) -> Decision:
        """Decide as every item does. Raises KeyError if the ticket does not exist."""
        return decide_timer(context.known.tickets[self.cause.ticket_id], self.cause.kind, context)


class Timers(DueKind):
    """Due timers. A timer that cannot be decided stays due and waits longer before each further attempt."""

    name = "timer"

    def due(self) -> Sequence[TimerItem]:
        with self.tools.database.reading() as connection:
            timers = due_timers(connection, self.tools.clock(), BATCH)
        return [TimerItem(TimerCause(timer.ticket_id, timer.kind, timer.occurrence)) for timer in timers]

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        assert isinstance(item, TimerItem)
        log_failure(item, fault)
        attempts = put_off(self.tools.database, item.cause, self.tools.clock())
        if attempts >= TRIES:
            log.warning("timer.stuck", alarm=True, cause=str(item.cause), attempts=attempts, reason=in_words(fault))
