"""The interface of a cause: the reason for which `record` writes an outcome.

Each kind of cause is a class in the module of the table that holds its claims: `MailCause` in `mail_claims`, `TimerCause` in `timers`
and so on. `record` calls `claim` before it writes the effects and `finish` after that. It does not refer to any kind by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self, TypeVar

from sqlalchemy import Connection

from helpdesk.store.letter_files import FilePlaces
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision


class LostClaim(Exception):
    """This node no longer holds the cause: another node took it after its lease ended, or it is already finished. Drop the work."""


class Cause(ABC):
    """The reason for an outcome. The effects of a cause are written once, however many nodes work on it.

    `str(cause)` is the value of the column `cause` in the rows that it writes. Two causes are equal if they claim the same thing.
    """

    __slots__ = ()

    @classmethod
    @abstractmethod
    def claim(cls, connection: Connection, outcomes: Sequence["Outcome"]) -> None:
        """Check that this node still holds these causes, and lock them until the transaction ends.

        All outcomes have causes of this class. Rows are locked in the order of their keys, so that two nodes cannot deadlock.
        Raises LostClaim.
        """

    @classmethod
    def finish(cls, connection: Connection, outcomes: Sequence["Outcome"]) -> None:
        """Mark these causes as finished after all effects have been written. Does nothing if `claim` has marked them."""
        return

    @property
    def mail_id(self) -> int | None:
        """The id of the stored mail that may contain files of the letters."""
        return None

    @property
    def own_message_id(self) -> str | None:
        """The Message-ID of the mail itself. Later replies to this Message-ID join the ticket."""
        return None

    @property
    def writes_digest(self) -> bool:
        """Whether `claim` writes the row of the decision's digest, because the unique key of that row is the claim."""
        return False

    def on_another_ticket(self) -> Self:
        """The same cause for the other tickets that its decision changes, without its Message-ID, which belongs to one ticket only."""
        return self


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with its cause and its letters, whose bytes are final. `node` is the name of the node that decided, and `policy` the digest
    of the policy by which it did.

    `places` says where files of the letters are already stored. Every other file is written into each letter that carries it.
    `shown_files` are the files that inbox rows offer to the platform, by SHA-256: their octets, or None for those in the blob store or, with
    a place in `shown_places`, in the mail that is the cause.
    """

    cause: Cause
    decision: Decision
    letters: tuple[Letter, ...]
    now: datetime
    node: str
    places: FilePlaces = field(default_factory=dict)
    shown_files: Mapping[str, bytes | None] = field(default_factory=dict)
    shown_places: FilePlaces = field(default_factory=dict)
    policy: str = ""


AnyCause = TypeVar("AnyCause", bound=Cause)


def causes_of(kind: type[AnyCause], outcomes: Sequence[Outcome]) -> list[AnyCause]:
    """The causes of outcomes as values of the class `kind`, in the same order."""
    return [outcome.cause for outcome in outcomes if isinstance(outcome.cause, kind)]


def number_of_mail(cause: str) -> int | None:
    """Return the inbound id of the mail that a recorded cause names; None if it names none."""
    kind, _, rest = cause.partition(":")
    number = rest.partition(".")[0]
    return int(number) if kind == "mail" and number.isdecimal() else None


def number_of_reply(cause: str) -> int | None:
    """Return the id in `platform_reply` that a recorded cause names; None if it names none."""
    kind, _, rest = cause.partition(":")
    number = rest.partition(".")[0]
    return int(number) if kind == "platform" and number.isdecimal() else None
