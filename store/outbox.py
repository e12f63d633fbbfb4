"""The outbox: one sender at a time claims a letter, and records what the relay replied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, exists, insert, select, update

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import AnyRow, Database
from helpdesk.store.identifiers import new_token
from helpdesk.store.letter_files import FilesAway, LetterReader
from helpdesk.store.lists import among
from helpdesk.store.schema import DELAY_UNTOLD, FAILED_UNTOLD, UNSENT, attempt, hold, outbox, ticket
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import DeliveryOutcome


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter that this sender holds until its lease ends. `attempts` includes the present one.

    `uncertain` counts earlier attempts with an unknown outcome, after which the relay may already have the letter. `trouble` says in one
    line why the octets of the letter cannot be put together now; then `content` is empty.
    """

    id: int
    lease_token: int
    attempts: int
    uncertain: int
    recipient: str
    reverse_path: str
    content: bytes
    message_id: str
    created_at: datetime
    notice: str
    ticket_id: int | None
    for_staff: bool
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What the relay replied (RFC 5321 §4.2). `state` is SENT, DEFERRED or FAILED. `code` is None if there was no reply.

    `next_attempt_at` is for deferred letters. `uncertain` means that the connection was lost after the final dot, so the relay may have the
    letter.
    """

    state: LetterState
    code: int | None
    reply: str
    next_attempt_at: datetime | None = None
    uncertain: bool = False
    status: str | None = None  # enhanced status code (RFC 3463)


@dataclass(frozen=True, slots=True)
class OutboxLetter:
    """A letter as a listing shows it."""

    id: int
    ticket: str | None  # reference
    ticket_id: int | None
    participant: int
    notice: str
    audience: str
    to: str
    state: LetterState
    attempts: int
    uncertain: int
    next_attempt_at: datetime | None
    last_reply: str | None
    message_id: str
    subject: str
    automatic: bool
    cause: str
    at: datetime


class AttemptOutcome(StrEnum):
    """How one attempt to send a letter ended."""

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # the outcome is unknown: the relay may have the letter


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a letter."""

    at: datetime
    outcome: AttemptOutcome
    code: int | None
    reply: str
    status: str | None = None  # enhanced status code (RFC 3463), if the reply has one


@dataclass(frozen=True, slots=True)
class LetterCause(Cause):
    """A letter of this desk that failed or has been delayed for long. `reply` is the last reply of the relay."""

    letter_id: int
    delivery: DeliveryOutcome
    reply: str

    def __str__(self) -> str:
        return f"letter:{self.letter_id}:{self.delivery}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Check that each letter is still in the state to report and has not been reported. A letter occurs once in a transaction."""
        causes = causes_of(cls, outcomes)
        columns = (outbox.c.id, outbox.c.state, *(outbox.c[name] for _, name in TOLD.values()))
        statement = select(*columns).where(outbox.c.id.in_([cause.letter_id for cause in causes]))
        rows = {row.id: row for row in connection.execute(statement.order_by(outbox.c.id).with_for_update())}
        for cause in causes:
            row, (state, told_at) = rows.get(cause.letter_id), TOLD[cause.delivery]
            if row is None or row.state != state or getattr(row, told_at) is not None:
                raise LostClaim(f"{cause} is told, or is so no longer")

    @classmethod
    def finish(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        reported = list(zip(causes_of(cls, outcomes), outcomes, strict=True))
        for delivery, (_, told_at) in TOLD.items():
            rows = [{"key": cause.letter_id, "now": outcome.now} for cause, outcome in reported if cause.delivery is delivery]
            if rows:
                statement = update(outbox).where(outbox.c.id == bindparam("key")).values({told_at: bindparam("now")})
                connection.execute(statement, rows)


def claim_letters(
    database: Database,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    token: int | None = None,
    blobs: BlobStore | None = None,
) -> list[ClaimedLetter]:
    """Claim at most `limit` due letters, longest due first, including those whose sender died. Claims none while letters are held.

    The attempt and a new fencing token are committed before this returns. A caller that passes a new `token` can release the claim when it
    does not know whether the commit succeeded (`release_letters`). Files of letters that are not in the database are read from `blobs`.
    """
    token, until = new_token() if token is None else token, now + lease
    with database.writing() as connection:
        due = connection.execute(DUE, {"now": now, "limit": limit}).all()
        lost = [row.id for row in due if row.state == LetterState.SENDING]
        if not due:
            return []
        if lost:
            connection.execute(
                insert(attempt), [_attempt_row(number, now, AttemptOutcome.UNCERTAIN, None, "") for number in lost]
            )
        values = {"token": token, "until": until}
        claimed = connection.execute(TAKE, {"ids": [row.id for row in due], **values}).all()
    order = {row.id: place for place, row in enumerate(due)}
    return _with_contents(database, blobs, sorted(claimed, key=lambda row: order[row.id]))


def settle(database: Database, claimed: ClaimedLetter, outcome: SendOutcome, now: datetime) -> bool:
    """Record how an attempt ended. Return False if the lease was lost; then another sender is responsible for the letter."""
    return settle_all(database, [(claimed, outcome)], now)[0]


def settle_all(database: Database, settled: Sequence[tuple[ClaimedLetter, SendOutcome]], now: datetime) -> list[bool]:
    """Record in one transaction how many attempts ended, as `settle` does for one. A letter occurs once in it."""
    with database.writing() as connection:
        held = _held(connection, [claimed for claimed, _ in settled])
        ours = [(claimed, outcome) for claimed, outcome in settled if held.get(claimed.id) == claimed.lease_token]
        if ours:
            connection.execute(SETTLE, [_settled_values(claimed, outcome) for claimed, outcome in ours])
            connection.execute(ADD_ATTEMPT, [_attempt_of(claimed, outcome, now) for claimed, outcome in ours])
    return [held.get(claimed.id) == claimed.lease_token for claimed, _ in settled]


def release_letters(database: Database, token: int, now: datetime) -> int:
    """Release every letter of one claim, before any was tried. Return how many there were."""
    statement = (
        update(outbox)
        .where(outbox.c.lease_token == token, outbox.c.state == LetterState.SENDING)
        .values(_values_before_claim(now))
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount


def give_back_letters(database: Database, claimed: Sequence[ClaimedLetter], due: datetime) -> int:
    """Release letters that were not tried; they are due again at `due`. Return how many this sender still held."""
    statement = update(outbox).where(*OURS).values(_values_before_claim(bindparam("due")))
    rows = [{"key": letter.id, "token": letter.lease_token, "due": due} for letter in claimed]
    if not rows:
        return 0
    with database.writing() as connection:
        return connection.execute(statement, rows).rowcount


def give_up_letters(database: Database, created_before: datetime, reply: str, now: datetime, *, limit: int = 1000) -> int:
    """Give up due letters created before `created_before` that no sender holds, because the relay is away. Return how many.

    `reply` is recorded as the reply to one more attempt, without a code.
    """
    with database.writing() as connection:
        ids = connection.execute(OVERDUE, {"now": now, "created_before": created_before, "limit": limit}).scalars().all()
        if not ids:
            return 0
        connection.execute(GIVE_UP, {"ids": ids, "reply": reply})
        connection.execute(insert(attempt), [_attempt_row(number, now, AttemptOutcome.FAILED, None, reply) for number in ids])
        return len(ids)


def outcomes_to_report(connection: Connection, created_before: datetime | None, limit: int) -> list[LetterCause]:
    """Return the outcomes that have not been reported to the team: failed letters and delayed letters.

    Delayed letters are those to customers that were created before `created_before` and were tried without success. None omits them.
    """
    failed = connection.execute(FAILED.limit(limit)).all()
    causes = [LetterCause(row.id, DeliveryOutcome.FAILED, row.last_reply or "") for row in failed]
    if created_before is None:
        return causes
    delayed = connection.execute(DELAYED.limit(limit), {"created_before": created_before}).all()
    return [*causes, *(LetterCause(row.id, DeliveryOutcome.DELAYED, row.last_reply or "") for row in delayed)]


def leave_unreported(database: Database, cause: LetterCause, now: datetime) -> None:
    """Mark an outcome as reported although it could not be reported, so that it does not block others."""
    state, told_at = TOLD[cause.delivery]
    with database.writing() as connection:
        unreported = (outbox.c.id == cause.letter_id, outbox.c.state == state, outbox.c[told_at].is_(None))
        connection.execute(update(outbox).where(*unreported).values({told_at: now}))


def list_letters(
    connection: Connection, state: str | None = None, limit: int = 100, *, to: str | None = None
) -> list[OutboxLetter]:
    """Return the newest letters, newest first; with `state` or `to` only those in that state or to that address."""
    statement = LISTED.order_by(outbox.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(outbox.c.state == state)
    if to is not None:
        statement = statement.where(outbox.c.recipient == to)
    return [_outbox_letter(row) for row in connection.execute(statement)]


def letters_of(connection: Connection, ticket_id: int) -> list[OutboxLetter]:
    """Return all letters of a ticket, oldest first."""
    statement = LISTED.where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.id)
    return [_outbox_letter(row) for row in connection.execute(statement)]


def find_letter(connection: Connection, letter_id: int) -> OutboxLetter | None:
    row = connection.execute(LISTED.where(outbox.c.id == letter_id)).one_or_none()
    return None if row is None else _outbox_letter(row)


def content_of_letter(connection: Connection, letter_id: int, blobs: BlobStore | None = None) -> bytes | None:
    """Return the octets that every attempt sends, or None if there is no such letter. Raises FilesAway."""
    columns = (outbox.c.content, outbox.c.files, outbox.c.files_of)
    row = connection.execute(select(*columns).where(outbox.c.id == letter_id)).one_or_none()
    return None if row is None else LetterReader(connection, blobs).content(row)


def words_of_letter(connection: Connection, letter_id: int) -> bytes | None:
    """Return a letter without the files that are stored elsewhere, or None if there is no such letter."""
    content = connection.execute(select(outbox.c.content).where(outbox.c.id == letter_id)).scalar()
    return None if content is None else bytes(content)


def attempts_of(connection: Connection, letter_id: int) -> list[Attempt]:
    statement = select(attempt).where(attempt.c.outbox_id == letter_id).order_by(attempt.c.id)
    return [
        Attempt(row.at, AttemptOutcome(row.outcome), row.code, row.reply, row.status) for row in connection.execute(statement)
    ]


def _values_before_claim(now: Any) -> dict[str, Any]:
    return {
        "state": case((outbox.c.attempts > 1, LetterState.DEFERRED.value), else_=LetterState.QUEUED.value),
        "attempts": outbox.c.attempts - 1,
        "next_attempt_at": now,
        "lease_until": None,
        "lease_token": None,
    }


def _held(connection: Connection, claimed: Sequence[ClaimedLetter]) -> dict[int, int]:
    """The fencing tokens of those letters that are being sent. Their rows stay locked until the transaction ends."""
    return {row.id: row.lease_token for row in connection.execute(HELD, {"ids": [letter.id for letter in claimed]})}


def _settled_values(claimed: ClaimedLetter, outcome: SendOutcome) -> dict[str, Any]:
    return {
        "key": claimed.id,
        "token": claimed.lease_token,
        "new_state": outcome.state,
        "new_reply": outcome.reply if outcome.code is None else f"{outcome.code} {outcome.reply}".strip(),
        "next": outcome.next_attempt_at if outcome.state is LetterState.DEFERRED else None,
        "doubt": int(outcome.uncertain),
    }


def _attempt_of(claimed: ClaimedLetter, outcome: SendOutcome, now: datetime) -> dict[str, Any]:
    kind = AttemptOutcome.UNCERTAIN if outcome.uncertain else AttemptOutcome(outcome.state)
    return _attempt_row(claimed.id, now, kind, outcome.code, outcome.reply, outcome.status)


def _attempt_row(
    letter_id: int, at: datetime, outcome: AttemptOutcome, code: int | None, reply: str, status: str | None = None
) -> dict[str, Any]:
    return {"outbox_id": letter_id, "at": at, "outcome": outcome, "code": code, "reply": reply, "status": status}


def _with_contents(database: Database, blobs: BlobStore | None, rows: Sequence[AnyRow]) -> list[ClaimedLetter]:
    """Put the claimed letters together. Most letters have no files and need no second query."""
    if not any(row.files for row in rows):
        return [_claimed_letter(row, bytes(row.content)) for row in rows]
    letters = []
    with database.reading() as connection:
        reader = LetterReader(connection, blobs)
        for row in rows:
            try:
                letters.append(_claimed_letter(row, reader.content(row)))
            except FilesAway as fault:
                letters.append(_claimed_letter(row, b"", str(fault)))
    return letters


def _claimed_letter(row: AnyRow, content: bytes, trouble: str = "") -> ClaimedLetter:
    return ClaimedLetter(
        id=row.id,
        lease_token=row.lease_token,
        attempts=row.attempts,
        uncertain=row.uncertain,
        recipient=row.recipient,
        reverse_path=row.reverse_path,
        content=content,
        message_id=row.message_id,
        created_at=row.created_at,
        notice=row.notice,
        ticket_id=row.ticket_id,
        for_staff=row.audience == "staff",
        trouble=trouble,
    )


def _outbox_letter(row: AnyRow) -> OutboxLetter:
    return OutboxLetter(
        id=row.id,
        ticket=row.reference,
        ticket_id=row.ticket_id,
        participant=row.participant,
        notice=row.notice,
        audience=row.audience,
        to=row.recipient,
        state=LetterState(row.state),
        attempts=row.attempts,
        uncertain=row.uncertain,
        next_attempt_at=row.next_attempt_at,
        last_reply=row.last_reply,
        message_id=row.message_id,
        subject=row.subject,
        automatic=row.automatic,
        cause=row.cause,
        at=row.created_at,
    )


def _select_letters() -> Select[*tuple[Any, ...]]:
    columns = [column for column in outbox.c if column.name not in ("content", "files", "files_of", "lease_token", "lease_until")]
    return select(*columns, ticket.c.reference).outerjoin_from(outbox, ticket, outbox.c.ticket_id == ticket.c.id)


TOLD = {
    DeliveryOutcome.FAILED: (LetterState.FAILED, "failure_told_at"),
    DeliveryOutcome.DELAYED: (LetterState.DEFERRED, "delay_told_at"),
}
LISTED = _select_letters()
NOT_HELD = ~exists(select(hold.c.id))
DUE = (
    select(outbox.c.id, outbox.c.state)
    .where(UNSENT, outbox.c.next_attempt_at <= bindparam("now"), NOT_HELD)
    .order_by(outbox.c.next_attempt_at, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
OVERDUE = (
    select(outbox.c.id)
    .where(UNSENT, outbox.c.next_attempt_at <= bindparam("now"), outbox.c.state != LetterState.SENDING)
    .where(outbox.c.created_at <= bindparam("created_before"), NOT_HELD)
    .order_by(outbox.c.next_attempt_at, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
GIVE_UP = (
    update(outbox)
    .where(among(outbox.c.id, "ids"))
    .values(state=LetterState.FAILED, attempts=outbox.c.attempts + 1, next_attempt_at=None, last_reply=bindparam("reply"))
)
FAILED = select(outbox.c.id, outbox.c.last_reply).where(FAILED_UNTOLD).order_by(outbox.c.id)
DELAYED = (
    select(outbox.c.id, outbox.c.last_reply)
    .where(DELAY_UNTOLD, outbox.c.attempts > 0, outbox.c.created_at <= bindparam("created_before"))
    .order_by(outbox.c.created_at)
)
TAKE = (
    update(outbox)
    .where(among(outbox.c.id, "ids"))
    .values(
        uncertain=outbox.c.uncertain + case((outbox.c.state == LetterState.SENDING, 1), else_=0),
        state=LetterState.SENDING,
        attempts=outbox.c.attempts + 1,
        next_attempt_at=bindparam("until"),
        lease_until=bindparam("until"),
        lease_token=bindparam("token"),
    )
    .returning(
        *(outbox.c.id, outbox.c.lease_token, outbox.c.attempts, outbox.c.uncertain, outbox.c.recipient, outbox.c.reverse_path),
        *(outbox.c.message_id, outbox.c.created_at, outbox.c.notice, outbox.c.ticket_id, outbox.c.audience),
        *(outbox.c.content, outbox.c.files, outbox.c.files_of),
    )
)
OURS = (outbox.c.id == bindparam("key"), outbox.c.lease_token == bindparam("token"), outbox.c.state == LetterState.SENDING)
HELD = (
    select(outbox.c.id, outbox.c.lease_token)
    .where(among(outbox.c.id, "ids"), outbox.c.state == LetterState.SENDING)
    .order_by(outbox.c.id)
    .with_for_update()
)
ADD_ATTEMPT = insert(attempt)
SETTLE = (
    update(outbox)
    .where(*OURS)
    .values(
        state=bindparam("new_state"),
        next_attempt_at=bindparam("next"),
        last_reply=bindparam("new_reply"),
        uncertain=outbox.c.uncertain + bindparam("doubt"),
        lease_until=None,
        lease_token=None,
    )
)
