"""A work item: a cause, with the question to look up for it and the function that decides it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from helpdesk.store.cause import Cause
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.incoming import Incoming, under_first_address
from helpdesk.threading.matching.known import Question
from helpdesk.threading.reading.places import Place


@dataclass(frozen=True, slots=True)
class MailFiles:
    """The attachments of a mail, which letters may forward.

    `contents` has their octets by SHA-256. `places` has their positions in `raw`, the octets of the whole mail.
    """

    contents: Mapping[str, bytes] = field(default_factory=dict)
    raw: bytes = b""
    places: Mapping[str, Place] = field(default_factory=dict)


NO_FILES = MailFiles()


@dataclass(frozen=True, slots=True)
class WorkItem(ABC):
    """A cause that waits for its decision. `incoming` is the message of a person; None for timers and other events."""

    cause: Cause
    incoming: Incoming | None = None
    files: MailFiles = NO_FILES

    @property
    def keys(self) -> Collection[tuple[str, object]]:
        """What ties this item to others: of two items with an equal key, the earlier one is decided first."""
        return ()

    def under_first_address(self, first: Mapping[str, str]) -> Self:
        """The item with a staff member who writes from a further address under the one to which their letters go."""
        incoming = None if self.incoming is None else under_first_address(self.incoming, first)
        return self if incoming is self.incoming else replace(self, incoming=incoming)

    @abstractmethod
    def question(self) -> Question:
        """Return what to look up in the store before the decision."""

    @abstractmethod
    def decide(self, context: Context) -> Decision:
        """Return the decision. The function is pure, so it can be called again after a conflict with another node."""
