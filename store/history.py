"""Reads everything about one ticket, internal notes included, for staff and operators only.

Code that customers can reach must not import this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from helpdesk.store.measurements import measurement_of
from helpdesk.store.merges import merges_of
from helpdesk.store.outbox import OutboxLetter, letters_of
from helpdesk.store.schema import event, internal_note, message, related, ticket
from helpdesk.store.tickets import find_ticket
from helpdesk.store.timers import TicketTimer, timers_of
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.event import Event
from helpdesk.threading.model.message import Direction, InternalNote, Message
from helpdesk.threading.model.sentence import unpacked
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reporting.facts import MeasuredFacts


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """A ticket with all that happened on it, each list oldest first."""

    ticket: Ticket
    messages: tuple[Message, ...]
    notes: tuple[InternalNote, ...]
    events: tuple[Event, ...]
    letters: tuple[OutboxLetter, ...]
    timers: tuple[TicketTimer, ...]
    related: tuple[str, ...]  # references of linked tickets, in either direction
    measured: MeasuredFacts | None = None  # the expected time to its first answer, and the real one
    origins: Mapping[int, str] = field(
        default_factory=dict
    )  # of messages and notes, by their ids: the merged request's reference


def ticket_history(connection: Connection, reference: str) -> TicketHistory | None:
    """Return the history of a ticket by its reference, in upper or lower case; None if there is no such ticket.

    The messages and notes of the tickets that were merged into it stand among its own. Each of those tickets keeps its own events and
    letters.
    """
    found = find_ticket(connection, reference)
    if found is None:
        return None
    merges = merges_of(connection, (found.id,))
    messages = {number: messages_of(connection, number) for number in merges.shared}
    notes = {number: notes_of(connection, number) for number in merges.shared}
    origins = {message.id: merges.references[gone] for gone in merges.references for message in messages[gone]}
    origins |= {note.id: merges.references[gone] for gone in merges.references for note in notes[gone]}
    return TicketHistory(
        ticket=found,
        messages=tuple(sorted((said for part in messages.values() for said in part), key=lambda said: (said.at, said.id))),
        notes=tuple(sorted((note for part in notes.values() for note in part), key=lambda note: (note.at, note.id))),
        events=events_of(connection, found.id),
        letters=tuple(letters_of(connection, found.id)),
        timers=tuple(timers_of(connection, found.id)),
        related=_references_of_related(connection, found.id),
        measured=measurement_of(connection, found.id),
        origins=origins,
    )


def messages_of(connection: Connection, ticket_id: int) -> tuple[Message, ...]:
    statement = select(message).where(message.c.ticket_id == ticket_id).order_by(message.c.at, message.c.id)
    return tuple(
        Message(
            id=row.id,
            direction=Direction(row.direction),
            author=row.author,
            assurance=Assurance(row.assurance),
            text=row.text,
            elided_text=row.elided_text,
            attachments=tuple(row.attachments),
            message_id=row.message_id,
            at=row.at,
            subject=row.subject,
        )
        for row in connection.execute(statement)
    )


def notes_of(connection: Connection, ticket_id: int) -> tuple[InternalNote, ...]:
    statement = (
        select(internal_note).where(internal_note.c.ticket_id == ticket_id).order_by(internal_note.c.at, internal_note.c.id)
    )
    return tuple(
        InternalNote(row.id, row.author, row.text, row.at, row.unasked, tuple(row.attachments), row.file_words)
        for row in connection.execute(statement)
    )


def events_of(connection: Connection, ticket_id: int) -> tuple[Event, ...]:
    statement = select(event).where(event.c.ticket_id == ticket_id).order_by(event.c.number)
    return tuple(
        Event(
            number=row.number,
            kind=row.kind,
            actor=row.actor,
            at=row.at,
            from_status=Status(row.from_status) if row.from_status else None,
            to_status=Status(row.to_status) if row.to_status else None,
            detail=unpacked(row.detail),
            policy=row.policy,
        )
        for row in connection.execute(statement)
    )


def _references_of_related(connection: Connection, ticket_id: int) -> tuple[str, ...]:
    linked = select(related.c.other_id).where(related.c.ticket_id == ticket_id)
    linking = select(related.c.ticket_id).where(related.c.other_id == ticket_id)
    statement = select(ticket.c.reference).where(ticket.c.id.in_(linked.union(linking))).order_by(ticket.c.id)
    return tuple(connection.execute(statement).scalars())
