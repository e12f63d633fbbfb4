"""Records what was decided: all effects of a cause in one transaction, or none, and never twice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Update, bindparam, delete, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store.cause import Cause, LostClaim, Outcome
from helpdesk.store.database import Database, StaleTicket, Unstorable, fault_of
from helpdesk.store.digests import digest_row
from helpdesk.store.letter_files import content_columns
from helpdesk.store.measurements import SETTLE, measurement_row, microseconds
from helpdesk.store.schema import (
    PENDING,
    UNTOLD,
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
from helpdesk.store.tickets import ticket_row
from helpdesk.store.undo import change_of, hand_over, lifted_as_json, move, take_back
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket

Values = dict[str, Any]

WITH_EFFECT = frozenset({Disposition.OPENED, Disposition.THREADED, Disposition.NOTED, Disposition.REPORTED})


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
    by_kind = _by_kind(outcomes)
    for kind, own in by_kind:
        kind.claim(connection, own)
    _write_tickets(connection, parts)
    for statements, rows_of in EFFECTS:
        rows = [row for part in parts for row in rows_of(part)]
        if rows:
            connection.execute(statements[connection.dialect.name], rows)
    for kind, own in by_kind:
        kind.finish(connection, own)
    for part in parts:
        _take_back(connection, part.decision)
        _release(connection, part)


def _by_kind(outcomes: Sequence[Outcome]) -> list[tuple[type[Cause], list[Outcome]]]:
    """Outcomes by the class of their cause, in one order on every node. Raises LostClaim where one cause has two outcomes."""
    if len({outcome.cause for outcome in outcomes}) < len(outcomes):
        raise LostClaim("one cause cannot have two outcomes")
    found: dict[type[Cause], list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: type(outcome.cause).__name__):
        found.setdefault(type(outcome.cause), []).append(outcome)
    return list(found.items())


def _parts(outcome: Outcome) -> Iterator[Outcome]:
    """One outcome for each ticket that the decision changes."""
    if not outcome.decision.also:
        yield outcome
        return
    for part in outcome.decision.parts:
        ordered = {order.id for order in part.letters}
        letters = tuple(letter for letter in outcome.letters if letter.id in ordered)
        cause = outcome.cause if part is outcome.decision else outcome.cause.on_another_ticket()
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
    if decision.ticket and decision.past.take_back:
        take_back(connection, decision.ticket.id, decision.past.take_back)
    if decision.ticket and decision.past.moved:
        move(connection, decision.ticket.id, decision.past.moved)
    if decision.ticket and decision.past.handover:
        hand_over(connection, decision.ticket, decision.past.handover)


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
    decision = outcome.decision
    if decision.ticket:
        own = outcome.cause.own_message_id if decision.disposition in WITH_EFFECT else None
        for message_id in dict.fromkeys((own, *decision.seen_ids)):
            if message_id:
                yield {"message_id": message_id, "ticket_id": decision.ticket.id}
    for letter in outcome.letters:
        if letter.ticket_id is not None:
            yield {"message_id": letter.message_id, "ticket_id": letter.ticket_id}


def _digest_rows(outcome: Outcome) -> Iterator[Values]:
    """A digest that somebody asked for, or that tells of gathered letters."""
    if outcome.decision.digest is not None and not outcome.cause.writes_digest:
        yield digest_row(outcome.decision.digest, outcome.now)


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
    if one and decision.past.before:
        letters = [letter.id for letter in outcome.letters if not letter.for_staff]
        yield {
            "ticket_id": one.id,
            "version": one.version,
            "cause": str(outcome.cause),
            "actor": decision.events[-1].actor if decision.events else "",
            "at": outcome.now,
            "summary": decision.reason,
            "change": change_of(decision.past.before, one, decision.past.moved, letters)
            | {"lifted": lifted_as_json(decision.lifted)},
        }


def _outbox_rows(outcome: Outcome) -> Iterator[Values]:
    for letter in outcome.letters:
        if letter.to:
            yield content_columns(letter, outcome.places, outcome.cause.mail_id) | {
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
    handed_over = decision.past.handover.shows if decision.past.handover else ()
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


DIALECTS: dict[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
OF_KIND = (timer.c.ticket_id == bindparam("of_ticket"), timer.c.kind == bindparam("of_kind"), PENDING)
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
Effects = tuple[tuple[dict[str, Any], Callable[[Outcome], Iterator[Values]]], ...]
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
    (_same(insert(digest)), _digest_rows),
)
