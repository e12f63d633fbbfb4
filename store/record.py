"""Records what was decided: all effects of a cause in one transaction, or none, and never twice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Update, bindparam, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

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
    unproved_fingerprint,
)
from helpdesk.store.database import Database, StaleTicket, Unstorable, fault_of
from helpdesk.store.digests import claim_gathered
from helpdesk.store.letter_files import FilePlaces, content_columns
from helpdesk.store.logins import claim_guessing
from helpdesk.store.measurements import SETTLE, measurement_row, microseconds
from helpdesk.store.outbox import TOLD
from helpdesk.store.schema import (
    PENDING,
    UNTOLD,
    WAITING,
    CleanJson,
    digest,
    event,
    inbound,
    internal_note,
    known_id,
    measurement,
    message,
    outbox,
    participant,
    platform_inbox,
    platform_reply,
    related,
    seen_image,
    staff,
    suppression,
    ticket,
    ticket_words,
    timer,
    undo_step,
)
from helpdesk.store.suppressions import suppressing
from helpdesk.store.ticket_words import claim
from helpdesk.store.tickets import ticket_row
from helpdesk.store.undo import change_of, hand_over, lifted_as_json, move, take_back
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.clue import Clue
from helpdesk.threading.model.mail import Disposition, LetterFate
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.origin import Origin, origin_as_json
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket

Values = dict[str, Any]

WITH_EFFECT = frozenset({Disposition.OPENED, Disposition.THREADED, Disposition.NOTED, Disposition.REPORTED})


class LostClaim(Exception):
    """The cause is no longer ours: its lease ran out and somebody else took it, or it has been dealt with. Let go of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision, its letters with their final bytes, and what they come from. `node` names who decided.

    `origin` is what was found about a mail's author; None leaves what is stored. `places` says where files of the letters are kept
    already; any other file is written into each of its letters.
    """

    cause: Cause
    decision: Decision
    letters: tuple[Letter, ...]
    now: datetime
    node: str
    origin: Origin | None = None
    places: FilePlaces = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An outcome that was not recorded, and why: look again, let go, or give up."""

    outcome: Outcome
    fault: StaleTicket | LostClaim | Unstorable


def record(connection: Connection, outcome: Outcome) -> None:
    """Write all effects of one outcome. Any exception must undo the transaction.

    Raises LostClaim, StaleTicket, Unstorable or DatabaseAway.
    """
    try:
        _write(connection, [outcome])
    except (SQLAlchemyError, OverflowError) as error:
        raise fault_of(error) from error


def record_all(database: Database, outcomes: Sequence[Outcome]) -> list[Unrecorded]:
    """Record outcomes in one transaction and return those that could not be; the others stand.

    They may concern one ticket only where each expects the version that the one before leaves. Raises DatabaseAway.
    """
    if not outcomes:
        return []
    try:
        with database.writing() as connection:
            _write(connection, outcomes)
        return []
    except (StaleTicket, LostClaim, Unstorable) as fault:
        if len(outcomes) == 1:
            return [Unrecorded(outcomes[0], fault)]
    with database.writing() as connection:
        return [one for outcome in outcomes if (one := _written_apart(connection, outcome)) is not None]


def _written_apart(connection: Connection, outcome: Outcome) -> Unrecorded | None:
    """Each behind a savepoint of its own: still one transaction, and one commit."""
    try:
        with connection.begin_nested():
            record(connection, outcome)
    except (StaleTicket, LostClaim, Unstorable) as fault:
        return Unrecorded(outcome, fault)
    return None


def _write(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    parts = [part for outcome in outcomes for part in _parts(outcome)]
    for part in parts:
        _check_numbers(part.decision)
    _check_claims(connection, outcomes)
    _write_tickets(connection, parts)
    for effects, concerned in ((BEGINS, outcomes), (EFFECTS, parts), (ENDS, outcomes)):
        for statements, rows_of in effects:
            rows = [row for outcome in concerned for row in rows_of(outcome)]
            if rows:
                connection.execute(statements[connection.dialect.name], rows)
    for part in parts:
        _take_back(connection, part.decision)
        _release(connection, part)


def _parts(outcome: Outcome) -> Iterator[Outcome]:
    """One outcome for each ticket that the decision changes."""
    if not outcome.decision.also:
        yield outcome
        return
    for part in outcome.decision.parts:
        ordered = {order.id for order in part.letters}
        letters = tuple(letter for letter in outcome.letters if letter.id in ordered)
        main = part is outcome.decision
        cause = outcome.cause if main or not isinstance(outcome.cause, MailCause) else replace(outcome.cause, message_id=None)
        yield replace(outcome, cause=cause, decision=replace(part, also=()), letters=letters)


def _release(connection: Connection, outcome: Outcome) -> None:
    order = outcome.decision.release
    if order is None:
        return
    held = update(inbound).where(inbound.c.id == order.inbound_id, inbound.c.state == Disposition.HELD)
    if order.release is None:
        done = held.values(state=Disposition.DISCARDED, last_error="dropped by its author")
    else:
        let = order.release
        word = {"by": let.by, "word": let.word, "reference": let.reference, "waived": list(let.waived), "asked": list(let.asked)}
        fresh = {"state": Disposition.PENDING, "attempts": 0, "lease_until": None, "lease_token": None, "finished_at": None}
        done = held.values(**fresh, release=word)
    if connection.execute(done).rowcount != 1:
        raise StaleTicket("the held mail has been dealt with by somebody else")


def _take_back(connection: Connection, decision: Decision) -> None:
    if decision.ticket and decision.take_back:
        take_back(connection, decision.ticket.id, decision.take_back)
    if decision.ticket and decision.moved:
        move(connection, decision.ticket.id, decision.moved)
    if decision.ticket and decision.handover:
        hand_over(connection, decision.ticket, decision.handover)


# --- claims: the cause is still ours, and stays so until the commit


def _check_claims(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    causes = [outcome.cause for outcome in outcomes]
    if len(set(causes)) < len(causes):
        raise LostClaim("one cause cannot have two outcomes")
    _check_mails(connection, [cause for cause in causes if isinstance(cause, MailCause)])
    _check_replies(connection, [cause for cause in causes if isinstance(cause, PlatformCause)])
    _check_timers(connection, [cause for cause in causes if isinstance(cause, TimerCause)])
    _check_letters(connection, [cause for cause in causes if isinstance(cause, LetterCause)])
    _claim_days(connection, [outcome for outcome in outcomes if isinstance(outcome.cause, DigestCause | WeeklyCause)])
    _claim_outbreaks(connection, outcomes)
    _claim_guessing(connection, [cause for cause in causes if isinstance(cause, GuessingCause)])
    _claim_gathered(connection, outcomes)


def _check_mails(connection: Connection, causes: Sequence[MailCause]) -> None:
    if not causes:
        return
    ids = [cause.inbound_id for cause in causes]
    statement = select(inbound.c.id, inbound.c.lease_token).where(inbound.c.id.in_(ids), inbound.c.state == "pending")
    tokens = {row.id: row.lease_token for row in connection.execute(statement.order_by(inbound.c.id).with_for_update())}
    for cause in causes:
        if tokens.get(cause.inbound_id) != cause.lease_token:
            raise LostClaim(f"{cause} has been taken over or dealt with")


def _check_replies(connection: Connection, causes: Sequence[PlatformCause]) -> None:
    if not causes:
        return
    ids = [cause.reply_id for cause in causes]
    statement = select(platform_reply.c.id).where(platform_reply.c.id.in_(ids), WAITING)
    waiting = set(connection.execute(statement.order_by(platform_reply.c.id).with_for_update()).scalars())
    for cause in causes:
        if cause.reply_id not in waiting:
            raise LostClaim(f"{cause} has been taken")


def _check_timers(connection: Connection, causes: Sequence[TimerCause]) -> None:
    if not causes:
        return
    key = (timer.c.ticket_id, timer.c.kind, timer.c.occurrence)
    wanted = [(cause.ticket_id, cause.kind.value, cause.occurrence) for cause in causes]
    statement = select(*key).where(tuple_(*key).in_(wanted), PENDING).order_by(*key).with_for_update()
    pending = {tuple(row) for row in connection.execute(statement)}
    for cause, values in zip(causes, wanted, strict=True):
        if values not in pending:
            raise LostClaim(f"{cause} is no longer pending")


def _check_letters(connection: Connection, causes: Sequence[LetterCause]) -> None:
    """The fate is still that, and nobody has been told. Two fates of one letter are never in one transaction."""
    if not causes:
        return
    columns = (outbox.c.id, outbox.c.state, *(outbox.c[name] for _, name in TOLD.values()))
    statement = select(*columns).where(outbox.c.id.in_([cause.letter_id for cause in causes]))
    rows = {row.id: row for row in connection.execute(statement.order_by(outbox.c.id).with_for_update())}
    for cause in causes:
        row, (state, told_at) = rows.get(cause.letter_id), TOLD[cause.fate]
        if row is None or row.state != state or getattr(row, told_at) is not None:
            raise LostClaim(f"{cause} is told, or is so no longer")


def _claim_days(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """A day of a staff member belongs to whoever writes its row first; another node waits for that commit, and lets go."""
    adding = _known_already(digest)[connection.dialect.name].returning(digest.c.id)
    rows = [row for outcome in outcomes for row in _digest_rows(outcome)]
    for row in sorted(rows, key=lambda row: (row["staff"], row["day"])):
        if connection.execute(adding, row).scalar() is None:
            raise LostClaim(f"{row['staff']} has the digest of {row['day']}")


def _claim_outbreaks(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """A request is proposed as part of an incident once, on whichever node."""
    for outcome in outcomes:
        cause = outcome.cause
        if isinstance(cause, OutbreakCause) and not claim(connection, cause.ticket_ids, outcome.decision.proposed, outcome.now):
            raise LostClaim(f"{cause}: a request of it has been proposed already")


def _claim_guessing(connection: Connection, causes: Sequence[GuessingCause]) -> None:
    for cause in causes:
        if not claim_guessing(connection, cause):
            raise LostClaim(f"{cause} has been told by another node")


def _claim_gathered(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """A letter that is gathered is told of once, on whichever node."""
    for outcome in outcomes:
        cause, told = outcome.cause, outcome.decision.digest
        if isinstance(cause, GatheredCause) and not (told and claim_gathered(connection, cause.letter_ids, told.id)):
            raise LostClaim(f"{cause}: another letter tells of them")


# --- the ticket: first, because its version decides the race, and its row is the lock for all the rest


def _check_numbers(decision: Decision) -> None:
    """Events continue the ticket's numbers without a gap, and a changed ticket has the next version."""
    one, numbers = decision.ticket, [line.number for line in decision.events]
    if one is None:
        if numbers or decision.message or decision.note or decision.set_timers or decision.cancel_timers:
            raise Unstorable("events, messages, notes and timers need a ticket")
        return
    if numbers != list(range(one.event_count - len(numbers) + 1, one.event_count + 1)):
        raise Unstorable(f"events {numbers} do not end with the ticket's count {one.event_count}")
    if decision.expected_version is None and len(numbers) != one.event_count:
        raise Unstorable(f"a new ticket with {one.event_count} events brings {len(numbers)} of them")
    if _changes(decision) and decision.expected_version is not None and one.version != decision.expected_version + 1:
        raise Unstorable(f"version {one.version} does not follow version {decision.expected_version}")


def _changes(decision: Decision) -> bool:
    """Whether the ticket is new or changed. A decision may also only refer to one, as it was read."""
    if decision.ticket is None:
        return False
    same = decision.ticket.version == decision.expected_version
    return not same or bool(decision.events or decision.message or decision.note)


def _write_tickets(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    changed = [outcome.decision for outcome in outcomes if _changes(outcome.decision)]
    new = [ticket_row(one.ticket) for one in changed if one.ticket and one.expected_version is None]
    if new:
        connection.execute(insert(ticket), new)
    old = [_expected(one, one.ticket) for one in changed if one.ticket and one.expected_version is not None]
    # In the order of their keys, so that two nodes do not wait for each other's rows; versions of one ticket stay in order.
    old.sort(key=lambda row: (row["key"], row["expected_version"]))
    if old and connection.execute(UPDATE_TICKET, old).rowcount != len(old):
        raise StaleTicket("a ticket has been changed by somebody else")


def _expected(decision: Decision, one: Ticket) -> Values:
    row = {f"new_{name}": value for name, value in ticket_row(one).items() if name in CHANGING_COLUMNS}
    expected = {"expected_version": decision.expected_version, "expected_events": one.event_count - len(decision.events)}
    return {"key": one.id, **expected, **row}


CHANGING_COLUMNS = tuple(column.name for column in ticket.c if column.name not in ("id", "reference", "thread_key", "created_at"))
UPDATE_TICKET: Update = (
    update(ticket)
    .where(
        ticket.c.id == bindparam("key"),
        ticket.c.version == bindparam("expected_version"),
        ticket.c.event_count == bindparam("expected_events"),
    )
    .values({name: bindparam(f"new_{name}") for name in CHANGING_COLUMNS})
)


# --- the rows of each effect


def _participant_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.ticket
    for person in one.participants if one and _changes(outcome.decision) else ():
        yield {
            "ticket_id": one.id if one else None,
            "number": person.number,
            "role": person.role,
            "address": person.address,
            "name": person.name,
            "state": person.state,
        }


def _message_rows(outcome: Outcome) -> Iterator[Values]:
    one, words = outcome.decision.ticket, outcome.decision.message
    if one and words:
        yield {
            "id": words.id,
            "ticket_id": one.id,
            "direction": words.direction,
            "author": words.author,
            "assurance": words.assurance,
            "text": words.text,
            "elided_text": words.elided_text,
            "attachments": list(words.attachments),
            "message_id": words.message_id,
            "at": words.at,
            "cause": str(outcome.cause),
            "version": one.version,
            "subject": words.subject,
        }


def _note_rows(outcome: Outcome) -> Iterator[Values]:
    one, note = outcome.decision.ticket, outcome.decision.note
    if one and note:
        yield {
            "id": note.id,
            "ticket_id": one.id,
            "author": note.author,
            "text": note.text,
            "at": note.at,
            "cause": str(outcome.cause),
            "unasked": note.unasked,
            "attachments": list(note.attachments),
            "file_words": note.file_words,
        }


def _event_rows(outcome: Outcome) -> Iterator[Values]:
    for line in outcome.decision.events:
        yield {
            "ticket_id": outcome.decision.ticket.id if outcome.decision.ticket else None,
            "number": line.number,
            "kind": line.kind,
            "actor": line.actor,
            "at": line.at,
            "from_status": line.from_status,
            "to_status": line.to_status,
            "detail": line.detail,
            "cause": str(outcome.cause),
        }


def _known_id_rows(outcome: Outcome) -> Iterator[Values]:
    """The mail's own id where the mail had an effect, those that it mentioned, and those of the letters."""
    decision, cause = outcome.decision, outcome.cause
    if decision.ticket:
        own = cause.message_id if isinstance(cause, MailCause) and decision.disposition in WITH_EFFECT else None
        for message_id in dict.fromkeys((own, *decision.seen_ids)):
            if message_id:
                yield {"message_id": message_id, "ticket_id": decision.ticket.id}
    for letter in outcome.letters:
        if letter.ticket_id is not None:
            yield {"message_id": letter.message_id, "ticket_id": letter.ticket_id}


def _told_rows(fate: LetterFate) -> Callable[[Outcome], Iterator[Values]]:
    def rows(outcome: Outcome) -> Iterator[Values]:
        if isinstance(outcome.cause, LetterCause) and outcome.cause.fate is fate:
            yield {"key": outcome.cause.letter_id, "now": outcome.now}

    return rows


def _digest_rows(outcome: Outcome) -> Iterator[Values]:
    one, cause = outcome.decision.digest, outcome.cause
    if one is not None:
        yield {
            "id": one.id,
            "staff": one.staff,
            "day": cause.claims if isinstance(cause, DigestCause | WeeklyCause) else None,
            "at": outcome.now,
            "rows": [[row.number, row.ticket_id, row.reference, row.version] for row in one.rows],
        }


def _asked_digest_rows(outcome: Outcome) -> Iterator[Values]:
    """That of a morning stands there already: it was the claim."""
    return iter(()) if isinstance(outcome.cause, DigestCause | WeeklyCause) else _digest_rows(outcome)


def _absence_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.absence
    if one is not None:
        yield {"of_staff": one.staff, "until": one.until}


def _measurement_rows(outcome: Outcome) -> Iterator[Values]:
    one, made = outcome.decision.ticket, outcome.decision.measured
    if one and made:
        yield measurement_row(one.id, made)


def _answered_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.answered
    if one:
        took = microseconds(one.took)
        yield {"of_ticket": one.ticket_id, "new_answered_at": one.at, "new_took": took, "new_ended": one.ended}


def _word_rows(outcome: Outcome) -> Iterator[Values]:
    one = outcome.decision.report
    if one:
        yield {"ticket_id": one.ticket_id, "customer": one.customer, "words": list(one.words), "at": one.at}


def _related_rows(outcome: Outcome) -> Iterator[Values]:
    if outcome.decision.ticket:
        for other in outcome.decision.related:
            yield {"ticket_id": outcome.decision.ticket.id, "other_id": other}


def _image_rows(outcome: Outcome) -> Iterator[Values]:
    for image in outcome.decision.images if outcome.decision.images_of else ():
        yield {"sha256": image, "origin": outcome.decision.images_of, "first_seen_at": outcome.now}


def _fired_rows(outcome: Outcome) -> Iterator[Values]:
    cause = outcome.cause
    if isinstance(cause, TimerCause):
        yield {"of_ticket": cause.ticket_id, "of_kind": cause.kind, "of_occurrence": cause.occurrence}


def _cancelled_rows(outcome: Outcome) -> Iterator[Values]:
    for kind in outcome.decision.cancel_timers:
        of_ticket = outcome.decision.ticket.id if outcome.decision.ticket else None
        yield {"of_ticket": of_ticket, "of_kind": kind, "of_cause": str(outcome.cause)}


def _timer_rows(outcome: Outcome) -> Iterator[Values]:
    for one in outcome.decision.set_timers:
        yield {
            "ticket_id": outcome.decision.ticket.id if outcome.decision.ticket else None,
            "kind": one.kind,
            "occurrence": one.occurrence,
            "due_at": one.due_at,
            "state": "pending",
            "set_by": str(outcome.cause),
        }


def _undo_rows(outcome: Outcome) -> Iterator[Values]:
    decision, one = outcome.decision, outcome.decision.ticket
    if one and decision.before:
        letters = [letter.id for letter in outcome.letters if not letter.for_staff]
        yield {
            "ticket_id": one.id,
            "version": one.version,
            "cause": str(outcome.cause),
            "actor": decision.events[-1].actor if decision.events else "",
            "at": outcome.now,
            "summary": decision.reason,
            "change": change_of(decision.before, one, decision.moved, letters) | {"lifted": lifted_as_json(decision.lifted)},
        }


def _outbox_rows(outcome: Outcome) -> Iterator[Values]:
    mail_id = outcome.cause.inbound_id if isinstance(outcome.cause, MailCause) else None
    for letter in outcome.letters:
        if letter.to:
            yield content_columns(letter, outcome.places, mail_id) | {
                "id": letter.id,
                "ticket_id": letter.ticket_id,
                "participant": letter.participant,
                "notice": letter.notice,
                "audience": "staff" if letter.for_staff else "customer",
                "recipient": letter.to,
                "reverse_path": letter.reverse_path,
                "message_id": letter.message_id,
                "subject": letter.subject,
                "automatic": letter.automatic,
                "cause": str(outcome.cause),
                "created_at": outcome.now,
                "state": "suppressed" if letter.suppressed else "queued",
                "attempts": 0,
                "uncertain": 0,
                "next_attempt_at": None if letter.suppressed else letter.not_before or outcome.now,
                "last_reply": letter.suppressed or None,
                "counted_as": None if letter.suppressed else letter.counted_as or None,
                "counted_domain": None if letter.suppressed else letter.counted_domain or None,
                "unproved": letter.unproved,
                "told_in": UNTOLD if letter.gathered else None,
            }


def _failed_rows(outcome: Outcome) -> Iterator[Values]:
    for one in outcome.decision.failed_letters:
        yield {"key": one.id, "new_reply": one.reason, "now": outcome.now}


def _suppression_rows(outcome: Outcome) -> Iterator[Values]:
    for one in outcome.decision.suppressions:
        yield {
            "address": one.address,
            "reason": one.reason,
            "diagnostic": one.diagnostic,
            "since": one.since,
            "until": one.until,
            "letter_id": one.letter_id,
        }


def _lifted_rows(outcome: Outcome) -> Iterator[Values]:
    for address in dict.fromkeys(one.address for one in outcome.decision.lifted):
        yield {"of_address": address}


def _inbox_rows(outcome: Outcome) -> Iterator[Values]:
    """What the customer sees in the platform: his own words, then what was written to him. Built from public types alone."""
    one, decision = outcome.decision.ticket, outcome.decision
    if one is None or decision.from_archive:
        return
    handed_over = decision.handover.shows if decision.handover else ()
    for words in (*((decision.message,) if decision.message else ()), *handed_over):
        if words.direction != Direction.CUSTOMER or words.inbox_of is None or _is_strange(one, words.inbox_of):
            continue
        yield _inbox_row(outcome, one) | {
            "contact_address": _inbox_owner(one, words.inbox_of),
            "proved": words.proved,
            "direction": Direction.CUSTOMER,
            "notice": None,
            "subject": one.subject,
            "body_text": words.text,
            "body_html": "",
            "attachments": list(words.attachments),
            "letter_id": None,
            "words_id": words.id,
        }
    for letter in outcome.letters:
        if not letter.for_staff and letter.ticket_id == one.id:
            yield _inbox_row(outcome, one) | {
                "contact_address": letter.to,
                "proved": True,
                "direction": Direction.SUPPORT,
                "notice": letter.notice,
                "subject": letter.subject,
                "body_text": letter.body_text,
                "body_html": letter.body_html,
                "attachments": _attachments(outcome.decision, letter),
                "letter_id": letter.id,
                "words_id": None,
            }


def _inbox_row(outcome: Outcome, one: Ticket) -> Values:
    return {
        "account_id": one.account,
        "ticket": one.reference,
        "thread_key": one.thread_key,
        "status_after": one.status,
        "created_at": outcome.now,
    }


def _is_strange(one: Ticket, author: str) -> bool:
    """Words of an unverified sender are not shown to the customer: anybody can write to a reply address that leaked."""
    person = one.participant_at(author, Role.CUSTOMER)
    return person is not None and person.state is ParticipantState.UNVERIFIED


def _inbox_owner(one: Ticket, author: str) -> str:
    """In whose inbox a customer's words appear. A stranger who wrote into the conversation must not find it in his own."""
    person = one.participant_at(author)
    if person and person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE:
        return author
    requester = one.participant(one.requester)
    return requester.address if requester else ""


def _attachments(decision: Decision, letter: Letter) -> list[Values]:
    attached = next((order.attach for order in decision.letters if order.id == letter.id), ())
    return [
        {
            "filename": one.filename,
            "content_type": one.content_type,
            "size": one.size,
            "sha256": one.sha256,
            "content_id": one.content_id,
            "inline": one.inline,
        }
        for one in attached
    ]


def _mail_rows(outcome: Outcome) -> Iterator[Values]:
    cause, decision = outcome.cause, outcome.decision
    if isinstance(cause, MailCause):
        yield {
            "key": cause.inbound_id,
            "new_state": decision.disposition,
            "new_ticket_id": decision.ticket.id if decision.ticket else None,
            "new_message_id": cause.message_id,
            "new_fingerprint": _fingerprint(cause, decision),
            "new_signed_content": cause.signed_content or None,
            "new_finished_at": outcome.now,
            "new_decision": _explanation(outcome),
            "new_origin": origin_as_json(outcome.origin) if outcome.origin else None,
        }


def _fingerprint(cause: MailCause, decision: Decision) -> str | None:
    return unproved_fingerprint(cause.fingerprint) if decision.awaits_proof and cause.fingerprint else cause.fingerprint


def _explanation(outcome: Outcome) -> Values:
    """What `why` tells: plain values, complete without the code that decided."""
    decision = outcome.decision
    return {
        "reason": decision.reason,
        "row": decision.grounds.row,
        "rule": decision.rule,
        "assurance": decision.grounds.assurance,
        "clues": [_clue(one) for one in decision.grounds.clues],
        "events": [line.number for line in decision.events],
        "letters": [letter.id for letter in outcome.letters],
        "held_for": decision.held_for,
        "held_over": decision.held_over,
        "node": outcome.node,
        "decided_before": outcome.cause.decided_before if isinstance(outcome.cause, MailCause) else 0,
    }


def _clue(one: Clue) -> Values:
    return {
        "kind": one.kind,
        "value": one.value,
        "ticket": one.ticket,
        "trusted": one.trusted,
        "used": one.used,
        "reason": one.reason,
    }


def _reply_rows(outcome: Outcome) -> Iterator[Values]:
    cause, decision = outcome.cause, outcome.decision
    if isinstance(cause, PlatformCause):
        refused = decision.disposition is Disposition.REFUSED
        yield {
            "key": cause.reply_id,
            "new_taken_at": None if refused else outcome.now,
            "new_error": decision.reason if refused else None,
        }


# --- statements, by dialect where they differ


def _same(statement: Any) -> dict[str, Any]:
    return {"sqlite": statement, "postgresql": statement}


def _known_already(table: Any) -> dict[str, Any]:
    return {name: dialect.insert(table).on_conflict_do_nothing() for name, dialect in DIALECTS.items()}


def _participants() -> dict[str, Any]:
    """New people come in; of known ones the name and the state may change, the address never."""
    statements = {}
    for name, dialect in DIALECTS.items():
        adding = dialect.insert(participant)
        new = {"name": adding.excluded.name, "state": adding.excluded.state}
        differs = or_(*(participant.c[column] != value for column, value in new.items()))
        statements[name] = adding.on_conflict_do_update(index_elements=["ticket_id", "number"], set_=new, where=differs)
    return statements


def _tell(told_at: str) -> Update:
    return update(outbox).where(outbox.c.id == bindparam("key")).values({told_at: bindparam("now")})


DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
OF_KIND = (timer.c.ticket_id == bindparam("of_ticket"), timer.c.kind == bindparam("of_kind"), PENDING)
FIRE = update(timer).where(*OF_KIND, timer.c.occurrence == bindparam("of_occurrence")).values(state="fired")
CANCEL = update(timer).where(*OF_KIND).values(state="cancelled", cancelled_by=bindparam("of_cause"))
FAIL_LETTER = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"), outbox.c.state != "suppressed")
    .values(
        state="failed",
        last_reply=bindparam("new_reply"),
        failure_told_at=bindparam("now"),
        next_attempt_at=None,
        lease_until=None,
        lease_token=None,
    )
)
LIFT = delete(suppression).where(suppression.c.address == bindparam("of_address"))
FINISH_MAIL = (
    update(inbound)
    .where(inbound.c.id == bindparam("key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("state", "ticket_id", "message_id", "fingerprint", "signed_content", "finished_at", "decision")
        }
        | {"lease_until": None, "lease_token": None}
        | {"origin": func.coalesce(bindparam("new_origin", type_=CleanJson), inbound.c.origin, type_=CleanJson)}
    )
)
FINISH_REPLY = (
    update(platform_reply)
    .where(platform_reply.c.id == bindparam("key"))
    .values(taken_at=bindparam("new_taken_at"), error=bindparam("new_error"))
)
Effects = tuple[tuple[dict[str, Any], Callable[[Outcome], Iterator[Values]]], ...]
# What a timer fires must be marked before anything cancels its kind.
BEGINS: Effects = ((_same(FIRE), _fired_rows),)
AWAY = update(staff).where(staff.c.address == bindparam("of_staff")).values(away_until=bindparam("until"))
EFFECTS: Effects = (
    (_participants(), _participant_rows),
    (_same(insert(message)), _message_rows),
    (_same(insert(internal_note)), _note_rows),
    (_same(insert(event)), _event_rows),
    (_known_already(known_id), _known_id_rows),
    (_known_already(related), _related_rows),
    (_known_already(seen_image), _image_rows),
    (_same(CANCEL), _cancelled_rows),
    (_same(insert(timer)), _timer_rows),
    (_same(insert(outbox)), _outbox_rows),
    (_same(FAIL_LETTER), _failed_rows),
    (_same(LIFT), _lifted_rows),
    (suppressing(), _suppression_rows),
    (_same(insert(platform_inbox)), _inbox_rows),
    (_same(insert(undo_step)), _undo_rows),
    (_same(AWAY), _absence_rows),
    (_same(insert(measurement)), _measurement_rows),
    (_same(SETTLE), _answered_rows),
    (_same(insert(ticket_words)), _word_rows),
)
# Of the cause itself: once, however many tickets are concerned.
ENDS: Effects = (
    (_same(FINISH_MAIL), _mail_rows),
    (_same(FINISH_REPLY), _reply_rows),
    (_same(insert(digest)), _asked_digest_rows),
    *((_same(_tell(told_at)), _told_rows(fate)) for fate, (_, told_at) in TOLD.items()),
)
