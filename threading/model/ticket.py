"""The ticket."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.promise import Clock
from helpdesk.threading.model.status import Status, WaitingOn


@dataclass(frozen=True, slots=True)
class Rating:
    """How the customer says that it went, in their newest word: good, okay, bad."""

    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known of the wait for somebody's next move."""

    reminders: int = 0  # sent since the last question to the customer
    away_until: datetime | None = None  # when the customer is back, by a note of absence
    snoozed_until: datetime | None = None  # until when staff do not want to see the ticket


@dataclass(frozen=True, slots=True)
class Lineage:
    """How a ticket is tied to other tickets, and who brought it."""

    opened_by: str | None = None  # the staff member who opened it for a customer
    merged_into: int | None = None  # the id of the ticket where its conversation goes on
    incident: int | None = None  # the id of the incident to which it is attached; its own id where it is one


@dataclass(frozen=True, slots=True)
class Past:
    """Queues in which a ticket was, and staff who had it or changed it: whoever had a request may still read it."""

    queues: tuple[str, ...] = ()
    hands: tuple[str, ...] = ()


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
    closed_at: datetime | None = None
    their_reference: str = ""  # of the customer's own ticket system, as it stands in subjects there
    clocks: tuple[Clock, ...] = ()  # of its targets; none for a ticket of an archive
    rating: Rating | None = None
    waiting: Waiting = Waiting()
    lineage: Lineage = Lineage()
    past: Past = field(default=Past(), compare=False)  # two values of one ticket are equal, whatever each knows of its past

    def participant(self, number: int) -> Participant | None:
        return next((one for one in self.participants if one.number == number), None)

    def participant_at(self, address: str, role: Role | None = None) -> Participant | None:
        """The first participant at an address; of a role where one is named."""
        found = (one for one in self.participants if one.address == address and address)
        return next((one for one in found if role is None or one.role is role), None)
