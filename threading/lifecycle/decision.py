"""What follows from one mail, platform reply or due timer: the only thing that the store records.

A decision is complete when it exists. Letters stand in it as orders; `templates.compose` turns each into final bytes.
"""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.incidents.likeness import Report
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.matching.clue import Clue
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.held import HeldOver, Release
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import InternalNote, Message, MovedMessage
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import Timer, TimerKind
from helpdesk.threading.promises.busy import Answered, Measured

# What becomes of a mail that proves nothing of its author: it is kept, and has no effect.
WITHOUT_EFFECT = frozenset({Disposition.THREADED, Disposition.NOTED, Disposition.HELD})


@dataclass(frozen=True, slots=True)
class Handover:
    """What this ticket has shown in the platform inbox, or was about to send, and what belongs to somebody else from now on.

    `leaves` are ids of rows that leave the inbox in which they stand; `shows` are messages whose words stand from now on in the inbox of
    their author, under this ticket; `written_by` says of messages who their author is after all, and how that is proved; `stops` are letters to somebody who has
    nothing to do with it, as far as they have not left.
    """

    leaves: tuple[int, ...] = ()
    shows: tuple[Message, ...] = ()
    written_by: tuple[tuple[int, str, Assurance], ...] = ()
    stops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeBack:
    """What a cause once did to this ticket is taken out again: message, note, letters that have not left, timers.

    `letters` are the ids of letters that must still be waiting, `unread` those whose rows in the platform inbox nobody has read.
    """

    cause: str
    letters: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    people: tuple[int, ...] = ()  # numbers of participants who are none any more
    began: datetime | None = None  # when the ticket began with it, brought in for a customer: his words leave the platform inbox


@dataclass(frozen=True, slots=True)
class Past:
    """What a decision changes about what is recorded already, and what is needed to take the decision back.

    `before` is the ticket as it was read, None where the decision cannot be taken back.
    """

    before: Ticket | None = None
    take_back: TakeBack | None = None
    moved: tuple[MovedMessage, ...] = ()
    handover: Handover | None = None


UNCHANGED = Past()


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """A held mail is let go, to be processed anew; or dropped, with `release` None."""

    inbound_id: int
    release: Release | None


@dataclass(frozen=True, slots=True)
class FailedLetter:
    """A letter of which it is known now that it never arrived."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Triaged:
    """How a new ticket was sorted. `missing` names what staff need and the mail does not say, `question` asks for it."""

    category: str
    severity: str
    priority: str
    queue: str
    assignee: str | None
    missing: tuple[str, ...]
    question: str  # in the customer's language; "" where nothing is missing
    reasons: tuple[str, ...]  # a sentence for each, without the stop at the end


@dataclass(frozen=True, slots=True)
class Absence:
    """A staff member is away until then; None: here again."""

    staff: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a mail adds to its ticket: a public message or an internal note, and what later mail is recognized by.

    `related` are ids of tickets that are linked to this one, but never joined with it. `seen_ids` are Message-IDs that lead to this
    ticket from now on. `images` are SHA-256 of the small images of a customer's mail, which are known the next time.
    """

    message: Message | None = None
    note: InternalNote | None = None
    related: tuple[int, ...] = ()
    seen_ids: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


NOTHING_ADDED = Contribution()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision rests on: how sure the author is, the clues to a ticket, and the row of the decision tables that applied ("" without one).

    `speaks` is False for a mail that proves nothing of its author.
    """

    assurance: Assurance
    clues: tuple[Clue, ...] = ()
    row: str = ""
    speaks: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """All effects of one cause. `reason` is a plain sentence; `rule` names the row of the lifecycle table ("" without a transition).

    `also` are its effects on other tickets, in the same transaction; they have no `also` of their own.
    """

    disposition: Disposition
    reason: str
    grounds: Grounds
    rule: str = ""
    ticket: Ticket | None = None
    expected_version: int | None = None  # of the ticket that was read; None when it is new
    events: tuple[Event, ...] = ()
    message: Message | None = None
    note: InternalNote | None = None
    letters: tuple[LetterOrder, ...] = ()
    set_timers: tuple[Timer, ...] = ()
    cancel_timers: tuple[TimerKind, ...] = ()
    related: tuple[int, ...] = ()  # ids of tickets that are linked, never joined
    seen_ids: tuple[str, ...] = ()  # Message-IDs that from now on lead to this ticket
    held_for: str | None = None
    images: tuple[str, ...] = ()  # SHA-256 of the small images of a customer's mail, to be known the next time
    images_of: str = ""  # whose they are
    from_archive: bool = False  # history: nothing of it appears in the platform inbox
    held_over: HeldOver | None = None
    release: ReleaseOrder | None = None
    past: Past = UNCHANGED
    also: tuple["Decision", ...] = ()
    digest: Digest | None = None
    absence: Absence | None = None
    triage: Triaged | None = None  # of a ticket that it opens
    measured: Measured | None = None  # how long the answer to that ticket takes, as measured when it came
    answered: Answered | None = None  # what it changes about the first answer
    report: Report | None = None  # what the ticket that it opens says, to be compared with others
    proposed: tuple[int, ...] = ()  # ids of tickets that a letter to a senior lists as one incident

    failed_letters: tuple[FailedLetter, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    lifted: tuple[Suppression, ...] = ()  # that keep nothing back any more

    @property
    def parts(self) -> tuple["Decision", ...]:
        """One for each ticket that it changes, the main one first."""
        return (self, *self.also)

    @property
    def awaits_proof(self) -> bool:
        """Whether a mail that proves nothing of its author had no effect: a later copy that is proved has its effect all the same.

        History needs no proof, and neither does the word that releases a held mail.
        """
        without_effect = self.disposition in WITHOUT_EFFECT and self.release is None and not self.from_archive
        return without_effect and not self.grounds.speaks
