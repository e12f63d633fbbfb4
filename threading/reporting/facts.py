"""The facts from which a report is made: rows of the store, as values."""

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
    """What the history says about promised times: that some were missed, or that one ended with its answer."""

    at: datetime
    targets: tuple[TargetKind, ...]
    answered_at: datetime | None = None  # when the promise ended; since then, the clock of its kind belongs to a later message


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as it is now, with its changes of status (`moves`) and its promises (`marks`) in their order."""

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
        """The status at a moment; None before the ticket began."""
        if moment < self.created_at:
            return None
        past = [move.after for move in self.moves if move.at <= moment]
        if past:
            return past[-1]
        return self.moves[0].before if self.moves else self.status


@dataclass(frozen=True, slots=True)
class MeasuredFacts:
    """What was measured when a request came, and what became of it. `told` says that its customer was told, in a busy period."""

    queue: str
    at: datetime
    median_at: datetime | None
    ninetieth_at: datetime | None
    busy: bool
    told: bool
    answered_at: datetime | None
    ended: bool  # without an answer

    def figure_held(self, now: datetime) -> bool | None:
        """Whether the answer came within the time of nine of ten; None while it still may, or where nothing is known."""
        if self.ninetieth_at is None or (self.answered_at is None and (self.ended or now <= self.ninetieth_at)):
            return None
        return self.answered_at is not None and self.answered_at <= self.ninetieth_at


@dataclass(frozen=True, slots=True)
class DeskFacts:
    """All tickets that were open at some moment of the span, and counts of what happened in it."""

    tickets: tuple[TicketFacts, ...]
    customer_messages: int
    letters: int  # that went out
    undelivered: int  # of which it is known that they never arrived
    measured: tuple[MeasuredFacts, ...] = ()  # within the span
    ratings: tuple[str, ...] = ()  # the newest of each ticket: good, okay, bad
