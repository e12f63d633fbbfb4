"""The ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.consultation import Consultation
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.permission import Permission
from helpdesk.threading.model.promise import Clock
from helpdesk.threading.model.scheduled import Scheduled
from helpdesk.threading.model.status import Status, WaitingOn


@dataclass(frozen=True, slots=True)
class Rating:
    """How the customer rates the request, in their newest word: good, okay or bad."""

    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known about the wait for the next move."""

    reminders: int = 0  # sent since the last question to the customer
    away_until: datetime | None = None  # when the customer is back, by a note of absence
    snoozed_until: datetime | None = None  # until when staff have put the ticket aside
    answered_at: datetime | None = (
        None  # when staff gave the answer for which the ticket waits on its customer; None after a question
    )


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a ticket is tied to other tickets, and who brought it."""

    opened_by: str | None = None  # the staff member who opened it for a customer
    merged_into: int | None = None  # the id of the ticket where its conversation goes on
    incident: int | None = None  # the id of the incident to which it is attached; its own id where it is one


@dataclass(frozen=True, slots=True)
class TicketPast:
    """The queues that a ticket was in, and the staff who had it or changed it. They may still read it."""

    queues: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketLabels:
    """What rules of the operator have written on a ticket: tags, and values such as an order number by the name of their field."""

    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """Tags and fields in one line, "" without any."""
        return ", ".join((*(f"{name} {value}" for name, value in self.fields.items()), *self.tags))


NO_LABELS = TicketLabels()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request and its state.

    `version` grows by one with each recorded decision. `event_count` is the number of its newest event, `files` that of its newest file.
    """

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
    support_address: str  # the address of the desk to which the customer wrote
    thread_key: str  # names the conversation in the platform inbox
    language: str
    assurance: Assurance  # of the requester; where it is not sure, automatic letters are of fixed text
    automatic_letters: bool  # whether automatic letters may go to its customers
    resolutions: int  # how often it has been resolved; the "solved" address of an earlier resolution is out of date
    created_at: datetime
    updated_at: datetime
    event_count: int
    first_response_at: datetime | None
    participants: tuple[Participant, ...]
    closed_at: datetime | None = None
    their_reference: str = ""  # of the customer's own ticket system, as its subjects write it
    next_language: str = ""  # another one than `language`, in which the requester's last message was written
    clocks: tuple[Clock, ...] = ()  # of its promised times; none for a ticket from an archive
    rating: Rating | None = None
    waiting: Waiting = Waiting()
    lineage: Lineage = Lineage()
    files: int = 0
    changed_version: int = 0  # its version after the last change that was more than a warning of the desk itself
    permissions: tuple[Permission, ...] = ()  # questions to the requester whether their data may be changed
    consultations: tuple[Consultation, ...] = ()  # side conversations with third persons
    scheduled: tuple[Scheduled, ...] = ()  # mails of staff that are carried out later
    watchers: tuple[str, ...] = ()  # addresses of staff who get what is written without owning it
    labels: TicketLabels = NO_LABELS
    past: TicketPast = field(default=TicketPast(), compare=False)  # of no account when two values of a ticket are compared

    @property
    def is_asked(self) -> bool:
        """Whether the ticket waits for the reply to a question."""
        return self.waiting_on is WaitingOn.CUSTOMER and self.waiting.answered_at is None

    @property
    def is_answered(self) -> bool:
        """Whether the ticket waits on a customer who has an answer."""
        return self.waiting_on is WaitingOn.CUSTOMER and self.waiting.answered_at is not None

    @property
    def is_self_served(self) -> bool:
        """Whether the ticket waits for nobody because no person answers on its plan, and none has taken it up."""
        taken_up = self.assignee is not None or self.first_response_at is not None or self.waiting.snoozed_until is not None
        return self.status is Status.SUBMITTED and self.waiting_on is WaitingOn.NOBODY and not taken_up

    def participant(self, number: int) -> Participant | None:
        """The participant of this number."""
        return next((person for person in self.participants if person.number == number), None)

    def participant_at(self, address: str, role: Role | None = None) -> Participant | None:
        """The first participant at an address, and of a role where one is named; None for the address ""."""
        there = (person for person in self.participants if person.address == address and address)
        return next((person for person in there if role is None or person.role is role), None)
