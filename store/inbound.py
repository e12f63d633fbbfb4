"""Raw mails: stored before they are understood, claimed one worker at a time, found again to explain them."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, false, func, insert, null, or_, select, update

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import AnyRow, Database, StaleTicket
from helpdesk.store.identifiers import new_ids
from helpdesk.store.schema import ARCHIVED, PENDING, inbound, outbox, ticket
from helpdesk.store.turns import ARCHIVE, sender_of, turns
from helpdesk.threading.model.held import HeldOver, Let, Release
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.origin import Origin, origin_from_json

TOKEN_BITS = 63
STORE_TRIES = 3
DROPPABLE = (Disposition.QUARANTINED, Disposition.HELD)
Also = Callable[[Connection, Sequence[int]], None]
REPLAYABLE = (Disposition.QUARANTINED, Disposition.REFUSED, Disposition.DISCARDED, Disposition.HELD)


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A pending mail that this worker holds until its lease ends. `attempts` counts this one too."""

    id: int
    lease_token: int
    attempts: int
    raw: RawMessage
    release: Release | None = None
    decided_before: int = 0


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail's own line in the books: how it came, and what was decided. `decision` is empty while it is pending."""

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


def store_raw(
    database: Database, blobs: BlobStore, threshold: int, raws: Sequence[RawMessage], now: datetime, *, also: Also | None = None
) -> list[int]:
    """Make mails durable, all in one transaction, and return their ids in the same order.

    Contents above `threshold` octets go to the blob store first. `also` writes what belongs to them in the same transaction, and undoes
    it by raising. When this returns, they may be acknowledged. Raises DatabaseAway or OSError; then none is stored.
    """
    rows = [_raw_row(blobs, threshold, raw) for raw in raws]
    for _ in range(STORE_TRIES - 1):
        try:
            return _insert_raw(database, rows, now, also)
        except StaleTicket:  # two ids drawn alike: draw again
            continue
    return _insert_raw(database, rows, now, also)


def claim_mail(
    database: Database,
    blobs: BlobStore,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    max_bytes: int,
    token: int | None = None,
) -> list[ClaimedMail]:
    """Take the pending mails that nobody holds and whose turn comes first: at most `limit`, and no further one once `max_bytes` are
    reached. They are in the order in which they came.

    The attempt, the lease and a fresh fencing token are committed before this returns, so a mail that kills its worker is counted.
    Whoever brings a fresh `token` himself can let go of a claim of whose commit he never learnt (`release_mails`).
    Mails whose content cannot be read are left out: put back for later, or quarantined where the content is damaged.
    """
    token = new_token() if token is None else token
    values = {"now": now, "limit": limit, "max_bytes": max_bytes, "until": now + lease, "token": token}
    with database.writing() as connection:
        rows = sorted(connection.execute(CLAIM, values).all(), key=lambda row: int(row.id))
    claimed = []
    for row in rows:
        content = row.content if row.content is not None else _blob_of(database, blobs, row, now + lease)
        if content is not None:
            raw, release = _raw_of(row, content), release_of(row.release)
            claimed.append(ClaimedMail(row.id, row.lease_token, row.attempts, raw, release, _decided_before(row)))
    return claimed


def release_of(word: dict[str, Any] | None) -> Release | None:
    """The word of its author that stands with a mail which was held."""
    if not word:
        return None
    waived, asked = (tuple(HeldOver(rule) for rule in word[name]) for name in ("waived", "asked"))
    return Release(word["by"], Let(word["word"]), word["reference"], waived, asked)


def _decided_before(row: AnyRow) -> int:
    return int(row.decision.get("decided_before", 0)) + 1 if row.decision else 0


def new_token() -> int:
    """A fencing token that nobody has had."""
    return secrets.randbits(TOKEN_BITS)


def release_mails(database: Database, token: int, now: datetime) -> int:
    """Let go of every mail of one claim that is not settled; the attempt is taken back. How many there were."""
    statement = (
        update(inbound)
        .where(PENDING, inbound.c.lease_token == token)
        .values(lease_until=now, lease_token=None, attempts=inbound.c.attempts - 1)
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount


def give_back(database: Database, claimed: ClaimedMail, error: str, retry_at: datetime, *, counted: bool = True) -> bool:
    """Let go of a mail that could not be processed; nobody takes it before `retry_at`.

    With `counted` false (a node that stops) the attempt is taken back. False where the lease had been lost.
    """
    statement = (
        update(inbound)
        .where(inbound.c.id == claimed.id, inbound.c.lease_token == claimed.lease_token, PENDING)
        .values(
            lease_until=retry_at,
            lease_token=None,
            last_error=error or inbound.c.last_error,
            attempts=inbound.c.attempts - (0 if counted else 1),
        )
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount == 1


def replay(database: Database, inbound_id: int) -> bool:
    """Make a mail pending again that had no effect (quarantined, refused, discarded, held). False where it had one, or where it
    was dropped and its content has been forgotten."""
    return _replay(database, inbound.c.id == inbound_id, inbound.c.state.in_(REPLAYABLE)) == 1


def replay_quarantined(database: Database) -> int:
    """The same for every quarantined mail; how many there were."""
    return _replay(database, inbound.c.state == Disposition.QUARANTINED)


def drop(database: Database, inbound_id: int, by: str, now: datetime) -> bool:
    """Discard a quarantined or held mail for good, and keep who did it and when. False where there is no such mail.

    Its content stays until `forget_dropped`; until then it can be replayed.
    """
    statement = (
        update(inbound)
        .where(inbound.c.id == inbound_id, inbound.c.state.in_(DROPPABLE))
        .values(state=Disposition.DISCARDED, dropped_at=now, dropped_by=by, finished_at=now, lease_until=None, lease_token=None)
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount == 1


def forget_dropped(database: Database, before: datetime) -> int:
    """Empty the content of mails that were dropped before that moment; how many. Their line in the books stays.

    A content in the blob store stays too: another mail with the same octets may be on its way into the books. So does one that has a file
    of a letter in it which has not left yet.
    """
    statement = (
        update(inbound)
        .where(inbound.c.dropped_at < before, inbound.c.state == Disposition.DISCARDED, func.length(inbound.c.content) > 0)
        .where(~NEEDED_BY_A_LETTER)
        .values(content=b"")
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount


def pending_count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(inbound).where(PENDING)).scalar_one()


def counts_by_state(connection: Connection) -> dict[Disposition, int]:
    """How many mails ended how: their sum is every mail that was ever acknowledged."""
    rows = connection.execute(select(inbound.c.state, func.count()).group_by(inbound.c.state))
    return {Disposition(state): count for state, count in rows}


def archived_already(connection: Connection, contents: Sequence[bytes]) -> set[bytes]:
    """Which of these mails an earlier import has stored, octet for octet."""
    digests = {hashlib.sha256(content).hexdigest(): content for content in contents}
    statement = select(inbound.c.sha256).where(ARCHIVED, inbound.c.sha256.in_(digests))
    return {digests[found] for found in connection.execute(statement).scalars()}


def outcomes_of(connection: Connection, ids: Sequence[int]) -> dict[Disposition, int]:
    """What has become of mails, counted."""
    counted = select(inbound.c.state, func.count()).where(inbound.c.id.in_(ids)).group_by(inbound.c.state)
    return {Disposition(state): count for state, count in connection.execute(counted)}


def find_inbound(connection: Connection, key: str) -> list[InboundMail]:
    """Every arrival of a mail, oldest first, by our number or by its Message-ID (with or without angle brackets)."""
    message_id = key.strip().removeprefix("<").removesuffix(">")
    return _inbound_mails(connection, or_(_has_number(key), inbound.c.message_id == message_id))


def list_inbound(connection: Connection, state: Disposition | None = None, limit: int = 100) -> list[InboundMail]:
    """The newest mails, newest last; of one state where it is named."""
    found = _inbound_mails(connection, *(() if state is None else (inbound.c.state == state,)), newest=limit)
    return found[::-1]


def content_of(connection: Connection, blobs: BlobStore, inbound_id: int) -> bytes | None:
    """The octets of a mail as they came; None where there is no such mail. Raises OSError or BlobDamaged."""
    row = connection.execute(select(inbound.c.content, inbound.c.sha256).where(inbound.c.id == inbound_id)).one_or_none()
    if row is None:
        return None
    return blobs.get(row.sha256) if row.content is None else bytes(row.content)


def raw_mail(connection: Connection, blobs: BlobStore, inbound_id: int) -> RawMessage | None:
    """A mail as it came through its door; None where there is no such mail. Raises OSError or BlobDamaged."""
    row = connection.execute(select(inbound).where(inbound.c.id == inbound_id)).one_or_none()
    if row is None:
        return None
    return _raw_of(row, blobs.get(row.sha256) if row.content is None else row.content)


def _claim() -> Any:
    """One statement for both databases; SQLite leaves the lock clause out and needs none, its writer being alone."""
    free = or_(inbound.c.lease_until.is_(None), inbound.c.lease_until <= bindparam("now"))
    picked = (
        select(inbound.c.id, inbound.c.size, inbound.c.turn_at)
        .where(PENDING, free)
        .order_by(inbound.c.turn_at, inbound.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    before = func.sum(picked.c.size).over(order_by=(picked.c.turn_at, picked.c.id)) - picked.c.size
    fitting = select(picked.c.id, before.label("before")).cte("fitting")
    return (
        update(inbound)
        .where(inbound.c.id.in_(select(fitting.c.id).where(fitting.c.before < bindparam("max_bytes"))))
        .values(
            attempts=inbound.c.attempts + 1,
            lease_until=bindparam("until"),
            lease_token=bindparam("token"),
        )
        .returning(*inbound.c)
    )


CLAIM = _claim()
NEEDED_BY_A_LETTER = exists(
    select(outbox.c.id).where(outbox.c.files_of == inbound.c.id, outbox.c.state.not_in(("sent", "failed", "suppressed")))
)


def _replay(database: Database, *conditions: ColumnElement[bool]) -> int:
    is_there = or_(inbound.c.content.is_(None), func.length(inbound.c.content) == inbound.c.size)
    statement = (
        update(inbound)
        .where(is_there, *conditions)
        .values(
            state=Disposition.PENDING, attempts=0, lease_until=None, lease_token=None, finished_at=None,
            dropped_at=None, dropped_by=None,
        )
    )  # fmt: skip
    with database.writing() as connection:
        return connection.execute(statement).rowcount


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
        "received_at": raw.received_at,
        "size": len(raw.content),
        "sha256": blobs.put(raw.content) if large else hashlib.sha256(raw.content).hexdigest(),
        "content": None if large else raw.content,
        "state": Disposition.PENDING,
        "attempts": 0,
    }


def _insert_raw(database: Database, rows: list[dict[str, Any]], now: datetime, also: Also | None) -> list[int]:
    numbered = [{"id": number, **row} for number, row in zip(new_ids(now), rows, strict=False)]
    ids = [row["id"] for row in numbered]
    if numbered or also:
        with database.writing() as connection:
            if numbered:
                addresses = [row["reverse_path"] or row["sender"] for row in numbered]
                order = turns(connection, [row["sender"] for row in numbered], addresses, now)
                connection.execute(insert(inbound), [{**row, "turn_at": turn} for row, turn in zip(numbered, order, strict=True)])
            if also:
                also(connection, ids)
    return ids


def _blob_of(database: Database, blobs: BlobStore, row: AnyRow, retry_at: datetime) -> bytes | None:
    ours = update(inbound).where(inbound.c.id == row.id, inbound.c.lease_token == row.lease_token, PENDING)
    try:
        return blobs.get(row.sha256)
    except BlobDamaged as error:
        fate = ours.values(state=Disposition.QUARANTINED, last_error=str(error), lease_until=null(), lease_token=null())
    except OSError as error:  # the folder is away: no fault of the mail, so the attempt does not count
        fate = ours.values(attempts=inbound.c.attempts - 1, last_error=str(error), lease_until=retry_at, lease_token=null())
    with database.writing() as connection:
        connection.execute(fate)
    return None


def _raw_of(row: AnyRow, content: bytes) -> RawMessage:
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
        origin=_origin_of(row),
    )


def _origin_of(row: AnyRow) -> Origin | None:
    """None also where a later version wrote it: then the mail is checked again."""
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
    )
