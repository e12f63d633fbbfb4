"""Stores raw mails before they are parsed, and finds them again to explain a decision. Workers take them by `mail_claims`."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, false, func, insert, or_, select

from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import AnyRow, Database, StaleTicket
from helpdesk.store.identifiers import new_ids
from helpdesk.store.notify import Wake, notify
from helpdesk.store.schema import ARCHIVED, PENDING, inbound, ticket
from helpdesk.store.turn_keys import turn_keys
from helpdesk.store.turns import ARCHIVE, sender_of, turns
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.origin import Origin, origin_from_json

STORE_TRIES = 3
INSERT = insert(inbound)  # one object, so that its compiled form is found without making a key of it
ANY_MAIL = select(exists(select(inbound.c.id)))
Also = Callable[[Connection, Sequence[int]], None]


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A row of the table `inbound`: how a mail came and what was decided. `decision` is empty while the mail is pending."""

    id: int
    door: str
    envelope: Envelope | None
    peer: str
    helo: str
    authenticated_as: str | None
    received_at: datetime
    size: int
    sha256: str
    message_id: str | None
    fingerprint: str | None
    state: Disposition
    attempts: int
    last_error: str | None
    ticket_id: int | None
    ticket: str | None  # reference
    decision: dict[str, Any]
    origin: Origin | None
    finished_at: datetime | None
    dropped_at: datetime | None
    dropped_by: str | None
    stopped_by: str | None  # the rule, entry or header field that kept it out


def store_raw(
    database: Database, blobs: BlobStore, threshold: int, raws: Sequence[RawMessage], now: datetime, *, also: Also | None = None
) -> list[int]:
    """Store mails durably in one transaction, and return their ids in the same order.

    Contents above `threshold` octets go to the blob store first. `also` writes further rows in the same transaction, and rolls it back by
    raising an exception. The mails may be acknowledged when this returns. Raises DatabaseAway or OSError; then no mail is stored.
    """
    rows = [_raw_row(blobs, threshold, raw) for raw in raws]
    for _ in range(STORE_TRIES - 1):
        try:
            return _insert_raw(database, raws, rows, now, also)
        except StaleTicket:  # a new id exists already: draw other ids
            continue
    return _insert_raw(database, raws, rows, now, also)


def pending_count(connection: Connection) -> int:
    """Return the number of mails that wait for a worker."""
    return connection.execute(select(func.count()).select_from(inbound).where(PENDING)).scalar_one()


def counts_by_state(connection: Connection) -> dict[Disposition, int]:
    """Return the number of mails in each state. The sum is the number of all mails that were ever acknowledged."""
    rows = connection.execute(select(inbound.c.state, func.count()).group_by(inbound.c.state))
    return {Disposition(state): count for state, count in rows}


def archived_already(connection: Connection, contents: Sequence[bytes]) -> set[bytes]:
    """Return those of these contents that an earlier archive import has stored, compared by SHA-256."""
    digests = {hashlib.sha256(content).hexdigest(): content for content in contents}
    statement = select(inbound.c.sha256).where(ARCHIVED, inbound.c.sha256.in_(digests))
    return {digests[digest] for digest in connection.execute(statement).scalars()}


def outcomes_of(connection: Connection, ids: Sequence[int]) -> dict[Disposition, int]:
    """Return how many of these mails are in each state."""
    counted = select(inbound.c.state, func.count()).where(inbound.c.id.in_(ids)).group_by(inbound.c.state)
    return {Disposition(state): count for state, count in connection.execute(counted)}


def find_inbound(connection: Connection, key: str) -> list[InboundMail]:
    """Return every arrival of a mail, oldest first, by its inbound id or its Message-ID (with or without angle brackets)."""
    message_id = key.strip().removeprefix("<").removesuffix(">")
    return _inbound_mails(connection, or_(_has_number(key), inbound.c.message_id == message_id))


def list_inbound(connection: Connection, state: Disposition | None = None, limit: int = 100) -> list[InboundMail]:
    """Return the newest mails, newest last; with `state`, only those in that state."""
    found = _inbound_mails(connection, *(() if state is None else (inbound.c.state == state,)), newest=limit)
    return found[::-1]


def has_received_anything(connection: Connection) -> bool:
    """Whether any mail has ever been stored."""
    return bool(connection.execute(ANY_MAIL).scalar_one())


def content_of(connection: Connection, blobs: BlobStore, inbound_id: int) -> bytes | None:
    """Return the original octets of a mail, or None if there is no such mail. Raises OSError or BlobDamaged."""
    row = connection.execute(select(inbound.c.content, inbound.c.sha256).where(inbound.c.id == inbound_id)).one_or_none()
    if row is None:
        return None
    return blobs.get(row.sha256) if row.content is None else bytes(row.content)


def raw_mail(connection: Connection, blobs: BlobStore, inbound_id: int) -> RawMessage | None:
    """Return a mail as its door received it, or None if there is no such mail. Raises OSError or BlobDamaged."""
    row = connection.execute(select(inbound).where(inbound.c.id == inbound_id)).one_or_none()
    if row is None:
        return None
    return raw_of(row, blobs.get(row.sha256) if row.content is None else row.content)


def _raw_row(blobs: BlobStore, threshold: int, raw: RawMessage) -> dict[str, Any]:
    large = len(raw.content) > threshold
    return {
        "door": raw.door,
        "reverse_path": raw.envelope.reverse_path if raw.envelope else None,
        "forward_paths": list(raw.envelope.forward_paths) if raw.envelope else [],
        "peer": raw.peer,
        "sender": sender_of(raw),
        "helo": raw.helo,
        "authenticated_as": raw.authenticated_as,
        "transmission": raw.transmission or None,
        "recent": raw.recent if raw.door == ARCHIVE else None,
        "support_address": raw.support_address or None,
        "whole_size": raw.whole_size or None,
        "received_at": raw.received_at,
        "size": len(raw.content),
        "sha256": blobs.put(raw.content) if large else hashlib.sha256(raw.content).hexdigest(),
        "content": None if large else raw.content,
        "state": Disposition.PENDING,
        "attempts": 0,
    }


def _insert_raw(
    database: Database, raws: Sequence[RawMessage], rows: list[dict[str, Any]], now: datetime, also: Also | None
) -> list[int]:
    numbered = [{"id": number, **row} for number, row in zip(new_ids(now), rows, strict=False)]
    ids = [row["id"] for row in numbered]
    if numbered or also:
        with database.writing() as connection:
            if numbered:
                addresses = [row["reverse_path"] or row["sender"] for row in numbered]
                order = turns(connection, [row["sender"] for row in numbered], addresses, now)
                keys = turn_keys(connection, raws)
                connection.execute(
                    INSERT,
                    [{**row, "turn_at": turn, **key.as_values()} for row, turn, key in zip(numbered, order, keys, strict=True)],
                )
                notify(connection, Wake.MAIL)
            if also:
                also(connection, ids)
    return ids


def raw_of(row: AnyRow, content: bytes) -> RawMessage:
    """Build the mail from a row of `inbound` and its octets."""
    return RawMessage(
        door=row.door,
        envelope=_envelope_of(row),
        content=bytes(content),
        received_at=row.received_at,
        peer=row.peer,
        helo=row.helo,
        authenticated_as=row.authenticated_as,
        transmission=row.transmission or "",
        recent=bool(row.recent),
        support_address=row.support_address or "",
        whole_size=row.whole_size or 0,
        origin=_origin_of(row),
    )


def _origin_of(row: AnyRow) -> Origin | None:
    """Return the stored origin of a mail, or None if this version cannot read it. Then the mail is checked again."""
    if not row.origin:
        return None
    try:
        return origin_from_json(row.origin)
    except (KeyError, TypeError, ValueError):
        return None


def _envelope_of(row: AnyRow) -> Envelope | None:
    return None if row.reverse_path is None else Envelope(row.reverse_path, tuple(row.forward_paths))


def _has_number(key: str) -> ColumnElement[bool]:
    text = key.strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= 18 + 1 and int(text) < 2**63
    return inbound.c.id == int(text) if is_number else false()


def _inbound_mails(connection: Connection, *conditions: ColumnElement[bool], newest: int | None = None) -> list[InboundMail]:
    columns = [column for column in inbound.c if column.name != "content"]
    statement = (
        select(*columns, ticket.c.reference)
        .outerjoin_from(inbound, ticket, inbound.c.ticket_id == ticket.c.id)
        .where(*conditions)
        .order_by(inbound.c.id if newest is None else inbound.c.id.desc())
        .limit(newest)
    )
    return [_inbound_mail(row) for row in connection.execute(statement)]


def _inbound_mail(row: AnyRow) -> InboundMail:
    return InboundMail(
        id=row.id,
        door=row.door,
        envelope=_envelope_of(row),
        peer=row.peer,
        helo=row.helo,
        authenticated_as=row.authenticated_as,
        received_at=row.received_at,
        size=row.size,
        sha256=row.sha256,
        message_id=row.message_id,
        fingerprint=row.fingerprint,
        state=Disposition(row.state),
        attempts=row.attempts,
        last_error=row.last_error,
        ticket_id=row.ticket_id,
        ticket=row.reference,
        decision=row.decision or {},
        origin=_origin_of(row),
        finished_at=row.finished_at,
        dropped_at=row.dropped_at,
        dropped_by=row.dropped_by,
        stopped_by=row.stopped_by,
    )
