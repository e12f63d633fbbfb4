"""What the store is asked about one mail, and what it answers: one round trip between two pure steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from helpdesk.threading.incidents.likeness import Crowd
from helpdesk.threading.letters.tally import Tally
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.held import HeldOver, Release
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.message import MovedMessage, PastMessage
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.people import Contact, StaffMember
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import QueueLoad

MOST_MERGES = 10  # in a row, of one ticket into the next


class Wanted(Enum):
    """What a question asks for besides the tickets to which its keys lead."""

    UNDO = "the newest steps of the tickets, to take one back"
    HANDED_OVER = "whether letters that a closing depends on have left"
    ATTACHED = "the requests of incidents, to which a staff member's words go too"
    PROPOSED = "what was proposed as an incident, which a command may take up"
    SHOWN = "the rows of the platform inbox, because a command may change whose words they show"
    OPEN_TICKETS = "the author's own list of open requests; staff alone have one"
    OPENING = "how busy the queues are and which incidents go on, because a request may begin"


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
    signed_content: str = ""  # what all copies of a signed mail share
    own_inbound_id: int | None = None  # the mail itself is not its own duplicate
    about: str = ""  # a customer whom a staff member's mail is about
    named: tuple[str, ...] = ()  # addresses that its commands name: a letter may go there
    held_ids: tuple[int, ...] = ()  # from tokens of letters about held mails
    images: tuple[str, ...] = ()  # SHA-256 of small images that it holds
    answered_at: str = ""  # where an automatic letter would go
    digest_ids: tuple[int, ...] = ()  # from tokens of digests
    wanted: frozenset[Wanted] = frozenset()


@dataclass(frozen=True, slots=True)
class GuardedNote:
    """An internal note, as the audience firewall compares it with what is to leave the house.

    `unasked` notes are inside because of the address they were sent to, without a word of their author's: perhaps by mistake.
    `files` are the SHA-256 of what was attached, `file_words` what these say.
    """

    author: str
    text: str
    unasked: bool = False
    files: tuple[str, ...] = ()
    file_words: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the platform inbox. `words_id` is the message whose words it shows, `letter_id` the letter that it mirrors."""

    id: int
    account: str | None
    contact: str
    direction: str
    words_id: int | None
    letter_id: int | None
    read: bool
    proved: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """Requests that a letter to a senior listed with one, itself among them; and those that came later and are like them. By their ids."""

    listed: tuple[int, ...] = ()
    later: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenIncidents:
    """The incidents that go on, by their ids, and what the newest of their requests say."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    crowd: Crowd = field(default_factory=Crowd)


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """The same mail, or the same signed words, already processed. `spoke_for_nobody`: nothing proved that copy."""

    inbound_id: int
    ticket_id: int | None
    spoke_for_nobody: bool = False


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
    state: LetterState = LetterState.SENT
    automatic: bool = True
    author: str = ""  # of the staff member's words in it, "" where nobody wrote it
    words: str = ""
    attachments: tuple[Attachment, ...] = ()
    reached: int = 0  # how many other customers the same words have gone to, as far as is known
    namesakes: tuple[Contact, ...] = ()  # other addresses that the directory has for the same person of the same account
    last_reply: str = ""  # of the relay


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail of a staff member that was held; `waits` while nothing has become of it."""

    id: int
    waits: bool
    held_for: str
    over: HeldOver
    at: datetime
    release: Release | None  # an earlier one, after which it was held for another reason


@dataclass(frozen=True, slots=True)
class StepLetter:
    """How far a letter of an undo step to a customer has come; `read` where its row in the platform inbox has been read."""

    id: int
    state: LetterState | None  # None for a letter that stands in the platform inbox alone
    attempts: int
    read: bool
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What one mail of a staff member changed on one ticket, so that it can be taken back.

    `before` and `after` hold the fields of the ticket that differ, `people` the states of customers by their number (None: was none).
    """

    ticket_id: int
    version: int  # of the ticket after it
    actor: str
    at: datetime
    cause: str
    summary: str
    before: dict[str, object]
    after: dict[str, object]
    people: dict[int, tuple[ParticipantState | None, ParticipantState]]
    letters: tuple[StepLetter, ...] = ()
    moved: tuple[MovedMessage, ...] = ()
    lifted: tuple[Suppression, ...] = ()
    read: bool = False  # what it has put into the platform inbox as a customer's own words has been read there


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How a letter to a customer stands on which a closing depends."""

    notice: str
    state: LetterState
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """The recent past of a ticket. `threads` has, for each participant number, the Message-IDs which that person's
    mail client holds of it, oldest first: own mails and letters received."""

    last_messages: tuple[PastMessage, ...] = ()  # at most five, oldest first
    threads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)  # kind → highest occurrence so far
    handed_over: tuple[HandedOver, ...] = ()  # where it was asked for
    merged: bool = False  # another request was merged into it; looked for where words may become another person's
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
    seen_images: frozenset[str] = frozenset()  # that earlier mail of this author or account held, of those that were asked for
    about: Contact | None = None
    held: dict[int, HeldMail] = field(default_factory=dict)
    notes: dict[int, tuple[GuardedNote, ...]] = field(default_factory=dict)  # internal ones, for a mail of staff alone
    contacts: dict[str, Contact] = field(default_factory=dict)  # of everybody who takes part, for a mail of staff alone
    shown: dict[int, tuple[ShownRow, ...]] = field(default_factory=dict)  # by ticket, where it was asked for; oldest first
    digests: dict[int, Digest] = field(default_factory=dict)
    open_tickets: tuple[Ticket, ...] = ()  # the most urgent first; one more than a digest lists where there are more
    undo: dict[int, tuple[UndoStep, ...]] = field(default_factory=dict)  # ticket → its newest step, all parts of the same mail
    suppressions: dict[str, tuple[Suppression, ...]] = field(default_factory=dict)  # in force, by address
    tally: Tally = field(default_factory=Tally)
    exchange: Exchange = field(default_factory=Exchange)
    queues: Mapping[str, QueueLoad] = field(default_factory=dict)  # where a request may be opened
    proposed: dict[int, Proposed] = field(default_factory=dict)  # by the request that would be the incident
    incidents: OpenIncidents = field(default_factory=OpenIncidents)  # where a request may be opened

    def named(self, reference: str) -> Ticket | None:
        """A ticket by its reference, where its conversation goes on."""
        number = self.by_reference.get(reference.strip().strip(".:;,[]()").upper())
        ticket = self.tickets.get(number) if number is not None else None
        return self.survivor(ticket) if ticket else None

    def survivor(self, ticket: Ticket) -> Ticket:
        """Where a merged ticket's conversation goes on; the ticket itself where it was not merged."""
        for _ in range(MOST_MERGES):
            following = self.tickets.get(ticket.lineage.merged_into) if ticket.lineage.merged_into is not None else None
            if following is None:
                break
            ticket = following
        return ticket
