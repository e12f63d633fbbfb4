"""What each kind of cause says of itself, and the tools that it works with."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.verification import Verifier
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import WorkItem
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.model.origin import Origin
from helpdesk.threading.reading.parsed import ParsedMessage, Reading

BATCH = 50
TRIES = 3  # of a cause that fails by a fault of ours
REST = timedelta(minutes=10)  # of a kind of cause after such a fault

log = Log("helpdesk.worker")

Settle = Callable[[Sequence[WorkItem]], int]


class MailReader(Verifier, Protocol):
    """Reads a mail under limits, and verifies its signatures, from several threads at once. Raises when the mail killed whoever read it."""

    def read(self, content: bytes, keep_signature: bool = False) -> Reading: ...


class OriginChecker(Protocol):
    """Finds out where a mail comes from, in bounded time and from several threads at once; never raises."""

    def wants(self, raw: RawMessage) -> bool: ...

    def check(self, raw: RawMessage, message: ParsedMessage) -> Origin: ...


def _never_stalled() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Tools:
    """All that a worker and its kinds of cause need. `reading_threads` is how many mails are read at once.

    `origins` is None where the origin of mails is not checked. `relay_stalled` says whether letters cannot leave at present.
    """

    database: Database
    blobs: BlobStore
    desk: Desk
    reader: MailReader
    clock: Callable[[], datetime]
    origins: OriginChecker | None = None
    relay_stalled: Callable[[], bool] = _never_stalled
    reading_threads: int = 2


class CauseKind(ABC):
    """One kind of cause: what of it is due, and what a fault of ours means for it. `name` stands before its lines in the log."""

    name: ClassVar[str]

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    @abstractmethod
    def work(self, settle: Settle) -> int:
        """Find what is due, at most a batch of it, and take it to its end by `settle`; how many causes that were. Raises DatabaseAway."""

    @abstractmethod
    def give_up(self, item: WorkItem, fault: Exception) -> None:
        """An item could not be decided or recorded. It must not be due again at once, and must hold up no other."""

    def let_go(self) -> None:
        """Release what an earlier round claimed and could not settle, before a new round begins. Raises DatabaseAway."""
        return

    def close(self) -> None:
        """Stop the threads that this kind began."""
        return


class DueKind(CauseKind):
    """A kind whose causes stay due until they are recorded."""

    @abstractmethod
    def due(self) -> Sequence[WorkItem]:
        """What waits now, at most a batch of it. Raises DatabaseAway."""

    def work(self, settle: Settle) -> int:
        items = self.due()
        return settle(items) if items else 0


class RestingKind(DueKind):
    """A kind that rests as a whole for a while after a fault of ours. No other kind waits for it."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    def work(self, settle: Settle) -> int:
        return 0 if self.tools.clock() < self._rests_until else super().work(settle)

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        log_failure(item, fault)
        self._rests_until = self.tools.clock() + REST


def in_words(fault: Exception) -> str:
    """A fault as the log and the rows of the store name it."""
    return f"{type(fault).__name__}: {fault}"


def log_failure(item: WorkItem, fault: Exception) -> None:
    log.warning("cause.failed", cause=str(item.cause), reason=in_words(fault))
