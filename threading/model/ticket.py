"""The ticket."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.promise import Clock
from helpdesk.threading.model.status import Status, WaitingOn


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
