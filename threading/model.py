"""The nouns of the helpdesk: ticket, participant, message, internal note, event, letter, timer. Values, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.threading.trust.origin import Origin


class Status(StrEnum):
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    IN_PROGRESS = "in_progress"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class WaitingOn(StrEnum):
    """Whose move it is. Target clocks run exactly while it is support's."""

    SUPPORT = "support"
    CUSTOMER = "customer"
    NOBODY = "nobody"


class Trigger(StrEnum):
    """What can happen to a ticket. Automatic responses and delivery reports are not among them, so they cannot move one."""

    CUSTOMER_WROTE = "customer_wrote"
    CUSTOMER_CONFIRMED = "customer_confirmed"  # only thanks or "solved"
    TRIAGED = "triaged"  # queue, assignee, category and severity set by policy
    STAFF_ANSWERED = "staff_answered"
    INFORMATION_REQUESTED = "information_requested"
    NOTE_ADDED = "note_added"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    TARGET_MISSED = "target_missed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    REMINDED = "reminded"  # of a question that waits for its reply
    SILENCE_ELAPSED = "silence_elapsed"  # nothing heard for `close_after`, or after the last reminder
    CLOSED = "closed"  # by staff, without waiting for a confirmation
    SPAM = "spam"
    SNOOZED = "snoozed"
    WOKEN = "woken"  # the end of a snooze
    SPLIT = "split"  # a message of another ticket begins one of its own
    MERGED = "merged"  # the conversation goes on in another ticket
    CLOSING_FAILED = "closing_failed"  # the letter that told of the closing never arrived


class Notice(StrEnum):
    """The reason for a letter. Escalation and reopening are told to both sides, in different words."""

    CONFIRMATION = "confirmation"
    ANSWER = "answer"
    INFORMATION_REQUEST = "information_request"
    ESCALATION = "escalation"
    RESOLUTION = "resolution"
    REOPENED = "reopened"
    REMINDER = "reminder"
    CLOSING = "closing"
    CONSENT_REQUEST = "consent_request"
    # to staff
    NEW_TICKET = "new_ticket"
    CUSTOMER_REPLY = "customer_reply"
    INTERNAL_NOTE = "internal_note"
    ASSIGNMENT = "assignment"
    TARGET_WARNING = "target_warning"
    TARGET_MISSED = "target_missed"
    HELD = "held"
    RECEIPT = "receipt"
    WOKEN = "woken"
    DIGEST = "digest"
    WEEKLY_REPORT = "weekly_report"
    DELIVERY_FAILURE = "delivery_failure"
    DELIVERY_DELAY = "delivery_delay"
    ALARM = "alarm"
    INCIDENT_PROPOSAL = "incident_proposal"


class Assurance(StrEnum):
    """How sure we are that the author is who the mail says."""

    PLATFORM = "platform"
    AUTHENTICATED = "authenticated"
    UNVERIFIED = "unverified"
    FAILED = "failed"


class SuppressionReason(StrEnum):
    """Why letters do not go to an address. A complaint stops only what nobody wrote."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


SURE = frozenset({Assurance.AUTHENTICATED, Assurance.PLATFORM})


class LetterFate(StrEnum):
    """What the team must know about a letter on its way."""

    FAILED = "failed"  # given up: nobody tries it again
    DELAYED = "delayed"  # has waited for long and is still tried


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class ParticipantState(StrEnum):
    ACTIVE = "active"
    UNVERIFIED = "unverified"  # wrote with a valid token from an unknown address: kept, nothing is sent there
    SEEN = "seen"  # stood in Cc: recorded, never subscribed by itself
    LEFT = "left"  # taken off by staff
    BLOCKED = "blocked"  # a known customer has said that this address does not belong here


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


class HeldOver(StrEnum):
    """What was doubtful about a staff member's mail, so that it is held."""

    AUTHORITY = "authority"  # who wrote it
    STRANGER = "stranger"  # somebody else wrote to an address that was given to them, or names them in it
    STEP_UP = "step_up"  # a step so wide that its author must confirm it
    STALE = "stale"  # somebody wrote meanwhile
    FIREWALL = "firewall"  # words of an internal note
    DISCLOSURE = "disclosure"  # a sensitive matter, and nothing proves who the customer is


class Direction(StrEnum):
    CUSTOMER = "customer"
    SUPPORT = "support"


class Channel(StrEnum):
    MAIL = "mail"
    ARCHIVE = "archive"  # old mail that is brought in: history, never a cause of letters
    PLATFORM = "platform"


class TimerKind(StrEnum):
    TARGET = "target"  # the next moment at which a promised time wants attention
    CLOSE = "close"
    REMIND = "remind"
    SILENCE = "silence"  # a closing after reminders, or one that was put off
    WAKE = "wake"  # the end of a snooze


class TargetKind(StrEnum):
    """A promised time: until the first answer, until the answer to a later message, until the end."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Clock:
    """How much working time one target has used: `spent` before `since`, and what has passed since then, until `paused_at`.

    `ended_at` is when it was answered. `warned` and `missed` happen once.
    """

    kind: TargetKind
    since: datetime
    spent: timedelta = timedelta(0)
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    warned: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A promised time as people see it. `due_at` None while its clock pauses; state: running, paused, met, missed, or cancelled."""

    kind: TargetKind
    due_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a ticket. `number` counts from 1 within the ticket and stands in the reply token."""

    number: int
    role: Role
    address: str  # canonical addr-spec; "" for a customer who has the platform inbox alone
    name: str
    state: ParticipantState = ParticipantState.ACTIVE


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request and its state. `version` grows by one with every recorded decision; `event_count` numbers its events without a gap."""

    id: int
    reference: str
    version: int
    status: Status
    waiting_on: WaitingOn
    escalation_level: int
    subject: str
    requester: int  # participant number
    account: str | None
    plan: str
    category: str
    severity: str
    priority: str
    queue: str
    assignee: str | None  # address of a staff member
    support_address: str  # the desk's address that the customer wrote to
    thread_key: str  # the conversation's name in the platform inbox
    language: str
    assurance: Assurance  # of the mail that opened it: unsure ones get automatic letters in fixed text
    automatic_letters: bool  # whether robots' letters may go to its customers at all
    resolutions: int  # how often it has been resolved; the "solved" address of an earlier one is out of date
    created_at: datetime
    updated_at: datetime
    event_count: int
    first_response_at: datetime | None
    participants: tuple[Participant, ...]
    snoozed_until: datetime | None = None
    merged_into: int | None = None  # the id of the ticket where its conversation goes on
    opened_by: str | None = None  # the staff member who opened it for a customer
    closed_at: datetime | None = None
    their_reference: str = ""  # of the customer's own ticket system, as it stands in subjects there
    reminders: int = 0  # since the last question to the customer
    away_until: datetime | None = None  # when the customer is back, by a note of absence
    clocks: tuple[Clock, ...] = ()  # of its targets; none for a ticket of an archive
    rating: str | None = None  # how it went, in the customer's newest word: good, okay, bad
    rated_at: datetime | None = None
    incident: int | None = None  # the id of the incident to which it is attached; its own id where it is one
    # Queues in which it was, and staff who had it or did something about it: whoever had a request may still read it. Two values of one
    # ticket are equal whatever of this either of them knows.
    past_queues: tuple[str, ...] = field(default=(), compare=False)
    past_hands: tuple[str, ...] = field(default=(), compare=False)

    def participant(self, number: int) -> Participant | None:
        return next((one for one in self.participants if one.number == number), None)

    def participant_at(self, address: str, role: Role | None = None) -> Participant | None:
        """The first participant at an address; of a role where one is named."""
        found = (one for one in self.participants if one.address == address and address)
        return next((one for one in found if role is None or one.role is role), None)


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
class Event:
    """One line of a ticket's append-only history; `number` is gap-free within the ticket."""

    number: int
    kind: str
    actor: str
    at: datetime
    from_status: Status | None
    to_status: Status | None
    detail: str


@dataclass(frozen=True, slots=True)
class StaffMember:
    name: str
    address: str
    role: str  # agent, senior, manager
    queues: tuple[str, ...]
    open_tickets: int  # load at look-up time: those that wait on support
    newest_ticket: int = 0  # id of the youngest ticket in this person's hands; ids grow with time
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """What the directory knows of an address: its account and plan, both None or "free" for a stranger."""

    address: str
    name: str
    account: str | None
    plan: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """Letters to an address are kept back. `until` None: until somebody lifts it; `letter_id` is the letter that brought it about."""

    address: str  # canonical addr-spec
    reason: SuppressionReason
    diagnostic: str
    since: datetime
    until: datetime | None = None
    letter_id: int | None = None


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


class Let(StrEnum):
    """What becomes of a held mail by the word of the staff member who was asked."""

    SEND = "send"  # it is carried out as it is: their own mail alone
    INBOX = "inbox"  # it is carried out, and its words stand in the customer's platform inbox alone
    NOTE = "note"  # its words are kept inside, and nothing else of it happens
    REQUEST = "request"  # it opens a request of whoever wrote it
    ASK = "ask"  # the time to answer was over, so they are asked once more


@dataclass(frozen=True, slots=True)
class Release:
    """A held mail that is let go: `waived` names the doubts that do not count any more.

    `reference` names the ticket that it is about, where the mail itself does not. `asked` are the doubts about which somebody was asked
    anew, because their time to answer was over.
    """

    by: str
    word: Let
    reference: str
    waived: tuple[HeldOver, ...]
    asked: tuple[HeldOver, ...] = ()

    @property
    def as_note(self) -> bool:
        return self.word is Let.NOTE


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One request of a digest, under the number that an answer names it by; `version` is that of the ticket when it was listed."""

    number: int
    ticket_id: int
    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The open requests of one staff member as a letter listed them; only that person's answer to it counts."""

    id: int
    staff: str
    rows: tuple[DigestRow, ...]


@dataclass(frozen=True, slots=True)
class Timer:
    """Something due at a time. One of a kind for each ticket and occurrence."""

    kind: TimerKind
    occurrence: int
    due_at: datetime
