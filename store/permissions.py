"""Checks the recorded answers to questions for permission against everything else that the store holds about them.

Nothing but the store is needed: the question, the answer and the proof are hashed again, the events must name that record, and the mail
that brought the answer must be there with the octets that it had.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.inbound import content_of
from helpdesk.store.schema import event, inbound, message
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.permission import Permission, PermissionAnswer, record_of
from helpdesk.threading.model.ticket import Ticket

MAIL = "mail:"


@dataclass(frozen=True, slots=True)
class PermissionCheck:
    """A question, and what is wrong with its record; nothing where all agrees."""

    permission: Permission
    faults: tuple[str, ...] = ()


def check_permissions(connection: Connection, blobs: BlobStore, ticket: Ticket) -> list[PermissionCheck]:
    """Check every question of a ticket."""
    rows = connection.execute(select(event.c.kind, event.c.detail, event.c.actor).where(event.c.ticket_id == ticket.id)).all()
    events = [(row.kind, row.detail, row.actor) for row in rows]
    return [PermissionCheck(asked, tuple(_faults(connection, blobs, ticket, asked, events))) for asked in ticket.permissions]


def _faults(
    connection: Connection, blobs: BlobStore, ticket: Ticket, asked: Permission, events: list[tuple[str, str, str]]
) -> list[str]:
    faults: list[str] = []
    begins = f"{asked.number}: {asked.text}"
    if not any(kind == "permission_asked" and begins.startswith(detail) for kind, detail, _ in events):
        faults.append("no event has this question")
    if asked.is_open:
        return faults
    if asked.record != record_of(asked, ticket.reference):
        faults.append("question, answer and proof do not give the record that was made with the answer")
    ended = asked.answer is PermissionAnswer.EXPIRED
    kind = "permission_ended" if ended else "permission_answered"
    if not any(known == kind and detail.endswith(f"record {asked.record}") for known, detail, _ in events):
        faults.append("no event has this record")
    opposite = any(known == "permission_contradicted" and detail.startswith(f"{asked.number}: ") for known, detail, _ in events)
    if opposite is not (asked.contradicted_at is not None):
        faults.append("the question and the events do not agree on whether the answer was contradicted later")
    if ended:
        return faults
    if asked.proof.by not in (asked.asked_of, "platform") or asked.proof.assurance not in {level.value for level in SURE}:
        faults.append("its author is not the person who was asked, or was not proved")
    if asked.answered_at is None or not asked.asked_at <= asked.answered_at < asked.until:
        faults.append("the answer is not of the time for an answer")
    return faults + (_of_mail(connection, blobs, ticket, asked) if asked.proof.cause else _of_platform(connection, ticket, asked))


def _of_mail(connection: Connection, blobs: BlobStore, ticket: Ticket, asked: Permission) -> list[str]:
    number = asked.proof.cause.removeprefix(MAIL)
    row = (
        connection.execute(select(inbound.c.ticket_id).where(inbound.c.id == int(number))).one_or_none()
        if number.isdigit()
        else None
    )
    if row is None:
        return [f"the mail {asked.proof.cause} is not here"]
    faults = [] if row.ticket_id == ticket.id else [f"the mail {asked.proof.cause} is not one of this ticket"]
    try:
        content = content_of(connection, blobs, int(number))
    except (OSError, BlobDamaged) as fault:
        return [*faults, f"the octets of the mail {asked.proof.cause} cannot be read: {fault}"]
    if content is None or hashlib.sha256(content).hexdigest() != asked.proof.sha256:
        faults.append(f"the octets of the mail {asked.proof.cause} are not those that were recorded")
    return faults


def _of_platform(connection: Connection, ticket: Ticket, asked: Permission) -> list[str]:
    texts = connection.execute(select(message.c.text).where(message.c.ticket_id == ticket.id)).scalars()
    known = {hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest() for text in texts}
    return [] if asked.proof.sha256 in known else ["the words in the platform are not those that were recorded"]
