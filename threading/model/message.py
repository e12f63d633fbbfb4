"""What is said on a ticket: public messages and internal notes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from helpdesk.threading.model.assurance import Assurance


class Direction(StrEnum):
    """Whose words a message is: the customer's or those of support."""

    CUSTOMER = "customer"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Message:
    """One public message of a conversation. Internal notes have a type and a table of their own.

    `author` is an address, "" where the author is not certain.
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
    proved: bool = False  # whether its origin, or a token that was sent to its author, proves who wrote it
    inbox_of: str | None = None  # the customer in whose platform inbox it stands as their own words; None for nobody's
    subject: str = ""  # of the mail, which may differ from the ticket's
    html: str = ""  # the text as markup of our own; "" where only the text is known
    shapes: tuple[Any, ...] = ()  # of the text, as `reading.kept_shapes` keeps them


@dataclass(frozen=True, slots=True)
class InternalNote:
    """Words among staff, which no customer reads.

    `unasked` notes became notes by the address to which they were sent, and not by a command of their author.
    `attachments` are listed as those of a message; `file_words` is the beginning of the words in these files.
    """

    id: int
    author: str
    text: str
    at: datetime
    unasked: bool = False
    attachments: tuple[dict[str, object], ...] = ()
    file_words: str = ""
    shapes: tuple[Any, ...] = ()  # of the text, as those of a message


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A public message of the conversation, as a staff letter shows it."""

    author: str
    direction: Direction
    text: str
    at: datetime
    id: int = 0
    message_id: str | None = None
    version: int = 0  # of the ticket when the message was added
    assurance: Assurance = Assurance.UNVERIFIED  # of its author
    attachments: tuple[dict[str, Any], ...] = ()
    subject: str = ""  # of the mail; "" where none is known
    origin: str = ""  # the reference of the merged request to which it came; "" if it came to this one
    shapes: tuple[Any, ...] = ()  # of the text, as those of a message


@dataclass(frozen=True, slots=True)
class LastWord:
    """Who wrote the newest message of a conversation, and when. `author` is an address, "" where they are not certain."""

    author: str
    direction: Direction
    at: datetime


@dataclass(frozen=True, slots=True)
class PastNote:
    """An internal note, as a letter to staff shows it. `author` is an address."""

    author: str
    text: str
    at: datetime
    origin: str = ""  # the reference of the merged request on which it was written; "" if it was written on this one
    shapes: tuple[Any, ...] = ()  # of the text, as those of a message


@dataclass(frozen=True, slots=True)
class MovedMessage:
    """A message that moves to this ticket from another one, together with the Message-ID that leads to it.

    `version` is what it has as `PastMessage.version` on this ticket, `left_version` what it had on the other one. Versions of two tickets
    cannot be compared: with that of the other one, an answer to a letter about this ticket would count as stale.
    """

    id: int
    message_id: str | None
    from_ticket: int
    version: int
    left_version: int
