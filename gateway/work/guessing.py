"""The kind of cause for alarms about guessed passwords, which a listener raised. Rows of `login_count` say which are unreported."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, RestingKind
from helpdesk.store.logins import GuessingCause, alarms_to_report
from helpdesk.threading.decisions.time.guessing import decide_guessing
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question


@dataclass(frozen=True, slots=True)
class GuessingItem(WorkItem):
    """Alarms about guessed passwords."""

    cause: GuessingCause

    def question(self) -> Question:
        return Question(author="")

    def decide(self, context: Context) -> Decision:
        return decide_guessing(self.cause.alarms, context)


class Guessing(RestingKind):
    """All alarms that nobody has been told of, as one cause."""

    name = "guessing"

    def due(self) -> Sequence[GuessingItem]:
        with self.tools.database.reading() as connection:
            cause = alarms_to_report(connection, BATCH)
        return [] if cause is None else [GuessingItem(cause)]
