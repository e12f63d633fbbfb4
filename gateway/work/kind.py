"""The interface of a kind of cause, and the tools that every kind uses."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.verification import Verifier
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import WorkItem
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.threading.model.mail import Disposition, RawMessage
from helpdesk.threading.model.origin import Origin
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.parsed import ParsedMessage, Reading

BATCH = 50
TRIES = 3  # attempts at a cause that fails because of a fault of the program
REST = timedelta(minutes=10)  # pause of a `RestingKind` after such a fault

log = Log("helpdesk.worker")

Settle = Callable[[Sequence[WorkItem]], int]


class MailReader(Verifier, Protocol):
    """Reads mails under limits, verifies their signatures, tells the language of a text ("" for none), and reads HTML pages. Threads may share it. It raises if the mail killed the reading process."""

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading: ...

    def language(self, text: str) -> str: ...

    def document(self, page: str, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]: ...


class OriginChecker(Protocol):
    """Checks the origin of a mail in bounded time. Threads may share it. It never raises."""

    def wants(self, raw: RawMessage) -> bool: ...

    def check(self, raw: RawMessage, message: ParsedMessage) -> Origin: ...


def _never_stalled() -> bool:
    return False


def _nobody_waits() -> None:
    return


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker and its kinds of cause need. `reading_threads` is the number of mails that are read at the same time.

    `origins` is None if the origin of mails is not checked. `relay_stalled` returns whether the relay accepts no letters at present. `tokens`
    mark the claims of this process. `wake` is called when there may be more to do than the running round sees.
    """

    database: Database
    blobs: BlobStore
    desk: Desk
    reader: MailReader
    clock: Callable[[], datetime]
    origins: OriginChecker | None = None
    relay_stalled: Callable[[], bool] = _never_stalled
    tokens: ClaimTokens = field(default_factory=ClaimTokens)
    wake: Callable[[], None] = _nobody_waits
    reading_threads: int = 4


class CauseKind(ABC):
    """A kind of cause: it finds the causes that are due, and handles items that fail. `name` is the prefix of its log events."""

    name: ClassVar[str]

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    @abstractmethod
    def work(self, settle: Settle) -> int:
        """Find at most `BATCH` due causes and pass them to `settle`. Return how many causes were processed. Raises DatabaseAway."""

    @abstractmethod
    def give_up(self, item: WorkItem, fault: Exception) -> None:
        """Handle an item that could not be decided or recorded, so that it is not due again at once and does not block others."""

    def leave(self, behind: Sequence[WorkItem], keys: Collection[tuple[str, object]]) -> None:
        """Release items that must wait for others, with these keys, which another worker has taken over. Raises DatabaseAway."""
        return

    def count(self, item: WorkItem, disposition: Disposition) -> None:
        """Count an item that was recorded, for those who watch the desk."""
        return

    def let_go(self) -> None:
        """Release what an earlier round claimed and could not settle. The worker calls this before a new round. Raises DatabaseAway."""
        return

    @property
    def has_unfinished(self) -> bool:
        """Whether this kind has claimed something that is not settled."""
        return False

    def wait_for_slow(self) -> bool:
        """Wait until a cause that is being prepared is ready. Return False if none is being prepared."""
        return False

    def finish(self, settle: Settle) -> None:
        """Settle every cause that is being prepared, and claim no other. Raises DatabaseAway."""
        return

    def close(self) -> None:
        """Stop the threads that this kind started."""
        return


class DueKind(CauseKind):
    """A kind whose causes stay due until they are recorded."""

    @abstractmethod
    def due(self) -> Sequence[WorkItem]:
        """Return at most `BATCH` due items. Raises DatabaseAway."""

    def work(self, settle: Settle) -> int:
        items = self.due()
        return settle(items) if items else 0


class RestingKind(DueKind):
    """A kind that pauses for `REST` after a fault of the program. Other kinds go on."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    def work(self, settle: Settle) -> int:
        return 0 if self.tools.clock() < self._rests_until else super().work(settle)

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        log_failure(item, fault)
        self._rests_until = self.tools.clock() + REST


def in_words(fault: Exception) -> str:
    """Return a fault as text for the log and for rows of the store."""
    return f"{type(fault).__name__}: {fault}"


def log_failure(item: WorkItem, fault: Exception) -> None:
    log.warning("cause.failed", cause=str(item.cause), reason=in_words(fault))
