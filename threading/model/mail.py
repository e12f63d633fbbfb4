"""A mail as it came in, before it is read, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.threading.model.origin import Origin


class DeliveryOutcome(StrEnum):
    """What the team must be told about a letter that has not arrived (the actions of RFC 3464 §2.3.3)."""

    FAILED = "failed"  # it was given up and is not tried again
    DELAYED = "delayed"  # it has waited for long and is still tried


class Disposition(StrEnum):
    """What became of an inbound mail; `PENDING` until it is decided."""

    PENDING = "pending"
    OPENED = "opened"  # it opened a ticket
    THREADED = "threaded"  # it joined a ticket
    NOTED = "noted"  # automatic mail: recorded, and it changes nothing
    REPORTED = "reported"  # a delivery report or complaint about a letter
    DISCARDED = "discarded"  # a copy of a mail that was processed, or a loop
    REFUSED = "refused"  # its author is told why nothing of it was carried out
    HELD = "held"  # it waits for the word of a staff member
    QUARANTINED = "quarantined"  # it could not be processed; an operator can replay it


class Channel(StrEnum):
    """The way on which words came to the desk."""

    MAIL = "mail"
    ARCHIVE = "archive"  # old mail that an operator imports: history that causes no letters
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope of one SMTP transaction (RFC 5321 §2.3.1), without angle brackets. `reverse_path` "" is the null path."""

    reverse_path: str
    forward_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One mail as it came through a door, before it is read.

    `peer` is the IP address that handed the mail over, "" for a pipe. `authenticated_as` is the staff address that SMTP AUTH proved.
    `transmission` is the protocol in the words of RFC 3848 (ESMTPS, LMTP, …), "" where none is known.
    `envelope` is None for a door that has none: a mailbox or an archive. `recent` marks a mail of an archive that staff still have to work on.
    `support_address` is the address of the mailbox: mail whose header names no address of the desk belongs there.
    `origin` is what the gateway's own checks found; None before the checks and for mail that is not checked.
    `whole_size` is 0, except where a mailbox has a mail that is too large: then `content` is its beginning, and `whole_size` are the octets of
    the whole mail, which stays on its server.
    """

    door: str  # smtp, pipe, …
    envelope: Envelope | None
    content: bytes
    received_at: datetime
    peer: str = ""
    helo: str = ""
    authenticated_as: str | None = None
    origin: Origin | None = None
    support_address: str = ""
    transmission: str = ""
    recent: bool = False
    whole_size: int = 0
