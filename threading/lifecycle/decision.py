"""What follows from one mail, platform reply or due timer: the only thing that the store records.

A decision is complete when it exists. Letters stand in it as orders; `templates.compose` turns each into final bytes.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from helpdesk.config.calendar import WorkingTime
from helpdesk.threading.lifecycle.busy import Answered, Measured
from helpdesk.threading.lifecycle.letter_files import LetterFile, whole
from helpdesk.threading.lifecycle.likeness import Report
from helpdesk.threading.model import (
    Assurance,
    Digest,
    Disposition,
    Event,
    HeldOver,
    InternalNote,
    Message,
    Notice,
    Participant,
    Release,
    Role,
    Suppression,
    Target,
    Ticket,
    Timer,
    TimerKind,
)
from helpdesk.threading.reading.parsed import Attachment
from helpdesk.threading.reporting.report import Weeks


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
class CustomerFacts:
    """What a letter to a customer may say beside its words. Internal notes cannot be expressed here."""

    received_attachments: tuple[str, ...] = ()
    answer_within: WorkingTime | None = None  # None where the plan promises no time
    timeline: datetime | None = None  # a promised time after an escalation
    stranger: Participant | None = None  # who wrote into the conversation, in a question whether he may
    self_service: bool = False  # the plan points to self-service and community
    measured: Measured | None = None  # how long answers take now, in a busy period
    account: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """One row of a digest. `at` is when it was listed; `due_at` is when the first answer is due, None where no time runs.

    Where the digest stands for letters that were gathered, `sender` is whoever wrote last, and `letters` is how many those are.
    """

    number: int
    ticket: Ticket
    at: datetime
    due_at: datetime | None
    sender: str = ""
    letters: int = 1


@dataclass(frozen=True, slots=True)
class UndoPlace:
    """Where a mail about several tickets is taken back: one of them, its version then, and under which number its author stands there."""

    ticket: Ticket
    participant: int
    version: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A word that answers a letter, and all that follows from it, in a sentence."""

    word: str
    effect: str


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """The context block of a letter to a staff member."""

    customer: Participant
    account: str | None
    assurance: Assurance
    answer_goes_to: tuple[str, ...]
    targets: tuple[Target, ...] = ()  # those that run
    last_messages: tuple[PastMessage, ...] = ()
    attachments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # "the sender is not a participant", …
    outcome: tuple[str, ...] = ()  # of commands: what was done, or what was refused and why, quoting the line
    related: tuple[str, ...] = ()  # references of linked tickets
    undo: int | None = None  # the version of the ticket that this mail left: there is an address that takes it back
    signature_images: int = 0  # attachments that are only the logo of a signature
    remarks: tuple[str, ...] = ()  # what robots have said meanwhile
    undo_place: UndoPlace | None = None  # the same for a letter that belongs to no ticket
    open_tickets: tuple[OpenTicket, ...] = ()  # of a digest
    more: bool = False  # there are more of them than a digest lists
    gathered: bool = False  # of a digest that stands for letters about them
    weeks: Weeks | None = None  # of a weekly report
    triage: tuple[str, ...] = ()  # of a new ticket: why it is where it is
    missing: tuple[str, ...] = ()  # what staff need to know and the customer did not say
    question: str = ""  # that asks for it, ready to be sent
    choices: tuple[Choice, ...] = ()  # of a letter about a held mail


@dataclass(frozen=True, slots=True)
class LetterOrder:
    """One letter to be written: why, to whom, in whose words.

    `automatic` letters carry Auto-Submitted; a staff member's answer does not (RFC 3834 §5).
    `fixed_text` letters say nothing of the mail that caused them: no subject, no words, no attachment names.
    `body` is the staff member's or customer's own words, plain text, "" without any.
    `suppressed` says why it does not go out; the platform inbox has it all the same. What is sent counts against the caps of
    `counted_as` (an address in the spelling of `rate_key`, or what sort of warning) and `counted_domain`, "" where nothing is counted;
    where mail without proof brings it about, `unproved`, against caps of its own.
    `gathered` letters to staff do not go out, and one later letter lists them all.
    """

    id: int
    notice: Notice
    to: Participant
    ticket: Ticket | None  # as it is after the decision; None for a letter about no ticket
    facts: CustomerFacts | StaffFacts
    automatic: bool
    fixed_text: bool = False
    body: str = ""
    author_name: str = ""
    subject: str = ""  # of a letter about no ticket
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attach: tuple[Attachment, ...] = ()  # of the mail whose words these are
    not_before: datetime | None = None
    held: int | None = None  # the number of the held mail that an answer to this letter releases
    suppressed: str = ""
    counted_as: str = ""
    counted_domain: str = ""
    unproved: bool = False
    gathered: bool = False
    digest: int | None = None  # the id of the digest whose rows an answer to this letter names
    overruled: int = 0  # how many doubts about that mail its author had overruled before this one

    @property
    def for_staff(self) -> bool:
        return self.to.role is Role.STAFF


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its final bytes: a retry sends the same ones.

    They are `skeleton` with `files` put in, since letters to many people share their files.

    `to` is "" for a customer who has the platform inbox alone; then there is a row in the inbox and nothing to send.
    `body_text` and `body_html` are what the platform inbox shows: no token, no address to reply to.
    """

    id: int
    notice: Notice
    ticket_id: int | None
    participant: int
    for_staff: bool
    automatic: bool
    to: str
    reverse_path: str
    message_id: str  # without angle brackets
    subject: str
    skeleton: bytes
    body_text: str
    body_html: str
    not_before: datetime | None = None
    suppressed: str = ""
    counted_as: str = ""
    counted_domain: str = ""
    unproved: bool = False
    gathered: bool = False
    files: tuple[LetterFile, ...] = ()

    @property
    def content(self) -> bytes:
        """The octets that every attempt sends, put together anew each time."""
        return whole(self.skeleton, self.files)

    def with_fields(self, fields: bytes) -> Self:
        """The letter with header fields above its own: they come with their line ends."""
        return replace(self, skeleton=fields + self.skeleton, files=tuple(one.moved(len(fields)) for one in self.files))


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence about which ticket a mail belongs to, and what became of it."""

    kind: str
    value: str
    ticket: str | None  # reference
    trusted: bool
    used: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MovedMessage:
    """A message that stands on this ticket from now on, and the Message-ID that leads there with it."""

    id: int
    message_id: str | None
    from_ticket: int


@dataclass(frozen=True, slots=True)
class Handover:
    """What this ticket has shown in the platform inbox, or was about to send, and what belongs to somebody else from now on.

    `leaves` are ids of rows that leave the inbox in which they stand; `shows` are messages whose words stand from now on in the inbox of
    their author, under this ticket; `written_by` says of messages who their author is after all, and how that is proved; `stops` are letters to somebody who has
    nothing to do with it, as far as they have not left.
    """

    leaves: tuple[int, ...] = ()
    shows: tuple[Message, ...] = ()
    written_by: tuple[tuple[int, str, Assurance], ...] = ()
    stops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeBack:
    """What a cause once did to this ticket is taken out again: message, note, letters that have not left, timers.

    `letters` are the ids of letters that must still be waiting, `unread` those whose rows in the platform inbox nobody has read.
    """

    cause: str
    letters: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    people: tuple[int, ...] = ()  # numbers of participants who are none any more
    began: datetime | None = None  # when the ticket began with it, brought in for a customer: his words leave the platform inbox


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """A held mail is let go, to be processed anew; or dropped, with `release` None."""

    inbound_id: int
    release: Release | None


@dataclass(frozen=True, slots=True)
class FailedLetter:
    """A letter of which it is known now that it never arrived."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Triaged:
    """How a new ticket was sorted. `missing` names what staff need and the mail does not say, `question` asks for it."""

    category: str
    severity: str
    priority: str
    queue: str
    assignee: str | None
    missing: tuple[str, ...]
    question: str  # in the customer's language; "" where nothing is missing
    reasons: tuple[str, ...]  # a sentence for each, without the stop at the end


@dataclass(frozen=True, slots=True)
class Absence:
    """A staff member is away until then; None: here again."""

    staff: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """All effects of one cause. `reason` is a plain sentence; `rule` names the row of the lifecycle table ("" without a transition).

    `also` are its effects on other tickets, in the same transaction; they have no `also` of their own.
    """

    disposition: Disposition
    reason: str
    assurance: Assurance
    rule: str = ""
    clues: tuple[Clue, ...] = ()
    ticket: Ticket | None = None
    expected_version: int | None = None  # of the ticket that was read; None when it is new
    events: tuple[Event, ...] = ()
    message: Message | None = None
    note: InternalNote | None = None
    letters: tuple[LetterOrder, ...] = ()
    set_timers: tuple[Timer, ...] = ()
    cancel_timers: tuple[TimerKind, ...] = ()
    related: tuple[int, ...] = ()  # ids of tickets that are linked, never joined
    seen_ids: tuple[str, ...] = ()  # Message-IDs that from now on lead to this ticket
    held_for: str | None = None
    images: tuple[str, ...] = ()  # SHA-256 of the small images of a customer's mail, to be known the next time
    images_of: str = ""  # whose they are
    from_archive: bool = False  # history: nothing of it appears in the platform inbox
    held_over: HeldOver | None = None
    release: ReleaseOrder | None = None
    before: Ticket | None = None  # as it was read, where the step can be undone
    take_back: TakeBack | None = None
    moved: tuple[MovedMessage, ...] = ()
    handover: Handover | None = None
    also: tuple["Decision", ...] = ()
    digest: Digest | None = None
    absence: Absence | None = None
    triage: Triaged | None = None  # of a ticket that it opens
    measured: Measured | None = None  # how long the answer to that ticket takes, as measured when it came
    answered: Answered | None = None  # what it changes about the first answer
    report: Report | None = None  # what the ticket that it opens says, to be compared with others
    proposed: tuple[int, ...] = ()  # ids of tickets that a letter to a senior lists as one incident
    spoke_for_nobody: bool = False  # nothing proves the mail: a later copy that is proved has its effect all the same

    @property
    def parts(self) -> tuple["Decision", ...]:
        """One for each ticket that it changes, the main one first."""
        return (self, *self.also)

    failed_letters: tuple[FailedLetter, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    lifted: tuple[Suppression, ...] = ()  # that keep nothing back any more
