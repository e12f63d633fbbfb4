"""The kind of cause for requests whose assignee, queue, plan, account or support address is gone: they are handed over.

They are looked for when the directory has changed, when the program starts, and every hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.gateway.people import in_force, sync_people
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, RestingKind, Tools
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.store.directory.rows import directory_version_of
from helpdesk.store.succession import SuccessionCause, bereft_tickets
from helpdesk.threading.decisions.time.succession import decide_succession
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question, Wanted

LOOK_AFTER = timedelta(seconds=10)  # at the version of the directory
LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SuccessionItem(WorkItem):
    """A request that names something that is gone."""

    cause: SuccessionCause

    def question(self) -> Question:
        return Question(author="", ticket_ids=(self.cause.ticket_id,), wanted=frozenset({Wanted.HANDED_OVER}))

    def decide(self, context: Context) -> Decision:
        return decide_succession(self.cause.bereft, context)


class Successions(RestingKind):
    """Requests that are to be handed over."""

    name = "succession"

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._version: int | None = None
        self._desk = tools.desk
        self._asks_at = self._looks_at = datetime.min.replace(tzinfo=UTC)
        self._syncs_at = tools.clock() + LOOK_AGAIN

    def due(self) -> Sequence[SuccessionItem]:
        now = self.tools.clock()
        if self._desk is not self.tools.desk:  # its policy has been read anew
            self._desk, self._version = self.tools.desk, None
        elif now < self._asks_at:
            return []
        if now >= self._syncs_at:  # what was put off while nodes differed
            self._syncs_at = now + LOOK_AGAIN
            sync_people(self.tools.database, self.tools.desk.policy, now)
        with self.tools.database.reading() as connection:
            version = directory_version_of(connection)
            if version == self._version and now < self._looks_at:
                self._asks_at = now + LOOK_AFTER
                return []
            policy = PresentDesk(self.tools.desk).read(connection).policy
            found = [entry for entry in bereft_tickets(connection, in_force(policy)) if entry.can_be_helped]
        if len(found) <= BATCH:  # else there is more to do at once
            self._version, self._looks_at = version, now + LOOK_AGAIN
        return [SuccessionItem(SuccessionCause(entry, entry.ticket_id, entry.version)) for entry in found[:BATCH]]
