"""Letters that are to be written: why, to whom, in whose words, and what they may say."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from helpdesk.threading.letters.limits import UNLIMITED, LetterLimits
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.digest import DigestRow
from helpdesk.threading.model.message import LastWord, PastMessage, PastNote
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.permission import Permission
from helpdesk.threading.model.promise import Target
from helpdesk.threading.model.sentence import Sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.promises.busy import Measured
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reporting.report import Weeks


class Handler(StrEnum):
    """With whom an escalated request is now, as its customer reads it."""

    TEAM = "team"  # nobody else took it
    SENIOR = "senior"
    HIGHER = "higher"  # who took it after an earlier escalation


class Late(StrEnum):
    """Which promise to the customer was not kept."""

    ANSWER = "answer"
    SOLUTION = "solution"


class Ending(StrEnum):
    """What closed a request."""

    CONFIRMED = "confirmed"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What a letter to a customer may say beside its words. There is no field for internal notes."""

    received_attachments: tuple[str, ...] = ()
    answer_by: datetime | None = None  # when an answer is promised; None where the plan promises no time
    timeline: datetime | None = None  # a promised time after an escalation
    stranger: Participant | None = None  # who wrote into the conversation, in a question whether he may
    permission: Permission | None = None  # a question whether data may be changed
    opens_at: datetime | None = None  # when the desk opens again; None while it is open
    dedicated_address: str = ""  # the support address that is dedicated to the customer's account
    measured: Measured | None = None  # how long answers take now, in a busy period
    account: str | None = None
    rule: str = ""  # the name of the built-in ready answer whose rule is said, as the customer asks for what support cannot do
    encrypted: bool = False  # the customer's mail, so that nobody here can read it
    megabytes: int = 0  # size of the customer's mail where it was too large, so that its beginning alone is here
    closes_at: datetime | None = None  # when the request closes if its customer stays silent
    handler: Handler = Handler.TEAM  # of an escalated request
    late: Late | None = None  # why it was escalated, if a promise was not kept
    ending: Ending | None = None  # what closed the request; None where staff did
    settled: bool = False  # the request counts as resolved because its customer was silent after an answer
    needs_person: bool = False  # the mail has words that a person should read now
    question: str = ""  # of staff, which the reader has not answered; in a reminder of it


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """One row of a digest. `at` is when it was listed; `target` is the next promised time of any kind, None where no time runs.

    `absent` is the name of a colleague who is away and in whose hands it is. Where the digest stands for letters that were gathered, `sender` is whoever wrote last, and `letters` is how many those are.
    """

    number: int
    ticket: Ticket
    at: datetime
    target: Target | None
    last_word: LastWord | None = None
    absent: str = ""
    sender: str = ""
    letters: int = 1


@dataclass(frozen=True, slots=True)
class UndoPlace:
    """The address that takes back a mail about several tickets: one of the tickets, its version, and its author's participant number there."""

    ticket: Ticket
    participant: int
    version: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A word with which a letter can be answered, and its effect in one sentence."""

    word: str
    effect: Sentence


@dataclass(frozen=True, slots=True)
class TriageFacts:
    """How a new ticket was sorted: the reasons, what staff need to know and the customer did not say, and a question that asks for it."""

    reasons: tuple[Sentence, ...] = ()
    missing: tuple[Sentence, ...] = ()
    question: str = ""  # ready to be sent; "" where nothing is missing


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """The rows of a digest. `more` says that there are more open tickets than it lists.

    A `gathered` digest stands for letters about its tickets that did not go out.
    """

    open_tickets: tuple[OpenTicket, ...] = ()
    more: bool = False
    gathered: bool = False


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """One request in a list that staff asked for. An answer to the letter acts on its `row`. `state` is its status in words, `excerpt` a line of it with the words of a search."""

    row: DigestRow
    subject: str
    customer: str
    state: Sentence
    at: datetime
    excerpt: str = ""
    labels: str = ""  # the request's tags and fields in one line

    @property
    def reference(self) -> str:
        """The public name of the request."""
        return self.row.reference


@dataclass(frozen=True, slots=True)
class RequestList:
    """The answer to `#find` or `#status WHO`: what the list is of, and its requests. `more` says that there are others."""

    headline: Sentence
    requests: tuple[ListedRequest, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """The context block of a letter to a staff member.

    `undo` says that there is an address that takes back what a mail did to the ticket of the letter. `undo_place` is the same for a
    letter about no ticket.
    """

    customer: Participant
    account: str | None
    assurance: Assurance
    answer_goes_to: tuple[str, ...]
    targets: tuple[Target, ...] = ()  # those that run
    last_messages: tuple[PastMessage, ...] = ()
    whole: bool = False  # whether `last_messages` is all that was said, for whoever gets a request
    notes: tuple[PastNote, ...] = ()  # internal ones, oldest first; a letter to whoever gets a request has all of them
    attachments: tuple[str, ...] = ()
    permissions: tuple[Sentence, ...] = ()  # questions for permission to change data with their answers, or that one is needed
    warnings: tuple[Sentence, ...] = ()  # "the sender is not a participant", …
    outcome: tuple[Sentence, ...] = ()  # of commands: what was done, or what was refused and why, quoting the line
    related: tuple[Sentence, ...] = ()  # linked tickets, each with its subject and status
    history: tuple[Sentence, ...] = ()  # earlier requests of the customer and the account, with how each ended
    new_subject: str = ""  # of the mail, if it says something that the conversation's subjects did not
    copied: tuple[Sentence, ...] = ()  # people in To and Cc of the mail, each with what they are to the customer and the desk
    undo: bool = False
    broadcasts: bool = False  # whether commands in answer to it may write to all customers of an incident
    corrects: bool = False  # whether commands in answer to it may say something to the customer, as those of the refused mail did
    file_numbers: tuple[int, ...] = ()  # of the attachments on the ticket, in their order; () where they have none
    kept: tuple[Sentence, ...] = ()  # names of parts that stay on the ticket, with the reason: the logo of a signature, …
    remarks: tuple[Sentence, ...] = ()  # what robots have said meanwhile
    undo_place: UndoPlace | None = None
    triage: TriageFacts | None = None  # of a new ticket
    digest: DigestFacts | None = None
    listed: RequestList | None = None  # of a search
    weeks: Weeks | None = None  # of a weekly report
    choices: tuple[Choice, ...] = ()  # of a letter about a held mail


@dataclass(frozen=True, slots=True)
class LetterWords:
    """The words of a person that a letter passes on, as plain text, with the files that were sent with them.

    `author_name` is the name of that person. It may stand in a letter without any words. `below` is what their mail quoted, where nothing
    of it is known to its readers. `document` has lines with shapes: those of the words, and maybe more, of which nothing is shown.
    `signature` is what stands below that person's name. `part` counts letters of one kind to one person about one ticket, where their files need several; 0 for the only one.
    """

    body: str = ""
    author_name: str = ""
    attach: tuple[Attachment, ...] = ()
    below: str = ""
    document: tuple[Line, ...] = ()
    part: int = 0
    signature: str = ""


NO_WORDS = LetterWords()


@dataclass(frozen=True, slots=True)
class LetterThread:
    """The Message-IDs that place a letter in the conversation with its reader (RFC 5322 §3.6.4), without angle brackets."""

    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


NO_THREAD = LetterThread()


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """An answer to the letter releases the held mail of this number. `overruled` counts the doubts that its author had overruled before."""

    number: int
    overruled: int = 0


@dataclass(frozen=True, slots=True)
class DigestAnswer:
    """An answer to the letter names rows of the digest with this id."""

    digest: int


@dataclass(frozen=True, slots=True)
class ConsultAnswer:
    """An answer to the letter belongs to the side conversation of this number on a ticket, of which the letter itself says nothing."""

    ticket: int
    number: int
    support_address: str


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """An order for one letter: why it is written, to whom, and in whose words.

    `automatic` letters carry Auto-Submitted; a staff member's answer does not (RFC 3834 §5).
    `fixed_text` letters say nothing of the mail that caused them: no subject, no words, no attachment names.
    `answer` is what an answer to the letter means where it is more than words about the ticket.
    """

    id: int
    notice: Notice
    to: Participant
    ticket: Ticket | None  # as it is after the decision; None for a letter about no ticket
    facts: CustomerFacts | StaffFacts
    automatic: bool
    fixed_text: bool = False
    words: LetterWords = NO_WORDS
    subject: str = ""  # of a letter about no ticket
    thread: LetterThread = NO_THREAD
    not_before: datetime | None = None
    limits: LetterLimits = UNLIMITED
    answer: HeldAnswer | DigestAnswer | ConsultAnswer | None = None

    @property
    def for_staff(self) -> bool:
        return self.to.role is Role.STAFF

    def withhold(self, why: str) -> Self:
        """The same order with a reason why the letter does not go out; "" lets it go out."""
        return replace(self, limits=replace(self.limits, suppressed=why))
