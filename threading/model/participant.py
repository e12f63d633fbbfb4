"""People on a ticket."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Which side of a ticket a participant is on."""

    CUSTOMER = "customer"
    STAFF = "staff"


class ParticipantState(StrEnum):
    """How a participant came to the ticket, and whether letters go to them: to `ACTIVE` ones alone."""

    ACTIVE = "active"
    UNVERIFIED = "unverified"  # wrote with a valid token from an unknown address
    SEEN = "seen"  # stood in Cc
    LEFT = "left"  # taken off the ticket by staff
    BLOCKED = "blocked"  # a known customer said that this address does not belong here


@dataclass(frozen=True, slots=True)
class Participant:
    """A person on a ticket. `number` counts from 1 within the ticket and stands in their reply token."""

    number: int
    role: Role
    address: str  # canonical addr-spec; "" for a customer who uses the platform inbox alone
    name: str
    state: ParticipantState = ParticipantState.ACTIVE
