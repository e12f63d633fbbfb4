"""The kind of cause for letters of the desk that failed or are delayed. Their rows say whether this has been reported to the team."""

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
    """A failed or delayed letter to report to the team."""

    cause: LetterCause

    def question(self) -> Question:
        return Question(author="", letter_ids=(self.cause.letter_id,))

    def decide(self, context: Context) -> Decision:
        """Decide as every item does. Raises KeyError if the letter does not exist."""
        return decide_letter_outcome(context.known.letters[self.cause.letter_id], self.cause.delivery, self.cause.reply, context)


class LetterOutcomes(DueKind):
    """Failed and delayed letters. Delays are not reported while the relay is away, because the report would be delayed too."""

    name = "letter"

    def due(self) -> Sequence[LetterOutcomeItem]:
        tools = self.tools
        created_before = None if tools.relay_stalled() else tools.clock() - tools.desk.policy.retry.delay_notice_after
        with tools.database.reading() as connection:
            return [LetterOutcomeItem(cause) for cause in outcomes_to_report(connection, created_before, BATCH)]

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        """Leave the letter as it is, and mark it as reported."""
        assert isinstance(item, LetterOutcomeItem)
        log_failure(item, fault)
        leave_unreported(self.tools.database, item.cause, self.tools.clock())
