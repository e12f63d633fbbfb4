"""What an outcome comes from, and what `record` asks of it, whatever kind it is.

Each kind of cause is a class that stands beside the table which holds its claims: `MailCause` in `mail_claims`, `TimerCause` in `timers`
and so on. `record` calls `claim` before it writes effects and `finish` after that, and names no kind.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeVar

from sqlalchemy import Connection

from helpdesk.store.letter_files import FilePlaces
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision


class LostClaim(Exception):
    """The cause is no longer ours: its lease ran out and another node took it, or it has been dealt with. Let go of it."""


class Cause(ABC):
    """The reason for an outcome. A cause has its effects once, however many nodes work on it.

    `str(cause)` names it in the rows that it wrote. Causes are compared by what they claim.
    """

    __slots__ = ()

    @classmethod
    @abstractmethod
    def claim(cls, connection: Connection, outcomes: Sequence["Outcome"]) -> None:
        """Make sure that these causes are still ours, and keep them so until the transaction ends.

        All outcomes have causes of this class. Rows are locked in the order of their keys, so that two nodes do not wait for each other.
        Raises LostClaim.
        """

    @classmethod
    def finish(cls, connection: Connection, outcomes: Sequence["Outcome"]) -> None:
        """Mark these causes as dealt with, after all effects have been written. Does nothing where the claim has marked them."""
        return

    @property
    def mail_id(self) -> int | None:
        """The stored mail in which files of the letters may lie."""
        return None

    @property
    def own_message_id(self) -> str | None:
        """The Message-ID that leads to the ticket from now on."""
        return None

    @property
    def writes_digest(self) -> bool:
        """Whether the claim has written the decision's digest, because its row is what no other node may write."""
        return False

    def on_another_ticket(self) -> Self:
        """The same cause for the other tickets that its decision changes: a Message-ID leads to one ticket alone."""
        return self


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision, its letters with their final bytes, and what they come from. `node` names who decided.

    `places` says where files of the letters are kept already; any other file is written into each of its letters.
    """

    cause: Cause
    decision: Decision
    letters: tuple[Letter, ...]
    now: datetime
    node: str
    places: FilePlaces = field(default_factory=dict)


AnyCause = TypeVar("AnyCause", bound=Cause)


def causes_of(kind: type[AnyCause], outcomes: Sequence[Outcome]) -> list[AnyCause]:
    """The causes of outcomes that `kind` is asked about, in the same order."""
    return [outcome.cause for outcome in outcomes if isinstance(outcome.cause, kind)]
