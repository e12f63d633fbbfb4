"""Staff members and contacts, as the directory knows them."""

from dataclasses import dataclass
from datetime import datetime


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
