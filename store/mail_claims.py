"""Claims of stored mails: one worker at a time holds a mail, and the claim ends together with the recorded decision."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection, bindparam, func, null, or_, select, update

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.identifiers import new_token
from helpdesk.store.inbound import raw_of
from helpdesk.store.lists import among, rows_among
from helpdesk.store.schema import LEASED, PENDING, CleanJson, inbound
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.clue import Clue
from helpdesk.threading.model.held import HoldReason, Release, ReleaseWord
from helpdesk.threading.model.mail import Disposition, RawMessage
from helpdesk.threading.model.origin import Origin, origin_as_json
from helpdesk.threading.rules.sorting import sorting_as_json

FIRST_TURN = datetime.min.replace(tzinfo=UTC)
UNREADABLE_WAIT = timedelta(seconds=15)  # before a mail whose content could not be read is tried again

OnUnreadable = Callable[[int, Exception], None]


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A pending mail that this worker holds until its lease ends. `attempts` includes the present one."""

    id: int
    lease_token: int
    attempts: int
    raw: RawMessage
    release: Release | None = None
    decided_before: int = 0
    keys: frozenset[tuple[str, object]] = frozenset()  # that tie it to other mails (`WaitingMail`)
    sender: str = ""
    turn_at: datetime = FIRST_TURN  # position in the order of work


@dataclass(frozen=True, slots=True)
class MailCause(Cause):
    """A claimed inbound mail. `lease_token` proves that this worker still holds it. The other fields come from reading the mail.

    `decided_before` counts the earlier decisions about this mail, after which it was released by its author or replayed. Each decision has
    effects of its own. `origin` is the result of the checks of the mail's author; None keeps the stored one.
    """

    inbound_id: int
    lease_token: int
    fingerprint: str | None
    message_id: str | None
    decided_before: int = 0
    signed_content: str = ""
    origin: Origin | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"mail:{self.inbound_id}" + (f".{self.decided_before}" if self.decided_before else "")

    @property
    def mail_id(self) -> int:
        return self.inbound_id

    @property
    def own_message_id(self) -> str | None:
        return self.message_id

    def on_another_ticket(self) -> Self:
        return replace(self, message_id=None)

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Lock the rows. This worker holds a mail while it is pending and has the token of this worker's claim."""
        causes = causes_of(cls, outcomes)
        tokens = {row.id: row.lease_token for row in rows_among(connection, TOKENS, [cause.inbound_id for cause in causes])}
        for cause in causes:
            if tokens.get(cause.inbound_id) != cause.lease_token:
                raise LostClaim(f"{cause} has been taken over or dealt with")

    @classmethod
    def finish(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        connection.execute(
            FINISH, [_finish_values(cause, outcome) for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True)]
        )


def unproved_fingerprint(fingerprint: str) -> str:
    """The stored fingerprint of a mail whose author was not authenticated.

    Further unauthenticated copies have the same fingerprint. An authenticated copy has another one, so it is not taken for a duplicate.
    """
    return sha256(f"unproved {fingerprint}".encode()).hexdigest()


def _say_nothing(inbound_id: int, fault: Exception) -> None:
    """The caller does not want to hear of mails whose content cannot be read."""


@repeats_lost_races
def claim_mail(
    database: Database,
    blobs: BlobStore,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    max_bytes: int,
    token: int | None = None,
    on_unreadable: OnUnreadable = _say_nothing,
) -> list[ClaimedMail]:
    """Claim the pending mails that no worker holds and whose turn is first. Return them in the order in which they arrived.

    Mails that are tied to one that another worker holds stay (`in_turn`). At most `limit` mails are claimed, and no further mail once `max_bytes` are reached. The attempt, the lease and a new fencing token are
    committed before this returns, so an attempt counts even if the mail kills its worker. A caller that passes a new `token` can release
    the claim when it does not know whether the commit succeeded (`release_mails`). A mail whose content cannot be read is not returned:
    it is tried again after `UNREADABLE_WAIT`, or is quarantined if its content is damaged. `on_unreadable` hears of it.
    """
    token = new_token() if token is None else token
    with database.writing() as connection:
        _wait_for_other_claims(connection)
        looked_at = max(limit, LOOKED_AT)
        leased = connection.execute(IN_LEASE).all()  # first, so that a claim that ends now still holds up others
        waiting = connection.execute(FREE, {"now": now, "looked_at": looked_at}).all()
        lockable = _lock(connection, waiting)
        free = [_waiting(row) for row in waiting if row.id in lockable]
        last = _turn(waiting[-1]) if len(waiting) == looked_at else None
        held = [row for row in leased if row.lease_until > now or last is None or _turn(row) <= last]
        busy = [_waiting(row) for row in (*held, *waiting) if row.id not in lockable]
        ids = in_turn(free, busy, limit, max_bytes)
        rows = rows_among(connection, TAKE, ids, until=now + lease, token=token)
    claimed = []
    for row in in_order_of_arrival(rows):
        content = row.content if row.content is not None else _blob_of(database, blobs, row, now + UNREADABLE_WAIT, on_unreadable)
        if content is not None:
            raw, release = raw_of(row, content), release_of(row.release)
            keys = frozenset(_waiting(row).keys)
            decided_before = _decided_before(row)
            claimed.append(
                ClaimedMail(row.id, row.lease_token, row.attempts, raw, release, decided_before, keys, row.sender, row.turn_at)
            )
    return claimed


def _wait_for_other_claims(connection: Connection) -> None:
    """Let one claim be made at a time. Two claims that cannot see each other would give mails of one sender to two workers.

    SQLite has one writer at a time. On PostgreSQL the lock ends with the transaction, so it works through a connection pool too.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(CLAIMING)))


def _lock(connection: Connection, waiting: Sequence[AnyRow]) -> set[int]:
    """Lock mails that no worker holds, and return their ids without those that another transaction has locked.

    Such a mail may be recorded at this moment by a worker whose lease has ended meanwhile, so it holds up later ones as if its lease went on.
    So does a mail whose lease has ended and which is not found free: a late worker puts it back at this moment.
    """
    ids = [row.id for row in waiting]
    if connection.dialect.name != "postgresql" or not ids:
        return set(ids)  # SQLite has one writer at a time
    return {row.id for row in rows_among(connection, LOCK, ids)}


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A pending mail with the keys that tie it to others: its sender, and the ticket and thread that its header names."""

    id: int
    size: int
    sender: str
    ticket: int | None
    thread: str | None
    turn_at: datetime

    @property
    def keys(self) -> tuple[tuple[str, object], ...]:
        named = (("sender", self.sender), ("ticket", self.ticket), ("thread", self.thread))
        return tuple(key for key in named if key[1])


def in_turn(free: Sequence[WaitingMail], being_decided: Sequence[WaitingMail], limit: int, max_bytes: int) -> list[int]:
    """Choose the mails of a claim from the free ones, which are in the order of their turns, and return their ids.

    A mail waits while another worker decides one with an equal key, and until an earlier one with an equal key is chosen: so mails of one
    sender, ticket or thread are never with two workers, and keep their order.
    """
    busy = {key for mail in being_decided for key in mail.keys}
    before = _before(free)
    chosen: dict[int, WaitingMail] = {}
    octets, waiting, goes_on = 0, list(free), True
    while goes_on:
        goes_on, passed, waiting = False, waiting, []
        for mail in passed:
            if len(chosen) == limit or octets >= max_bytes:
                return list(chosen)
            if busy.isdisjoint(mail.keys) and before[mail.id] <= chosen.keys():
                chosen[mail.id], goes_on = mail, True
                octets += mail.size
            else:
                waiting.append(mail)
    return list(chosen)


def _before(mails: Sequence[WaitingMail]) -> dict[int, set[int]]:
    """Return for each mail the last earlier ones with which it has a key in common."""
    newest: dict[tuple[str, object], int] = {}
    before = {}
    for mail in in_order_of_arrival(mails):
        before[mail.id] = {newest[key] for key in mail.keys if key in newest}
        newest |= dict.fromkeys(mail.keys, mail.id)
    return before


class Arrived(Protocol):
    """What has arrived: a waiting mail, a claimed one, or a row of `inbound`."""

    @property
    def id(self) -> int: ...

    @property
    def sender(self) -> str: ...

    @property
    def turn_at(self) -> datetime: ...


A = TypeVar("A", bound=Arrived)


def in_order_of_arrival(mails: Iterable[A]) -> list[A]:
    """Sort mails by arrival: by id, but those of one sender by their turns, which do not depend on the clock of a machine."""
    own: dict[str, list[A]] = {}
    for mail in sorted(mails, key=_turn):
        own.setdefault(mail.sender, []).append(mail)
    turns = {sender: iter(of_sender) for sender, of_sender in own.items()}
    return [next(turns[mail.sender]) for mail in sorted(chain(*own.values()), key=lambda mail: mail.id)]


def _turn(mail: Arrived) -> tuple[datetime, int]:
    return mail.turn_at, mail.id


def _waiting(row: AnyRow) -> WaitingMail:
    return WaitingMail(row.id, row.size, row.sender, row.turn_ticket, row.turn_thread, row.turn_at)


def release_of(word: dict[str, Any] | None) -> Release | None:
    """Read from JSON what the author of a held mail decided about it; None if they have not answered."""
    if not word:
        return None
    waived, asked = (tuple(HoldReason(rule) for rule in word[name]) for name in ("waived", "asked"))
    return Release(word["by"], ReleaseWord(word["word"]), word["reference"], waived, asked, tuple(word.get("addresses", ())))


def _decided_before(row: AnyRow) -> int:
    return int(row.decision.get("decided_before", 0)) + 1 if row.decision else 0


@repeats_lost_races
def release_mails(database: Database, token: int) -> int:
    """Release every mail of one claim that is still pending, and do not count the attempt. Return how many there were.

    A released mail has no lease at all. If its lease ended at the time of this process, the mail would be neither free nor held for a process
    whose clock is behind, and a later mail of its sender could overtake it there.
    """
    statement = (
        update(inbound)
        .where(PENDING, inbound.c.lease_token == token)
        .values(lease_until=None, lease_token=None, attempts=inbound.c.attempts - 1)
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount


@repeats_lost_races
def give_back(database: Database, claimed: ClaimedMail, error: str, retry_at: datetime, *, counted: bool = True) -> bool:
    """Release a mail that could not be processed. No worker claims it before `retry_at`, nor a later mail that is tied to it.

    With `counted` False the attempt does not count, because the mail is not at fault. Return False if the lease was lost before.
    """
    statement = (
        update(inbound)
        .where(inbound.c.id == claimed.id, inbound.c.lease_token == claimed.lease_token, PENDING)
        .values(
            lease_until=retry_at,
            lease_token=NOBODY,
            last_error=error or inbound.c.last_error,
            attempts=inbound.c.attempts - (0 if counted else 1),
        )
    )
    with database.writing() as connection:
        return connection.execute(statement).rowcount == 1


def _blob_of(database: Database, blobs: BlobStore, row: AnyRow, retry_at: datetime, on_unreadable: OnUnreadable) -> bytes | None:
    ours = update(inbound).where(inbound.c.id == row.id, inbound.c.lease_token == row.lease_token, PENDING)
    try:
        return blobs.get(row.sha256)
    except BlobDamaged as error:
        fault: Exception = error
        change = ours.values(
            state=Disposition.QUARANTINED, stopped_by=null(), last_error=str(error), lease_until=null(), lease_token=null()
        )
    except OSError as error:  # the folder cannot be read, which is no fault of the mail, so the attempt does not count
        fault = error
        change = ours.values(attempts=inbound.c.attempts - 1, last_error=str(error), lease_until=retry_at, lease_token=NOBODY)
    with database.writing() as connection:
        connection.execute(change)
    on_unreadable(row.id, fault)
    return None


def _finish_values(cause: MailCause, outcome: Outcome) -> dict[str, Any]:
    decision = outcome.decision
    return {
        "key": cause.inbound_id,
        "new_state": decision.disposition,
        "new_ticket_id": decision.ticket.id if decision.ticket else None,
        "new_message_id": cause.message_id,
        "new_fingerprint": _fingerprint(cause, decision),
        "new_stopped_by": decision.grounds.stop.by if decision.grounds.stop else None,
        "new_signed_content": cause.signed_content or None,
        "new_finished_at": outcome.now,
        "new_decision": _explanation(cause, outcome),
        "new_origin": origin_as_json(cause.origin) if cause.origin else None,
    }


def _fingerprint(cause: MailCause, decision: Decision) -> str | None:
    return unproved_fingerprint(cause.fingerprint) if decision.awaits_proof and cause.fingerprint else cause.fingerprint


def _explanation(cause: MailCause, outcome: Outcome) -> dict[str, Any]:
    """Return the explanation that `helpdesk why` prints, as plain values that do not depend on the deciding code."""
    decision = outcome.decision
    return {
        "reason": decision.reason,
        "row": decision.grounds.row,
        "rule": decision.rule,
        "assurance": decision.grounds.assurance,
        "clues": [_clue(clue) for clue in decision.grounds.clues],
        "sorting": sorting_as_json(decision.grounds.sorting, decision.grounds.stop),
        "events": [event.number for event in decision.events],
        "letters": [letter.id for letter in outcome.letters],
        "held_for": decision.hold.staff if decision.hold else None,
        "held_over": decision.hold.over if decision.hold else None,
        "node": outcome.node,
        "policy": outcome.policy,
        "decided_before": cause.decided_before,
    }


def _clue(clue: Clue) -> dict[str, Any]:
    return {
        "kind": clue.kind,
        "value": clue.value,
        "ticket": clue.ticket,
        "trusted": clue.trusted,
        "used": clue.used,
        "reason": clue.reason,
    }


CLAIMING = 0x68656C70  # key of the lock on PostgreSQL under which claims are made; any number that nothing else uses
NOBODY = 0  # token of a mail that waits for its next attempt: no worker has it, and it holds up later ones as if one had
LOOKED_AT = 200  # free mails, in the order of their turns, among which a claim chooses
KEYS = (inbound.c.sender, inbound.c.turn_ticket, inbound.c.turn_thread)
FREE = (
    select(inbound.c.id, inbound.c.size, inbound.c.turn_at, *KEYS)
    .where(PENDING, or_(inbound.c.lease_until.is_(None), inbound.c.lease_until <= bindparam("now")))
    .order_by(inbound.c.turn_at, inbound.c.id)
    .limit(bindparam("looked_at"))
)
LOCK = select(inbound.c.id).where(among(inbound.c.id), PENDING).with_for_update(skip_locked=True)
IN_LEASE = select(inbound.c.id, inbound.c.size, inbound.c.turn_at, inbound.c.lease_until, *KEYS).where(LEASED)
TOKENS = select(inbound.c.id, inbound.c.lease_token).where(among(inbound.c.id), PENDING).order_by(inbound.c.id).with_for_update()
TAKE = (
    update(inbound)
    .where(among(inbound.c.id), PENDING)
    .values(attempts=inbound.c.attempts + 1, lease_until=bindparam("until"), lease_token=bindparam("token"))
    .returning(*inbound.c)
)
FINISH = (
    update(inbound)
    .where(inbound.c.id == bindparam("key"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in (
                "state",
                "ticket_id",
                "message_id",
                "fingerprint",
                "stopped_by",
                "signed_content",
                "finished_at",
                "decision",
            )
        }
        | {"lease_until": None, "lease_token": None}
        | {"origin": func.coalesce(bindparam("new_origin", type_=CleanJson), inbound.c.origin, type_=CleanJson)}
    )
)
