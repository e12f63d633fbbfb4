"""Records decisions: all effects of a cause in one transaction or none of them, and never twice."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store.cause import Cause, LostClaim, Outcome
from helpdesk.store.database import Database, StaleTicket, Unstorable, fault_of
from helpdesk.store.effects.counts import CounterChanges
from helpdesk.store.effects.figures import (
    AWAY,
    NEXT_VERSION,
    absence_rows,
    answered_rows,
    measurement_rows,
    version_rows,
    word_rows,
)
from helpdesk.store.effects.inbox import attachment_rows, inbox_rows
from helpdesk.store.effects.letters import (
    FAIL_LETTER,
    LIFT,
    digest_rows,
    failed_rows,
    lifted_rows,
    listed_rows,
    outbox_rows,
    suppression_rows,
    unlisted_rows,
)
from helpdesk.store.effects.messages import image_rows, known_id_rows, message_rows, note_rows, search_rows
from helpdesk.store.effects.statements import Effects, insert_if_new, on_both
from helpdesk.store.effects.threads import write_threads
from helpdesk.store.effects.tickets import (
    PARTICIPANTS,
    check_numbers,
    event_rows,
    participant_rows,
    related_rows,
    undo_rows,
    write_tickets,
)
from helpdesk.store.effects.timers import CANCEL, cancelled_rows, timer_rows
from helpdesk.store.listed_senders import UNLIST, listing_if_new
from helpdesk.store.measurements import SETTLE
from helpdesk.store.notify import Wake, notify
from helpdesk.store.schema import (
    digest,
    event,
    inbound,
    internal_note,
    known_id,
    measurement,
    message,
    outbox,
    platform_attachment,
    platform_inbox,
    related,
    search_words,
    seen_image,
    ticket_words,
    timer,
    undo_step,
)
from helpdesk.store.suppressions import suppression_upsert
from helpdesk.store.undo import hand_over, move, take_back
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import Disposition

Tie = tuple[str, object]  # a key that ties a cause to others, such as its sender


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An outcome that was not recorded, with the fault. The caller looks up again (StaleTicket), drops it (LostClaim) or gives up."""

    outcome: Outcome
    fault: StaleTicket | LostClaim | Unstorable


def record(connection: Connection, outcome: Outcome) -> None:
    """Write all effects of one outcome. The caller must roll the transaction back after any exception.

    Raises LostClaim, StaleTicket, Unstorable or DatabaseAway.
    """
    counts = _write_or_translate(connection, [outcome])
    counts.write(connection)


def record_all(database: Database, outcomes: Sequence[Outcome], ties: Sequence[Collection[Tie]] = ()) -> list[Unrecorded]:
    """Record outcomes in one transaction. Return those that could not be recorded; the others are recorded.

    Several outcomes may change the same ticket only if each expects the version that the one before leaves. `ties` are the keys of each
    outcome: an outcome is not recorded either if an earlier one with an equal key is not. Raises DatabaseAway.
    """
    if not outcomes:
        return []
    try:
        with database.writing() as connection:
            _write(connection, outcomes).write(connection)
        return []
    except (StaleTicket, LostClaim, Unstorable) as fault:
        if len(outcomes) == 1:
            return [Unrecorded(outcomes[0], fault)]
    with database.writing() as connection:
        counts = CounterChanges()
        unrecorded = _write_each(connection, outcomes, ties, counts)
        counts.write(connection)
        return unrecorded


def _write_each(
    connection: Connection, outcomes: Sequence[Outcome], ties: Sequence[Collection[Tie]], counts: CounterChanges
) -> list[Unrecorded]:
    """Write outcomes one after another. Return those that could not be written, and those that must not overtake one of these."""
    unrecorded = []
    faults: dict[Tie, StaleTicket | LostClaim] = {}  # by the keys of what must be decided first
    for outcome, keys in zip(outcomes, ties or [()] * len(outcomes), strict=True):
        before = next((faults[key] for key in keys if key in faults), None)
        left = Unrecorded(outcome, before) if before is not None else _write_apart(connection, outcome, counts)
        if left is not None:
            unrecorded.append(left)
            behind = StaleTicket("an earlier one could not be stored") if isinstance(left.fault, Unstorable) else left.fault
            faults.update(dict.fromkeys(keys, behind))
    return unrecorded


def _write_apart(connection: Connection, outcome: Outcome, counts: CounterChanges) -> Unrecorded | None:
    """Write one outcome within a savepoint, so that its fault does not roll the others back. There is still one commit.

    What was written changes `counts`, which the caller writes at the end.
    """
    try:
        with connection.begin_nested():
            counts.merge(_write_or_translate(connection, [outcome]))
    except (StaleTicket, LostClaim, Unstorable) as fault:
        return Unrecorded(outcome, fault)
    return None


def _write_or_translate(connection: Connection, outcomes: Sequence[Outcome]) -> CounterChanges:
    try:
        return _write(connection, outcomes)
    except (SQLAlchemyError, OverflowError) as error:
        raise fault_of(error) from error


def _write(connection: Connection, outcomes: Sequence[Outcome]) -> CounterChanges:
    """Write outcomes, and return by how much they change the counters."""
    if any(outcome.letters for outcome in outcomes):
        notify(connection, Wake.LETTERS)
    parts = [part for outcome in outcomes for part in _parts(outcome)]
    for part in parts:
        check_numbers(part.decision)
    by_kind = _by_kind(outcomes)
    for kind, own in by_kind:
        kind.claim(connection, own)
    counts = CounterChanges()
    counts.add(connection, parts)
    write_tickets(connection, parts)
    for statements, rows_of in EFFECTS:
        rows = [row for part in parts for row in rows_of(part)]
        if rows:
            connection.execute(statements[connection.dialect.name], rows)
    write_threads(connection, parts)
    for kind, own in by_kind:
        kind.finish(connection, own)
    for part in parts:
        _take_back(connection, part.decision)
        _release(connection, part)
    return counts


def _by_kind(outcomes: Sequence[Outcome]) -> list[tuple[type[Cause], list[Outcome]]]:
    """Group outcomes by the class of their cause, in the same order on every node. Raises LostClaim if a cause has two outcomes."""
    if len({outcome.cause for outcome in outcomes}) < len(outcomes):
        raise LostClaim("one cause cannot have two outcomes")
    found: dict[type[Cause], list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: type(outcome.cause).__name__):
        found.setdefault(type(outcome.cause), []).append(outcome)
    return list(found.items())


def _parts(outcome: Outcome) -> Iterator[Outcome]:
    """Split an outcome into one for each ticket that its decision changes."""
    if not outcome.decision.also:
        yield outcome
        return
    for part in outcome.decision.parts:
        ordered = {order.id for order in part.letters}
        letters = tuple(letter for letter in outcome.letters if letter.id in ordered)
        cause = outcome.cause if part is outcome.decision else outcome.cause.on_another_ticket()
        yield replace(outcome, cause=cause, decision=replace(part, also=()), letters=letters)


def _release(connection: Connection, outcome: Outcome) -> None:
    """Release or discard the held mail whose author answered. Raises StaleTicket if it is no longer held."""
    order = outcome.decision.release
    if order is None:
        return
    held_mail = update(inbound).where(inbound.c.id == order.inbound_id, inbound.c.state == Disposition.HELD)
    if order.release is None:
        change = held_mail.values(state=Disposition.DISCARDED, last_error="dropped by its author")
    else:
        let = order.release
        word = {
            "by": let.by,
            "word": let.word,
            "reference": let.reference,
            "waived": list(let.waived),
            "asked": list(let.asked),
            "addresses": list(let.addresses),
        }
        fresh = {"state": Disposition.PENDING, "attempts": 0, "lease_until": None, "lease_token": None, "finished_at": None}
        change = held_mail.values(**fresh, release=word)
    if connection.execute(change).rowcount != 1 and not order.if_held:
        raise StaleTicket("the held mail has been dealt with by somebody else")


def _take_back(connection: Connection, decision: Decision) -> None:
    """Apply the decision to earlier effects on its ticket: take a step back, move messages, hand a request over."""
    if decision.ticket and decision.past.take_back:
        take_back(connection, decision.ticket.id, decision.past.take_back)
    if decision.ticket and decision.past.moved:
        move(connection, decision.ticket.id, decision.past.moved)
    if decision.ticket and decision.past.handover:
        hand_over(connection, decision.ticket, decision.past.handover)


EFFECTS: Effects = (
    (PARTICIPANTS, participant_rows),
    (on_both(insert(message)), message_rows),
    (on_both(insert(internal_note)), note_rows),
    (on_both(insert(search_words)), search_rows),
    (on_both(insert(event)), event_rows),
    (insert_if_new(known_id), known_id_rows),
    (insert_if_new(related), related_rows),
    (insert_if_new(seen_image), image_rows),
    (on_both(CANCEL), cancelled_rows),
    (on_both(insert(timer)), timer_rows),
    (on_both(insert(outbox)), outbox_rows),
    (on_both(FAIL_LETTER), failed_rows),
    (on_both(LIFT), lifted_rows),
    (suppression_upsert(), suppression_rows),
    (on_both(UNLIST), unlisted_rows),
    (listing_if_new(), listed_rows),
    (insert_if_new(platform_attachment), attachment_rows),
    (on_both(insert(platform_inbox).inline()), inbox_rows),  # without asking for the new id, as for several rows
    (on_both(insert(undo_step)), undo_rows),
    (on_both(AWAY), absence_rows),
    (NEXT_VERSION, version_rows),
    (on_both(insert(measurement)), measurement_rows),
    (on_both(SETTLE), answered_rows),
    (on_both(insert(ticket_words)), word_rows),
    (on_both(insert(digest)), digest_rows),
)
