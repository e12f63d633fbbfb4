"""The decision about one cause: all that follows from it, and the only thing that the store records.

A decision is complete when it is made. Its letters are orders; `templates.compose` turns each of them into final bytes.
"""

from dataclasses import dataclass
from datetime import datetime

from helpdesk.threading.incidents.likeness import FaultReport
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.matching.clue import Clue
from helpdesk.threading.matching.signature_images import NO_IMAGES, SignatureImages
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.digest import Digest
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.held import HoldReason, Release
from helpdesk.threading.model.listed_sender import ListedSender
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import InternalNote, Message, MovedMessage
from helpdesk.threading.model.sentence import Sentence
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import Timer, TimerKind
from helpdesk.threading.promises.busy import Answered, Measured
from helpdesk.threading.rules.sorting import UNSORTED, Sorting, Stop

# The dispositions of a mail that is kept and has no effect.
WITHOUT_EFFECT = frozenset({Disposition.THREADED, Disposition.NOTED, Disposition.HELD})


@dataclass(frozen=True, slots=True)
class Handover:
    """What changes in the platform inbox and the outbox when words turn out to belong to another customer.

    `leaves` are ids of inbox rows that are taken out of their inbox. `shows` are messages whose words move to the inbox of their author,
    under this ticket. `written_by` corrects the authors of messages: message id, address, and how sure the author is. `stops` are ids of
    letters to the wrong customer; those that have not left yet are stopped.
    """

    leaves: tuple[int, ...] = ()
    shows: tuple[Message, ...] = ()
    written_by: tuple[tuple[int, str, Assurance], ...] = ()
    stops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeBack:
    """An order to undo what `cause` did to this ticket: its message, note, timers, and letters that have not left.

    `letters` are ids of letters that must still be waiting in the outbox. `unread` are ids of letters whose inbox rows must be unread.
    """

    cause: str
    letters: tuple[int, ...] = ()
    unread: tuple[int, ...] = ()
    people: tuple[int, ...] = ()  # numbers of participants who leave the ticket again
    began: datetime | None = (
        None  # when the ticket began, if the cause opened it for a customer: their words leave the platform inbox too
    )


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
    """An order about a held mail: process it again as `release` says, or drop it where `release` is None.

    `if_held` says that there is nothing to do where the mail is not held any more; otherwise the decision is made again.
    """

    inbound_id: int
    release: Release | None
    if_held: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """A staff member is away until a moment, or back again where `until` is None."""

    staff: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FailedLetter:
    """A letter that turned out not to have arrived."""

    id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Triaged:
    """How triage sorted a new ticket. `missing` names what staff need and the mail does not say; `question` asks the customer for it."""

    category: str
    severity: str
    priority: str
    queue: str
    assignee: str | None
    missing: tuple[Sentence, ...]
    question: str  # in the customer's language; "" where nothing is missing
    reasons: tuple[Sentence, ...]  # one sentence each, without the full stop


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a mail adds to its ticket: a public message or an internal note, and what later mail is recognized by.

    `related` are ids of tickets that are linked to this one, but never joined with it. `seen_ids` are Message-IDs that lead to this
    ticket from now on. `images` are the small images of a customer's mail, which are known the next time.
    """

    message: Message | None = None
    note: InternalNote | None = None
    related: tuple[int, ...] = ()
    seen_ids: tuple[str, ...] = ()
    images: SignatureImages = NO_IMAGES


NOTHING_ADDED = Contribution()


@dataclass(frozen=True, slots=True)
class TimerChanges:
    """The timers of a ticket that a decision starts and cancels. A kind may be cancelled and started again."""

    started: tuple[Timer, ...] = ()
    cancelled: tuple[TimerKind, ...] = ()


NO_TIMERS = TimerChanges()


@dataclass(frozen=True, slots=True)
class ReachChanges:
    """What a decision changes about who can be reached by mail, and whose mail comes in.

    `failed_letters` never arrived. Letters to an address of `suppressions` are kept back from now on; `lifted` suppressions end. Mail of
    `listed` senders is kept out from now on; `unlisted` are the senders whose entries from this ticket end.
    """

    failed_letters: tuple[FailedLetter, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    lifted: tuple[Suppression, ...] = ()
    listed: tuple[ListedSender, ...] = ()
    unlisted: tuple[str, ...] = ()


SAME_REACH = ReachChanges()


@dataclass(frozen=True, slots=True)
class Opening:
    """What is found out about a ticket at its beginning.

    `measured` is how long the first answer takes by what was measured when the ticket came. `report` is what the ticket says, to be
    compared with other tickets.
    """

    triage: Triaged | None = None
    measured: Measured | None = None
    report: FaultReport | None = None


NO_OPENING = Opening()


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """A mail is held for a reason, until this staff member decides about it."""

    staff: str
    over: HoldReason


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision rests on: how sure the author is, the clues to a ticket, and the row of the decision tables that applied ("" without one).

    `sorting` is what the operator's rules and lists say about the mail, and `stop` what kept it out, if anything did.
    `speaks` is False for a mail that does not prove its author. `from_archive` marks history: it starts no timer, makes no promise, and does
    not appear in the platform inbox.
    """

    assurance: Assurance
    clues: tuple[Clue, ...] = ()
    row: str = ""
    speaks: bool = True
    from_archive: bool = False
    sorting: Sorting = UNSORTED
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All effects of one cause. `reason` is a plain sentence; `rule` names the rows of the lifecycle table that applied ("" for none).

    `also` are the effects on other tickets, which are recorded in the same transaction. They have no `also` of their own.
    """

    disposition: Disposition
    reason: str
    grounds: Grounds
    rule: str = ""
    ticket: Ticket | None = None
    expected_version: int | None = None  # of the ticket that was read; None when it is new
    events: tuple[Event, ...] = ()
    adds: Contribution = NOTHING_ADDED
    letters: tuple[LetterOrder, ...] = ()
    timers: TimerChanges = NO_TIMERS
    hold: HoldOrder | None = None
    release: ReleaseOrder | None = None
    past: Past = UNCHANGED
    also: tuple["Decision", ...] = ()
    digest: Digest | None = None
    absence: Absence | None = None
    opening: Opening = NO_OPENING  # of a ticket that it opens
    answered: Answered | None = None  # the first answer that the ticket gains or loses
    proposed: tuple[int, ...] = ()  # ids of tickets that a letter to a senior lists as one incident
    reach: ReachChanges = SAME_REACH

    @property
    def parts(self) -> tuple["Decision", ...]:
        """One decision for each ticket that changes, the main one first."""
        return (self, *self.also)

    @property
    def awaits_proof(self) -> bool:
        """Whether the mail had no effect because it does not prove its author. A later copy that proves it then has its effect.

        History needs no proof, and neither does an answer that releases a held mail.
        """
        without_effect = self.disposition in WITHOUT_EFFECT and self.release is None and not self.grounds.from_archive
        return without_effect and not self.grounds.speaks
