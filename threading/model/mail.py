"""A mail as it came in, before anybody has read it, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.threading.model.origin import Origin


class LetterFate(StrEnum):
    """What the team must know about a letter on its way."""

    FAILED = "failed"  # given up: nobody tries it again
    DELAYED = "delayed"  # has waited for long and is still tried


class Disposition(StrEnum):
    """The end of an inbound mail's life; `PENDING` is its beginning."""

    PENDING = "pending"
    OPENED = "opened"
    THREADED = "threaded"
    NOTED = "noted"
    REPORTED = "reported"
    DISCARDED = "discarded"
    REFUSED = "refused"
    HELD = "held"
    QUARANTINED = "quarantined"


class Channel(StrEnum):
    MAIL = "mail"
    ARCHIVE = "archive"  # old mail that is brought in: history, never a cause of letters
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Of one SMTP transaction (RFC 5321 §2.3.1). `reverse_path` "" is the null path; addresses stand without angle brackets."""

    reverse_path: str
    forward_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One mail as it came through a door, before anybody has understood it.

    `peer` is the IP address that handed it over ("" for a pipe), `authenticated_as` the staff address proved by SMTP AUTH.
    `transmission` names how (RFC 3848: ESMTPS, LMTP, …), "" where nobody said so.
    `envelope` is None where a door has none (a mailbox, an archive). `recent` is a mail of an archive that is still to be worked on.
    `support_address` is the mailbox's own: mail whose header names no address of the desk belongs there.
    `origin` is what our own checks found, None before them and for mail that is not checked.
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
