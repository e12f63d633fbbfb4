"""Decisions and letters for tests of the store, each complete and slightly different from the next."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw
from helpdesk.store.mail_claims import ClaimedMail, MailCause, claim_mail
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.limits import LetterLimits
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Grounds, TimerChanges
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.message import Direction, InternalNote, Message
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import Timer, TimerKind

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
ANNA = "anna@acme.example"
OMAR = "omar@desk.example"
NUMBERS = itertools.count(1_000)
OF_CONTRIBUTIONS = ("message", "note", "related", "seen_ids")
OF_LIMITS = ("counted_as", "counted_domain", "unproved", "suppressed", "gathered")


def raw_mail(
    content: bytes = b"Subject: hello\r\n\r\nThe page says locked.\r\n", door: str = "smtp", *, sender: str = ANNA
) -> RawMessage:
    envelope = Envelope(sender, ("help@desk.example",))
    return RawMessage(door, envelope, content, NOW, peer="192.0.2.1", helo="mail.acme.example")


def stored_and_claimed(database: Database, blobs: BlobStore, count: int = 1, now: datetime = NOW) -> list[ClaimedMail]:
    """Mails of different senders, because a second mail of a sender waits until the first is decided."""
    raws = [raw_mail(sender=f"anna{next(NUMBERS)}@acme.example") for _ in range(count)]
    store_raw(database, blobs, 65536, raws, now)
    return claim_mail(database, blobs, now, limit=count, lease=LEASE, max_bytes=2**30)


def blob_store(folder: Path) -> BlobStore:
    return BlobFolder(folder / "blobs")


def new_ticket(**changes: object) -> Ticket:
    """A ticket of Anna's with Omar on it, as it is after the mail that opened it."""
    number = next(NUMBERS)
    fields: dict[str, object] = {
        "id": number,
        "reference": f"ACZ-T{number}",
        "version": 1,
        "status": Status.IN_REVIEW,
        "waiting_on": WaitingOn.SUPPORT,
        "escalation_level": 0,
        "subject": "Cannot log in",
        "requester": 1,
        "account": None,
        "plan": "free",
        "category": "account access",
        "severity": "normal",
        "priority": "normal",
        "queue": "general",
        "assignee": OMAR,
        "support_address": "help@desk.example",
        "thread_key": f"{number:032x}",
        "language": "en",
        "assurance": Assurance.AUTHENTICATED,
        "automatic_letters": True,
        "resolutions": 0,
        "created_at": NOW,
        "updated_at": NOW,
        "event_count": 2,
        "first_response_at": None,
        "participants": (Participant(1, Role.CUSTOMER, ANNA, "Anna"), Participant(2, Role.STAFF, OMAR, "Omar")),
    }
    return Ticket(**(fields | changes))  # type: ignore[arg-type]


def events_up_to(count: int, how_many: int) -> tuple[Event, ...]:
    numbers = range(count - how_many + 1, count + 1)
    return tuple(
        Event(number, "customer_wrote", ANNA, NOW, None if number == 1 else Status.SUBMITTED, Status.IN_REVIEW, "")
        for number in numbers
    )


def customer_message(text: str = "The page says locked.", author: str = ANNA, message_id: str | None = None) -> Message:
    number = next(NUMBERS)
    own_id = message_id or f"m{number}@acme.example"
    return Message(
        number, Direction.CUSTOMER, author, Assurance.AUTHENTICATED, text, "", (), own_id, NOW, proved=True, inbox_of=author
    )


def internal_note(text: str) -> InternalNote:
    return InternalNote(next(NUMBERS), OMAR, text, NOW)


def letter(ticket: Ticket | None, notice: Notice = Notice.CONFIRMATION, to: str = ANNA, **changes: object) -> Letter:
    number = next(NUMBERS)
    for_staff = to == OMAR
    limits = {field: changes.pop(field) for field in OF_LIMITS if field in changes}
    values: dict[str, object] = {
        "id": number,
        "notice": notice,
        "ticket_id": ticket.id if ticket else None,
        "participant": 2 if for_staff else 1,
        "for_staff": for_staff,
        "automatic": True,
        "to": to,
        "reverse_path": "bounce@desk.example",
        "message_id": f"l{number}@desk.example",
        "subject": "Cannot log in",
        "skeleton": b"From: help@desk.example\r\n\r\nWe have it.\r\n",
        "body_text": "We have it.",
        "body_html": "<p>We have it.</p>",
        "limits": LetterLimits(**limits),  # type: ignore[arg-type]
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]


def mail_cause(claimed: ClaimedMail, fingerprint: str | None = None) -> MailCause:
    return MailCause(claimed.id, claimed.lease_token, fingerprint or f"{claimed.id:064x}", f"m{claimed.id}@acme.example")


def opening(claimed: ClaimedMail, ticket: Ticket | None = None, **changes: object) -> Outcome:
    """A mail that opens a ticket: a message, two events, a timer, and a letter to each side."""
    opened = ticket or new_ticket()
    cause = changes.pop("cause", None) or mail_cause(claimed)
    letters = changes.pop("letters", None)
    fields: dict[str, object] = {
        "disposition": Disposition.OPENED,
        "reason": "no ticket was found, so it opens one",
        "grounds": Grounds(Assurance.AUTHENTICATED),
        "ticket": opened,
        "events": events_up_to(opened.event_count, opened.event_count),
        "timers": TimerChanges(started=(Timer(TimerKind.TARGET, 1, NOW + timedelta(hours=8)),)),
    }
    added = {field: changes.pop(field) for field in OF_CONTRIBUTIONS if field in changes}
    message = customer_message(message_id=f"m{claimed.id}@acme.example")
    fields["adds"] = replace(Contribution(message=message), **added)  # type: ignore[arg-type]
    decision = Decision(**(fields | changes))  # type: ignore[arg-type]
    both = (letter(opened), letter(opened, Notice.NEW_TICKET, OMAR))
    return Outcome(cause, decision, both if letters is None else letters, NOW, "node-1")  # type: ignore[arg-type]


def without_effect(claimed: ClaimedMail, disposition: Disposition = Disposition.REFUSED) -> Outcome:
    decision = Decision(disposition, "nothing follows from it", Grounds(Assurance.UNVERIFIED))
    return Outcome(mail_cause(claimed), decision, (), NOW, "node-1")
