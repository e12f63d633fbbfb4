"""What a report is made from: rows of the store, as values."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.model.promise import Clock, TargetKind
from helpdesk.threading.model.status import Status, WaitingOn


@dataclass(frozen=True, slots=True)
class Move:
    """A ticket's status changed."""

    at: datetime
    before: Status
    after: Status


@dataclass(frozen=True, slots=True)
class Mark:
    """What the history says of promised times: that they were missed or answered too late, or that one ended with its answer."""

    at: datetime
    targets: tuple[TargetKind, ...]
    answered_at: datetime | None = None  # of one that ended; another message has the clock of its kind since then


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as it is now, and how it came there. `moves` and `marks` in their order."""

    created_at: datetime
    queue: str
    plan: str
    category: str
    status: Status
    waiting_on: WaitingOn
    first_response_at: datetime | None
    moves: tuple[Move, ...] = ()
    severity: str = ""
    clocks: tuple[Clock, ...] = ()  # none for a ticket of an archive
    marks: tuple[Mark, ...] = ()

    def status_at(self, moment: datetime) -> Status | None:
        """None before it began."""
        if moment < self.created_at:
            return None
        past = [move.after for move in self.moves if move.at <= moment]
        if past:
            return past[-1]
        return self.moves[0].before if self.moves else self.status


@dataclass(frozen=True, slots=True)
class MeasuredFacts:
    """What was measured when a request came, and how it went on; `told` where the customer read it, in a busy period."""

    queue: str
    at: datetime
    median_at: datetime | None
    ninetieth_at: datetime | None
    busy: bool
    told: bool
    answered_at: datetime | None
    ended: bool  # without an answer

    def held(self, now: datetime) -> bool | None:
        """Whether the answer came by the time that nine of ten were to have theirs; None while it may, or where nobody can say."""
        if self.ninetieth_at is None or (self.answered_at is None and (self.ended or now <= self.ninetieth_at)):
            return None
        return self.answered_at is not None and self.answered_at <= self.ninetieth_at


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """All tickets that were open at some moment of the span, and counts of what happened within it."""

    tickets: tuple[TicketFacts, ...]
    customer_messages: int
    letters: int  # that went out
    undelivered: int  # of which it is known that they never arrived
    measured: tuple[MeasuredFacts, ...] = ()  # within the span
    ratings: tuple[str, ...] = ()  # the newest of each ticket: good, okay, bad
