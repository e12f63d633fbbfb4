"""The history of a ticket."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.model.status import Status


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a ticket's history, which only grows. `number` counts from 1 within the ticket, without a gap.

    The statuses are None for an event that changes no status.
    """

    number: int
    kind: str
    actor: str
    at: datetime
    from_status: Status | None
    to_status: Status | None
    detail: str
    policy: str = field(
        default="", compare=False
    )  # the beginning of the digest of the policy by which it was decided; known once recorded
