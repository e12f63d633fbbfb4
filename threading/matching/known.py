"""What the store is asked about one mail, and what it answers: one round trip between two pure steps."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.lifecycle.decision import PastMessage
from helpdesk.threading.matching.tally import Tally
from helpdesk.threading.model import Contact, StaffMember, Suppression, Ticket
from helpdesk.threading.reading.parsed import Attachment


@dataclass(frozen=True, slots=True)
class Question:
    """Every key by which a mail could lead to a ticket. Message-IDs stand without angle brackets, references in upper case."""

    author: str  # canonical addr-spec, "" where there is no identity
    ticket_ids: tuple[int, ...] = ()  # from tokens whose signature held
    letter_ids: tuple[int, ...] = ()  # from bounce tokens whose signature held, and those that a report names
    message_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    thread_key: str | None = None
    fingerprint: str | None = None
    own_inbound_id: int | None = None  # the mail itself is not its own duplicate
    answered_at: str = ""  # where an automatic letter would go


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """The same mail, already processed."""

    inbound_id: int
    ticket_id: int | None


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that a delivery report is about."""

    id: int
    ticket_id: int | None
    participant: int
    recipient: str
    notice: str
    for_staff: bool
    message_id: str
    at: datetime
    state: str = "sent"  # of the outbox
    automatic: bool = True
    author: str = ""  # of the staff member's words in it, "" where nobody wrote it
    words: str = ""
    attachments: tuple[Attachment, ...] = ()
    reached: int = 0  # how many other customers the same words have gone to, as far as is known
    namesakes: tuple[Contact, ...] = ()  # other addresses that the directory has for the same person of the same account
    last_reply: str = ""  # of the relay


@dataclass(frozen=True, slots=True)
class Conversation:
    """The recent past of a ticket. `threads` has, for each participant number, the Message-IDs which that person's
    mail client holds of it, oldest first: own mails and letters received."""

    last_messages: tuple[PastMessage, ...] = ()  # at most five, oldest first
    threads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)  # kind → highest occurrence so far
    robots: tuple[PastMessage, ...] = ()  # what machines have said since the last message, oldest first


@dataclass(frozen=True, slots=True)
class EarlierMail:
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went to and fro with one address of late: times of automatic letters, and the mails that came from there."""

    letters: tuple[datetime, ...] = ()
    mails: tuple[EarlierMail, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The answer. `staff` is everybody active, with their load, for routing and authority."""

    contact: Contact
    tickets: dict[int, Ticket] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    by_message_id: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_reference: dict[str, int] = field(default_factory=dict)
    by_thread_key: int | None = None
    letters: dict[int, SentLetter] = field(default_factory=dict)
    staff: tuple[StaffMember, ...] = ()
    earlier: tuple[EarlierCopy, ...] = ()
    suppressions: dict[str, tuple[Suppression, ...]] = field(default_factory=dict)  # in force, by address
    tally: Tally = field(default_factory=Tally)
    exchange: Exchange = field(default_factory=Exchange)
