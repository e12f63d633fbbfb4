"""What a further measurement is given: the plan, a folder, the results of the rounds; and the desks that it makes."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.parts import wait_until_settled
from helpdesk.gateway.bench.report import BenchReport, Part
from helpdesk.gateway.bench.run import BenchPlan, TellProgress, open_conversations
from helpdesk.gateway.bench.server import Server
from helpdesk.gateway.bench.workload import Mail, OpenConversation, Workload


@dataclass(frozen=True, slots=True)
class MeasuredDesk:
    """A desk with open conversations, and the source of its mails."""

    folder: Folder
    workload: Workload
    conversations: Sequence[OpenConversation]

    def mails(self, count: int) -> list[Mail]:
        return self.workload.mixed_mails(count, self.conversations)

    def warm_up(self, server: Server, count: int) -> None:
        """Let a node take so many mails, so that its one-time work is done."""
        send(server.port, self.mails(count))
        wait_until_settled(self.folder)


@dataclass(slots=True)
class Occasion:
    """A further measurement of a run. `growth_to` is the size of the largest desk."""

    plan: BenchPlan
    folder: Path
    report: BenchReport
    growth_to: int
    tell: TellProgress
    _desks: int = field(default=0)

    @property
    def rate(self) -> float:
        """Mails a second that this gateway takes from the first 250 to the last sent letter."""
        return self.report.rate(Part.WITH_LETTERS).median

    @contextmanager
    def desk(self, more: str = "") -> Iterator[MeasuredDesk]:
        """A new desk, with `more` in its configuration."""
        self._desks += 1
        workload = self.plan.workload()
        with closing(Folder(self.folder / f"desk{self._desks}", self.plan.server, more)) as folder:
            yield MeasuredDesk(folder, workload, open_conversations(folder, workload, self.plan.mails))
