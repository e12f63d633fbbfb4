"""The kind of cause for similar requests of many customers, which are proposed to staff as one incident."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import RestingKind, Settle, Tools
from helpdesk.store.ticket_words import OutbreakCause, crowd_of, has_uncompared_requests, mark
from helpdesk.threading.decisions.time.outbreak import Outbreak, decide_outbreak, find_outbreaks
from helpdesk.threading.incidents.comparison import Comparison
from helpdesk.threading.incidents.likeness import FaultReport
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question


@dataclass(frozen=True, slots=True)
class OutbreakItem(WorkItem):
    """Similar requests of many customers."""

    cause: OutbreakCause

    def question(self) -> Question:
        return Question(author="", ticket_ids=self.cause.ticket_ids)

    def decide(self, context: Context) -> Decision:
        return decide_outbreak(Outbreak(self.cause.ticket_ids, self.cause.words), context)


class Outbreaks(RestingKind):
    """Compares new requests with those of the last hours after they have been recorded, so that no concurrent request is missed.

    A proposal is recorded after the comparison. If another node has proposed a part of it, the requests are compared again.
    """

    name = "outbreak"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._compared = 0
        self._read: dict[int, FaultReport] = {}  # by ticket id, so that nothing is read or counted twice
        self._comparison = Comparison()

    def work(self, settle: Settle) -> int:
        """Return the number of compared requests plus the number of proposed outbreaks."""
        self._compared = 0
        proposed = super().work(settle)
        return self._compared + proposed

    def due(self) -> Sequence[OutbreakItem]:
        tools, incidents = self.tools, self.tools.desk.policy.incidents
        now = tools.clock()
        if not incidents.propose_from:
            return []
        with tools.database.reading() as connection:
            if not has_uncompared_requests(connection, now - incidents.within):
                return []
            crowd = crowd_of(connection, now - incidents.within, self._read)
        looked = find_outbreaks(crowd, incidents.propose_from, incidents.within, self._comparison)
        with tools.database.writing() as connection:
            self._compared = mark(connection, looked, now)
        return [OutbreakItem(OutbreakCause(outbreak.ticket_ids, outbreak.words)) for outbreak in looked.outbreaks]
