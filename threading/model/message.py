"""What is said on a ticket: public messages and internal notes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpdesk.threading.model.assurance import Assurance


class Direction(StrEnum):
    CUSTOMER = "customer"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Message:
    """One public message of a conversation. Internal notes are another type, in another table.

    `author` is "" where nobody is certainly the author.
    """

    id: int
    direction: Direction
    author: str
    assurance: Assurance
    text: str
    elided_text: str
    attachments: tuple[dict[str, object], ...]
    message_id: str | None
    at: datetime
    proved: bool = False  # by its origin, or by a token that was sent to its author
    inbox_of: str | None = None  # whose own words these are in the platform inbox; None for words that stand in nobody's
    subject: str = ""  # of the mail itself; the ticket's may be another


@dataclass(frozen=True, slots=True)
class InternalNote:
    """Words among staff. `unasked` says that the address kept them inside, without a word of their author's.

    `attachments` are listed as those of a message; `file_words` is the beginning of what these files say.
    """

    id: int
    author: str
    text: str
    at: datetime
    unasked: bool = False
    attachments: tuple[dict[str, object], ...] = ()
    file_words: str = ""


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A public message of the conversation, as a staff letter shows it."""

    author: str
    direction: str  # customer, support
    text: str
    at: datetime
    id: int = 0
    message_id: str | None = None
    version: int = 0  # of the ticket with it
    assurance: Assurance = Assurance.UNVERIFIED  # of its author
    attachments: tuple[dict[str, Any], ...] = ()
    subject: str = ""  # of the mail itself; "" where none is known


@dataclass(frozen=True, slots=True)
class MovedMessage:
    """A message that stands on this ticket from now on, and the Message-ID that leads there with it."""

    id: int
    message_id: str | None
    from_ticket: int
