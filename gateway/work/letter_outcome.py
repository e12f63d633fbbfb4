"""Letters of ours that were given up, or that have waited for long. The letter's row says whether the team has been told."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, DueKind, log_failure
from helpdesk.store.outbox import LetterCause, leave_unreported, outcomes_to_report
from helpdesk.threading.decisions.machines.letter_outcome import decide_letter_outcome
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question


@dataclass(frozen=True, slots=True)
class LetterOutcomeItem(WorkItem):
    """A letter of ours that the team must know about."""

    cause: LetterCause

    def question(self) -> Question:
        return Question(author="", letter_ids=(self.cause.letter_id,))

    def decide(self, context: Context) -> Decision:
        """Raises KeyError where the letter does not exist."""
        return decide_letter_outcome(context.known.letters[self.cause.letter_id], self.cause.fate, self.cause.reply, context)


class LetterOutcomes(DueKind):
    """While the relay is away nobody is told of a wait: the letter that says so would have to wait too."""

    name = "letter"

    def due(self) -> Sequence[LetterOutcomeItem]:
        tools = self.tools
        created_before = None if tools.relay_stalled() else tools.clock() - tools.desk.policy.retry.delay_notice_after
        with tools.database.reading() as connection:
            return [LetterOutcomeItem(cause) for cause in outcomes_to_report(connection, created_before, BATCH)]

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        """The letter stays as it is, and is not looked at again."""
        assert isinstance(item, LetterOutcomeItem)
        log_failure(item, fault)
        leave_unreported(self.tools.database, item.cause, self.tools.clock())
