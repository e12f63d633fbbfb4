"""One piece of work: a cause, what to ask the store about it, and how it is decided."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.store.cause import Cause
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Question
from helpdesk.threading.reading.places import Place


@dataclass(frozen=True, slots=True)
class MailFiles:
    """The attachments of a mail that letters may pass on.

    `contents` has their octets by SHA-256. `places` says where the reading found them in `raw`, the octets of the whole mail.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)
    raw: bytes = b""
    places: Mapping[str, Place] = field(default_factory=dict)


NO_FILES = MailFiles()


@dataclass(frozen=True, slots=True)
class WorkItem(ABC):
    """Something that waits to be decided. `incoming` is what somebody wrote; None where a time has come or something has happened."""

    cause: Cause
    incoming: Incoming | None = None
    files: MailFiles = NO_FILES

    @abstractmethod
    def question(self) -> Question:
        """What the store is asked before the decision."""

    @abstractmethod
    def decide(self, context: Context) -> Decision:
        """What follows. The function is pure, so whoever loses a race calls it again."""
