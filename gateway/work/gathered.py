"""The kind of cause for letters to staff that a flood caused and that one summary letter lists instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, RestingKind
from helpdesk.store.digests import GatheredCause, gathered_letters
from helpdesk.threading.decisions.time.gathered import decide_gathered_letter
from helpdesk.threading.letters.tally import TEN_MINUTES
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question


@dataclass(frozen=True, slots=True)
class GatheredItem(WorkItem):
    """The gathered letters to one staff member."""

    cause: GatheredCause

    def question(self) -> Question:
        return Question(author="", ticket_ids=tuple(dict.fromkeys(self.cause.ticket_ids)))

    def decide(self, context: Context) -> Decision:
        return decide_gathered_letter(self.cause.staff, self.cause.ticket_ids, context)


class GatheredLetters(RestingKind):
    """Gathered letters, due ten minutes after the first of them was written."""

    name = "gathered"

    def due(self) -> Sequence[GatheredItem]:
        with self.tools.database.reading() as connection:
            return [GatheredItem(cause) for cause in gathered_letters(connection, self.tools.clock() - TEN_MINUTES, BATCH)]
