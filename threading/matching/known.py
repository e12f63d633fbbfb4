"""What the store is asked about one mail, and what it answers: one round trip between two pure steps."""

from dataclasses import dataclass, field

from helpdesk.threading.lifecycle.decision import PastMessage
from helpdesk.threading.model import Contact, StaffMember, Ticket


@dataclass(frozen=True, slots=True)
class Question:
    """Every key by which a mail could lead to a ticket. Message-IDs stand without angle brackets, references in upper case."""

    author: str  # canonical addr-spec, "" where there is no identity
    ticket_ids: tuple[int, ...] = ()  # from tokens whose signature held
    letter_ids: tuple[int, ...] = ()  # from bounce tokens whose signature held
    message_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    thread_key: str | None = None
    fingerprint: str | None = None
    own_inbound_id: int | None = None  # the mail itself is not its own duplicate
    images: tuple[str, ...] = ()  # SHA-256 of small images that it holds


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


@dataclass(frozen=True, slots=True)
class Conversation:
    """The recent past of a ticket. `threads` has, for each participant number, the Message-IDs which that person's
    mail client holds of it, oldest first: own mails and letters received."""

    last_messages: tuple[PastMessage, ...] = ()  # at most five, oldest first
    threads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)  # kind → highest occurrence so far


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
    seen_images: frozenset[str] = frozenset()  # that earlier mail of this author or account held, of those that were asked for
