"""People on a ticket."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class ParticipantState(StrEnum):
    ACTIVE = "active"
    UNVERIFIED = "unverified"  # wrote with a valid token from an unknown address: kept, nothing is sent there
    SEEN = "seen"  # stood in Cc: recorded, never subscribed by itself
    LEFT = "left"  # taken off by staff
    BLOCKED = "blocked"  # a known customer has said that this address does not belong here


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on a ticket. `number` counts from 1 within the ticket and stands in the reply token."""

    number: int
    role: Role
    address: str  # canonical addr-spec; "" for a customer who has the platform inbox alone
    name: str
    state: ParticipantState = ParticipantState.ACTIVE
