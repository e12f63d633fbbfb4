"""The history of a ticket."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.model.status import Status


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
