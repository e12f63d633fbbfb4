"""What a report is made from: rows of the store, as values."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.model import Status, WaitingOn


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket's status changed."""

    at: datetime
    before: Status
    after: Status


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as it is now, and how it came there. `moves` in their order."""

    created_at: datetime
    queue: str
    plan: str
    category: str
    status: Status
    waiting_on: WaitingOn
    first_response_at: datetime | None
    moves: tuple[Move, ...] = ()
    severity: str = ""
    account: str | None = None

    def status_at(self, moment: datetime) -> Status | None:
        """None before it began."""
        if moment < self.created_at:
            return None
        past = [move.after for move in self.moves if move.at <= moment]
        if past:
            return past[-1]
        return self.moves[0].before if self.moves else self.status


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """All tickets that were open at some moment of the span, and counts of what happened within it."""

    tickets: tuple[TicketFacts, ...]
    customer_messages: int
    letters: int  # that went out
    undelivered: int  # of which it is known that they never arrived
    ratings: tuple[str, ...] = ()  # the newest of each ticket: good, okay, bad
