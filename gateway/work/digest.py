"""The kind of cause for digests of staff, in the morning of each working day. The row of a digest claims the day."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.config.calendar import working_day
from helpdesk.config.hours import time_of_day
from helpdesk.gateway.people import in_force
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, RestingKind
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.store.digests import DigestCause, staff_without_digest
from helpdesk.store.succession import bereft_tickets
from helpdesk.threading.decisions.time.digest import decide_digest
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question, Wanted
from helpdesk.threading.model.succession import Bereft


@dataclass(frozen=True, slots=True)
class DigestItem(WorkItem):
    """A working day on which a staff member has not had their digest."""

    cause: DigestCause
    bereft: tuple[Bereft, ...] = ()  # requests of the whole desk that name something that is gone

    def question(self) -> Question:
        return Question(author=self.cause.staff, wanted=frozenset({Wanted.OPEN_TICKETS}))

    def decide(self, context: Context) -> Decision:
        return decide_digest(self.cause.staff, context, self.bereft)


class Digests(RestingKind):
    """Digests that are due. If no node ran in the morning, they are sent later on the same day."""

    name = "digest"

    def due(self) -> Sequence[DigestItem]:
        policy = self.tools.desk.policy
        after = time_of_day(policy.answering.digest_at)
        day = working_day(self.tools.clock(), after, policy.calendar) if after is not None else None
        if day is None:
            return []
        with self.tools.database.reading() as connection:
            causes = staff_without_digest(connection, day, BATCH)
            if not causes:
                return []
            present = PresentDesk(self.tools.desk).read(connection).policy
            bereft = tuple(bereft_tickets(connection, in_force(present)))
            return [DigestItem(cause, bereft=bereft) for cause in causes]
