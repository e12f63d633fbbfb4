"""The question to the store about one message, and the store's answer: one round trip between two pure steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from helpdesk.threading.incidents.likeness import Crowd
from helpdesk.threading.letters.tally import Tally
from helpdesk.threading.matching.sent_words import SentWords
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.held import HoldReason, Release
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.listed_sender import ListedSender
from helpdesk.threading.model.message import LastWord, MovedMessage, PastMessage, PastNote
from helpdesk.threading.model.participant import ParticipantState
from helpdesk.threading.model.people import Contact, StaffMember
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Lineage, Ticket, TicketPast
from helpdesk.threading.promises.busy import QueueLoad

MOST_RECALLED = 5  # last messages of a conversation that are read
MOST_MERGES = 10  # successive merges that are followed from one ticket to the next


class Wanted(Enum):
    """What a question asks for besides the tickets to which its keys lead."""

    UNDO = "the newest steps of the tickets, to take one back"
    HANDED_OVER = "whether letters that a closing depends on have left"
    ATTACHED = "the requests of incidents, to which a staff member's words go too"
    PROPOSED = "what was proposed as an incident, which a command may take up"
    SHOWN = "the rows of the platform inbox, because a command may change whose words they show"
    FILES = "the files of the tickets, because a command fetches one or hands them to somebody, or the mail quotes a picture"
    WHOLE = "all messages and notes of the tickets, because somebody else gets them"
    OPEN_TICKETS = "the author's own list of open requests; staff alone have one"
    SORTED = "how the tickets were sorted, and who has changed that since"
    WORDS = "what the tickets' letters and messages say, because the mail looks as if it quoted them"
    RELATED = "the requests that are linked to the tickets, with their conversations, because a command may join one"
    OPENING = "how busy the queues are and which incidents go on, because a request may begin"


@dataclass(frozen=True, slots=True)
class Question:
    """Every key by which a mail could lead to a ticket. Message-IDs have no angle brackets; references are in upper case."""

    author: str  # canonical addr-spec; "" if there is no identity
    ticket_ids: tuple[int, ...] = ()  # from verified tokens
    letter_ids: tuple[int, ...] = ()  # from verified bounce tokens, and the letters that a report names
    message_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    thread_key: str | None = None
    fingerprint: str | None = None
    signed_content: str = ""  # equal in all copies of a signed mail
    own_inbound_id: int | None = None  # excludes the mail itself from its duplicates
    about: str = ""  # the customer whom a staff member's mail is about
    named: tuple[str, ...] = ()  # addresses in commands, to which letters may go
    held_ids: tuple[int, ...] = ()  # from tokens of letters about held mails
    images: tuple[str, ...] = ()  # SHA-256 of its images that may belong to a signature
    answered_at: str = ""  # the address of an automatic letter about it
    digest_ids: tuple[int, ...] = ()  # from tokens of digests
    wanted: frozenset[Wanted] = frozenset()
    copied: tuple[str, ...] = ()  # people in To and Cc, to tell what they are to the customer
    finds: tuple[str, ...] = ()  # the words of searches; staff alone are answered
    past_of: tuple[str, ...] = ()  # people whose past requests, and those of their accounts, are wanted
    colleagues: tuple[str, ...] = ()  # how a command names staff whose open requests are wanted
    senders: tuple[str, ...] = ()  # addresses and domains under which the mail's senders may stand on the operator's lists
    asks_again: tuple[str, ...] = ()  # people whose recent requests may be the same as what the mail asks


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """A recent request of a person, with the words by which requests are compared; () where they are not kept."""

    ticket_id: int
    reference: str
    subject: str
    status: Status
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PastRequest:
    """A request of a person or of their account, as a list shows it. `ended` is the kind of the event that resolved or closed it last."""

    id: int
    version: int
    reference: str
    subject: str
    status: Status
    created_at: datetime
    changed_at: datetime
    ended: str
    rating: str
    customer: str  # address of whoever asked
    name: str
    words: tuple[str, ...]  # by which requests are compared; () where they are not kept
    queue: str
    assignee: str | None
    lineage: Lineage
    past: TicketPast


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request that a search has found, with the newest of its messages or notes that has the words."""

    ticket: Ticket
    author: str  # of that message
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GuardedNote:
    """An internal note, as the audience firewall compares it with outgoing text.

    An `unasked` note is internal only because of the address it was sent to, perhaps by mistake. `files` are the SHA-256 of its
    attachments, and `file_words` their text.
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
    """The ids of the requests that a proposal listed, its oldest request among them, and of similar requests that came later."""

    listed: tuple[int, ...] = ()
    later: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenIncidents:
    """The open incidents by their ids, and the words of their newest requests."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    crowd: Crowd = field(default_factory=Crowd)


@dataclass(frozen=True, slots=True)
class EarlierCopy:
    """An earlier copy of the same mail, or of the same signed content. `spoke_for_nobody` says that nothing proved its author."""

    inbound_id: int
    ticket_id: int | None
    spoke_for_nobody: bool = False


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter whose outcome, delivery report or complaint has come in."""

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
    author: str = ""  # the staff member whose words it has; "" for an automatic letter
    words: str = ""
    attachments: tuple[Attachment, ...] = ()
    reached: int = 0  # other customers to whom the same words were sent, as far as known
    namesakes: tuple[Contact, ...] = ()  # the directory's other addresses of the same person and account
    last_reply: str = ""  # the relay's last reply


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A held mail; `waits` while its staff member has not decided about it."""

    id: int
    waits: bool
    held_for: str
    over: HoldReason
    at: datetime
    release: Release | None  # an earlier release, after which the mail was held for another reason


@dataclass(frozen=True, slots=True)
class StepLetter:
    """The delivery of a letter to a customer that belongs to an undo step. `read` says that its row in the platform inbox was read."""

    id: int
    state: LetterState | None  # None for a letter that only the platform inbox shows
    attempts: int
    read: bool
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What one mail of a staff member changed on one ticket, so that it can be undone.

    `before` and `after` are the changed fields of the ticket. `people` are the states of customers by their number (None: did not
    take part).
    """

    ticket_id: int
    version: int  # version of the ticket after the step
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
    listed: tuple[str, ...] = ()  # senders whose mail it kept out from then on
    read: bool = False  # a customer's words that it put into the platform inbox were read there


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The delivery state of a letter to a customer on which a closing depends."""

    notice: str
    state: LetterState
    at: datetime
    participant: int  # the number of its reader


@dataclass(frozen=True, slots=True)
class Conversation:
    """The recent past of a ticket.

    `threads` are the Message-IDs that each participant's mail client holds, by their number, oldest first: their own mails, and
    letters to them.
    """

    last_messages: tuple[PastMessage, ...] = ()  # at most five, oldest first
    of_merged: tuple[PastMessage, ...] = ()  # likewise, of the requests that were merged into it
    threads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)  # kind → highest occurrence so far
    handed_over: tuple[HandedOver, ...] = ()  # if it was asked for
    merged: bool = False  # another request was merged into it
    robots: tuple[PastMessage, ...] = ()  # automatic responses since the last message, oldest first

    @property
    def history(self) -> tuple[PastMessage, ...]:
        """The last messages as people read them, those of merged requests in their places: at most five, oldest first."""
        together = sorted((*self.of_merged, *self.last_messages), key=lambda message: (message.at, message.id))
        return tuple(together[-MOST_RECALLED:])


@dataclass(frozen=True, slots=True)
class EarlierMail:
    """An earlier mail of one address, for comparison."""

    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """The recent exchange with one address: the times of automatic letters to it, and the mails from it."""

    letters: tuple[datetime, ...] = ()
    mails: tuple[EarlierMail, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The store's answer. `staff` are all active staff members with their load, for routing and authority."""

    contact: Contact
    tickets: dict[int, Ticket] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    by_message_id: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_reference: dict[str, int] = field(default_factory=dict)
    by_thread_key: int | None = None
    letters: dict[int, SentLetter] = field(default_factory=dict)
    staff: tuple[StaffMember, ...] = ()
    earlier: tuple[EarlierCopy, ...] = ()
    seen_images: frozenset[str] = (
        frozenset()
    )  # images that were asked for and that enough earlier mails of this author or account had
    about: Contact | None = None
    held: dict[int, HeldMail] = field(default_factory=dict)
    notes: dict[int, tuple[GuardedNote, ...]] = field(default_factory=dict)  # internal notes by ticket; only for staff mail
    contacts: dict[str, Contact] = field(default_factory=dict)  # people in To and Cc; for staff mail all participants too
    files: dict[int, tuple[Attachment, ...]] = field(
        default_factory=dict
    )  # by ticket, with their numbers, if they were asked for
    whole: dict[int, tuple[PastMessage, ...]] = field(default_factory=dict)  # by ticket, oldest first, if it was asked for
    past_notes: dict[int, tuple[PastNote, ...]] = field(default_factory=dict)  # likewise, with those of merged tickets
    shown: dict[int, tuple[ShownRow, ...]] = field(default_factory=dict)  # by ticket, oldest first, if it was asked for
    digests: dict[int, Digest] = field(default_factory=dict)
    last_words: Mapping[int, LastWord] = field(default_factory=dict)  # of the open tickets
    open_tickets: tuple[Ticket, ...] = ()  # most urgent first; one more than a digest lists if there are more
    of_absent: tuple[Ticket, ...] = ()  # those that wait on support with staff who were away at some time, oldest first
    undo: dict[int, tuple[UndoStep, ...]] = field(default_factory=dict)  # ticket → its newest step, all parts of the same mail
    words: dict[int, tuple[SentWords, ...]] = field(default_factory=dict)  # by ticket, if it was asked for
    suppressions: dict[str, tuple[Suppression, ...]] = field(default_factory=dict)  # those in force, by address
    listed: Mapping[str, ListedSender] = field(default_factory=dict)  # entries of the lists under the names of `senders`
    tally: Tally = field(default_factory=Tally)
    exchange: Exchange = field(default_factory=Exchange)
    queues: Mapping[str, QueueLoad] = field(default_factory=dict)  # where a request may be opened
    proposed: dict[int, Proposed] = field(default_factory=dict)  # by the id of the request that would become the incident
    incidents: OpenIncidents = field(default_factory=OpenIncidents)  # where a request may be opened
    related: Mapping[int, tuple[Ticket, ...]] = field(
        default_factory=dict
    )  # by ticket: those that are linked to it, newest first

    requests: Mapping[str, tuple[EarlierRequest, ...]] = field(default_factory=dict)  # recent ones of `asks_again`, newest first
    past: Mapping[str, tuple[PastRequest, ...]] = field(default_factory=dict)  # by address of `past_of`, newest first
    open_of: Mapping[str, Sequence[Ticket]] = field(default_factory=dict)  # by address of the staff whom `colleagues` name
    sorting: Mapping[int, tuple[Event, ...]] = field(default_factory=dict)  # by ticket, if it was asked for
    found: Mapping[str, tuple[FoundRequest, ...]] = field(default_factory=dict)  # by the text of a search, newest first

    def ticket_named(self, reference: str) -> Ticket | None:
        """The ticket with this reference, or the one that continues it after a merge; None if there is none."""
        number = self.by_reference.get(reference.strip().strip(".:;,[]()").upper())
        ticket = self.tickets.get(number) if number is not None else None
        return self.survivor(ticket) if ticket else None

    def survivor(self, ticket: Ticket) -> Ticket:
        """The ticket that continues a merged ticket's conversation; the ticket itself if it was not merged."""
        return survivor_of(ticket, self.tickets)


def survivor_of(ticket: Ticket, tickets: Mapping[int, Ticket]) -> Ticket:
    """The one of these tickets that continues a merged ticket's conversation; the ticket itself if it was not merged."""
    for _ in range(MOST_MERGES):
        following = tickets.get(ticket.lineage.merged_into) if ticket.lineage.merged_into is not None else None
        if following is None:
            break
        ticket = following
    return ticket
