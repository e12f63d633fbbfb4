"""The spine: take one thing that was said, or one time that has come, to its end.

Read, gather, look up, match, decide, compose, record. Everything but looking up and recording is pure, so whoever loses a race
simply does it again. Sending is not part of it: letters become rows in the same transaction as everything else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.gateway.desk import Desk
from helpdesk.store.cause import (
    Cause,
    DigestCause,
    GatheredCause,
    GuessingCause,
    LetterCause,
    MailCause,
    OutbreakCause,
    PlatformCause,
    TimerCause,
    WeeklyCause,
)
from helpdesk.store.identifiers import new_ids, new_reference, new_thread_key
from helpdesk.store.letter_files import FilePlaces
from helpdesk.store.record import Outcome
from helpdesk.templates.compose import compose
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_mail, decide_platform
from helpdesk.threading.decisions.machines.letter_outcome import decide_fate
from helpdesk.threading.decisions.time.digest import decide_digest
from helpdesk.threading.decisions.time.gathered import decide_gathered
from helpdesk.threading.decisions.time.guessing import decide_guessing
from helpdesk.threading.decisions.time.outbreak import Outbreak, decide_outbreak
from helpdesk.threading.decisions.time.timers import decide_timer
from helpdesk.threading.decisions.time.weekly import decide_weekly
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.gather import incoming_mail, question_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known, Question
from helpdesk.threading.matching.match import match_archived, match_ticket
from helpdesk.threading.model.held import Release
from helpdesk.threading.model.mail import Channel, RawMessage
from helpdesk.threading.model.origin import Origin
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Place

NO_CONTENTS: Mapping[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that waits to be decided: what it is, what to ask the store, and the attachments that letters may pass on.

    `origin` is what our own checks found about a mail, `raw` its octets, and `places` where its reading found the attachments in them.
    """

    cause: Cause
    question: Question
    incoming: Incoming | None
    contents: Mapping[str, bytes]
    origin: Origin | None = None
    raw: bytes = b""
    places: Mapping[str, Place] = field(default_factory=dict)


def heard_mail(
    raw: RawMessage,
    reading: Reading,
    inbound_id: int,
    lease_token: int,
    desk: Desk,
    release: Release | None = None,
    decided_before: int = 0,
) -> Heard:
    """A stored mail that has been read."""
    incoming = incoming_mail(raw, reading.message, desk.house, inbound_id, release)
    cause = MailCause(
        inbound_id, lease_token, incoming.fingerprint, incoming.message_id, decided_before, incoming.identity.signed_content
    )
    return Heard(cause, question_of(incoming), incoming, reading.contents, raw.origin, raw.content, reading.places)


def heard_reply(reply_id: int, incoming: Incoming) -> Heard:
    """A reply written in the platform."""
    return Heard(PlatformCause(reply_id), question_of(incoming), incoming, NO_CONTENTS)


def heard_timer(cause: TimerCause) -> Heard:
    """A time that has come."""
    return Heard(cause, Question(author="", ticket_ids=(cause.ticket_id,), handed_over=True), None, NO_CONTENTS)


def heard_fate(cause: LetterCause) -> Heard:
    """A letter of ours that the team must know about."""
    return Heard(cause, Question(author="", letter_ids=(cause.letter_id,)), None, NO_CONTENTS)


def heard_digest(cause: DigestCause) -> Heard:
    """A morning of a staff member."""
    return Heard(cause, Question(author=cause.staff, open_tickets=True), None, NO_CONTENTS)


def heard_gathered(cause: GatheredCause) -> Heard:
    """Letters to a staff member that were gathered."""
    return Heard(cause, Question(author="", ticket_ids=tuple(dict.fromkeys(cause.ticket_ids))), None, NO_CONTENTS)


def heard_weekly(cause: WeeklyCause) -> Heard:
    """The week of a manager."""
    return Heard(cause, Question(author=cause.staff), None, NO_CONTENTS)


def heard_outbreak(cause: OutbreakCause) -> Heard:
    """Requests of many customers that are alike."""
    return Heard(cause, Question(author="", ticket_ids=cause.ticket_ids), None, NO_CONTENTS)


def heard_guessing(cause: GuessingCause) -> Heard:
    """Passwords that somebody guesses."""
    return Heard(cause, Question(author=""), None, NO_CONTENTS)


def may_open(heard: Heard) -> bool:
    """Whether a request can begin with it: then how busy the queues are is asked too, and what the incidents say."""
    return isinstance(heard.cause, MailCause | PlatformCause)


def decided(heard: Heard, known: Known, desk: Desk, now: datetime) -> Decision:
    """What follows. Raises KeyError for a timer whose ticket, or a fate whose letter does not exist."""
    context = Context(desk.policy, known, now, Fresh(new_ids(now), new_reference(desk.prefix), new_thread_key()), desk.house.ours)
    if isinstance(heard.cause, TimerCause):
        return decide_timer(known.tickets[heard.cause.ticket_id], heard.cause.kind, context)
    if isinstance(heard.cause, LetterCause):
        return decide_fate(known.letters[heard.cause.letter_id], heard.cause.fate, heard.cause.reply, context)
    if isinstance(heard.cause, DigestCause):
        return decide_digest(heard.cause.staff, context)
    if isinstance(heard.cause, GatheredCause):
        return decide_gathered(heard.cause.staff, heard.cause.ticket_ids, context)
    if isinstance(heard.cause, WeeklyCause):
        return decide_weekly(heard.cause.staff, heard.cause.weeks, context)
    if isinstance(heard.cause, OutbreakCause):
        return decide_outbreak(Outbreak(heard.cause.ticket_ids, heard.cause.words), context)
    if isinstance(heard.cause, GuessingCause):
        return decide_guessing(heard.cause.alarms, context)
    assert heard.incoming is not None
    weigh = match_archived if heard.incoming.channel is Channel.ARCHIVE else match_ticket
    match = weigh(heard.incoming, known)
    if isinstance(heard.cause, PlatformCause):
        return decide_platform(arrival_of(heard.incoming, match, context))
    return decide_mail(arrival_of(heard.incoming, match, context))


def outcome_of(heard: Heard, decision: Decision, desk: Desk, now: datetime) -> Outcome:
    """The decision with the final bytes of its letters, signed: what the store records, and every attempt to send repeats."""
    orders = (order for part in decision.parts for order in part.letters)
    letters = tuple(_signed(compose(order, desk.letterhead, heard.contents, now), desk) for order in orders)
    return Outcome(heard.cause, decision, letters, now, desk.node, heard.origin, _places(letters, heard))


def _signed(letter: Letter, desk: Desk) -> Letter:
    """Signatures are made over the whole letter, and stand above it. One letter is whole at a time: they may be hundreds."""
    if desk.signed is None or not letter.skeleton:
        return letter
    content = letter.content
    return letter.with_fields(desk.signed(content).removesuffix(content))


def _places(letters: Iterable[Letter], heard: Heard) -> FilePlaces:
    """Where in the mail files of the letters lie, as far as it gives exactly their octets there."""
    files = {one.sha256: one.content for letter in letters for one in letter.files}
    mail, found = OpenedMail(heard.raw), {}
    for digest, content in files.items():
        place = heard.places.get(digest, ())
        if place and _lies_there(mail, place, content):
            found[digest] = place
    return found


def _lies_there(mail: OpenedMail, place: Place, content: bytes) -> bool:
    try:
        return mail.octets(place) == content
    except NoPlace:
        return False
