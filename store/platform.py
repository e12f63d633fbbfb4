"""Two of the tables that the desk shares with the customers' platform: the platform reads the inbox and writes replies.

Customers see this data, so nothing here may read internal notes.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, Text, bindparam, cast, select, update

from helpdesk.store.cause import Cause, LostClaim, Outcome, causes_of
from helpdesk.store.database import AnyRow, Database
from helpdesk.store.platform_files import MOVED_TO_BLOBS, SETTLE
from helpdesk.store.schema import PENDING, WAITING, inbound, platform_inbox, platform_reply, storable, ticket
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.permission import PermissionAnswer, PermissionChoice
from helpdesk.threading.trust.addresses import rate_key

FINISH = (
    update(platform_reply)
    .where(platform_reply.c.id == bindparam("key"))
    .values(
        taken_at=bindparam("new_taken_at"), error=bindparam("new_error"), position=None
    )  # a reply that ends anew is a new event
)
PATIENCE = timedelta(minutes=1)  # for mails; a mail that takes longer has failed and waits for another attempt
NUMBER = re.compile(r"[0-9]{1,4}")
A_SECOND = timedelta(seconds=1)  # the platform's moments may have no fractions
WRITTEN_BY_THE_PLATFORM = [
    platform_reply.c[name]
    for name in (
        *("thread_key", "account_id", "contact_address", "subject", "category", "rating", "body_text", "body_html"),
        *("attachments", "created_at", "permission", "answer"),
    )
]
ANSWERS = {answer.value: answer for answer in (PermissionAnswer.YES, PermissionAnswer.NO)}


def _select_waiting(kind: type[LargeBinary | Text]) -> Select[Any]:
    texts = [cast(column, kind).label(column.name) for column in WRITTEN_BY_THE_PLATFORM]
    return select(platform_reply.c.id, *texts).where(WAITING).order_by(platform_reply.c.id).limit(bindparam("most"))


# Without a conversion that could fail, because SQLite stores any octets as text.
WAITING_REPLIES = {"sqlite": _select_waiting(LargeBinary), "postgresql": _select_waiting(Text)}
UNDECIDED_MAILS = select(inbound.c.sender, inbound.c.turn_ticket, inbound.c.received_at).where(
    PENDING, inbound.c.received_at > bindparam("since")
)


@dataclass(frozen=True, slots=True)
class PlatformReply:
    """A reply that a customer wrote in the platform. `defect` says what is wrong with the row and is the reason to refuse it."""

    id: int
    thread_key: str | None  # None for a reply that opens a new ticket
    account_id: str
    contact_address: str
    body_text: str
    attachments: tuple[dict[str, Any], ...]
    created_at: datetime
    defect: str = ""
    body_html: str = ""
    subject: str = ""
    choice: PermissionChoice | None = None  # the answer to a question for permission
    category: str = ""
    rating: str = ""


@dataclass(frozen=True, slots=True)
class PlatformCause(Cause):
    """A reply that waits in `platform_reply`."""

    reply_id: int

    def __str__(self) -> str:
        return f"platform:{self.reply_id}"

    @classmethod
    def claim(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Lock the rows. A reply belongs to the node that locks its row while the reply waits."""
        causes = causes_of(cls, outcomes)
        ids = [cause.reply_id for cause in causes]
        statement = select(platform_reply.c.id).where(platform_reply.c.id.in_(ids), WAITING)
        waiting = set(connection.execute(statement.order_by(platform_reply.c.id).with_for_update()).scalars())
        for cause in causes:
            if cause.reply_id not in waiting:
                raise LostClaim(f"{cause} has been taken")

    @classmethod
    def finish(cls, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Write into the row, for the platform, when the reply was taken or why it was refused."""
        rows = []
        for cause, outcome in zip(causes_of(cls, outcomes), outcomes, strict=True):
            refused = outcome.decision.disposition is Disposition.REFUSED
            rows.append(
                {
                    "key": cause.reply_id,
                    "new_taken_at": None if refused else outcome.now,
                    "new_error": outcome.decision.reason if refused else None,
                }
            )
        connection.execute(FINISH, rows)
        for outcome in outcomes:
            _settle_files(connection, outcome)


def _settle_files(connection: Connection, outcome: Outcome) -> None:
    """Tie the files of a taken reply to its message. Contents that are in the blob store now leave the table."""
    words = outcome.decision.adds.message
    files = [entry for entry in words.attachments if entry.get("id")] if words else []
    if words and files:
        settled = [{"key": file["id"], "of_words": words.id, "octets": file["size"], "digest": file["sha256"]} for file in files]
        connection.execute(SETTLE, settled)
    moved = [{"key": file["id"]} for file in files if outcome.shown_files.get(str(file["sha256"]), b"") is None]
    if moved:
        connection.execute(MOVED_TO_BLOBS, moved)


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One message in a customer's support inbox."""

    id: int
    account_id: str | None
    contact_address: str
    ticket: str
    thread_key: str
    direction: str  # customer, support
    notice: str | None
    subject: str
    body_text: str
    body_html: str
    attachments: tuple[dict[str, Any], ...]
    status_after: str
    created_at: datetime
    read_at: datetime | None
    position: int
    fields: dict[str, str] = field(default_factory=dict)  # values such as an order number, by the names of their fields


def waiting_replies(database: Database, now: datetime, limit: int) -> list[PlatformReply]:
    """Return the oldest replies that have been neither taken nor refused. `record` takes a reply, on one node only.

    The platform writes these rows without validation by the desk, so each row is read separately. A defective row does not block others. A
    reply waits for an earlier mail of the same person or about the same ticket that is not decided yet, at most `PATIENCE` long.
    """
    with database.reading() as connection:
        rows = connection.execute(WAITING_REPLIES[connection.dialect.name], {"most": limit})
        replies = [_platform_reply(row, now) for row in rows]
        return _without_overtaking(connection, replies, now) if replies else []


def _without_overtaking(connection: Connection, replies: Sequence[PlatformReply], now: datetime) -> list[PlatformReply]:
    """Leave out replies that would overtake an earlier mail, and those of the same thread after them."""
    mails = connection.execute(UNDECIDED_MAILS, {"since": now - PATIENCE}).all()
    if not mails:
        return list(replies)
    keys = {storable(reply.thread_key) for reply in replies if reply.thread_key}
    tickets = dict(connection.execute(select(ticket.c.thread_key, ticket.c.id).where(ticket.c.thread_key.in_(keys))).all())
    going: list[PlatformReply] = []
    held_up: set[str] = set()
    for reply in replies:
        thread = reply.thread_key or ""
        own = (rate_key(reply.contact_address), tickets.get(storable(thread)))
        overtakes = any(_ties(mail, own) and mail.received_at <= reply.created_at + A_SECOND for mail in mails)
        if overtakes or thread in held_up:
            held_up |= {thread} - {""}
        else:
            going.append(reply)
    return going


def _ties(mail: AnyRow, own: tuple[str, int | None]) -> bool:
    sender, number = own
    return (mail.sender == sender and sender != "") or (mail.turn_ticket == number and number is not None)


def refuse_reply(connection: Connection, reply_id: int, error: str, now: datetime) -> bool:
    """Write into the row why the reply is refused. The row no longer waits; if the platform clears the error, it waits again."""
    statement = update(platform_reply).where(platform_reply.c.id == reply_id, WAITING).values(error=error, position=None)
    return connection.execute(statement).rowcount == 1


def list_inbox(
    connection: Connection,
    account_id: str | None = None,
    contact_address: str | None = None,
    thread_key: str | None = None,
    *,
    after: int = 0,
    limit: int = 100,
) -> list[InboxMessage]:
    """Return inbox messages with positions above `after`, in their order; with a filter, only those of that account, contact or thread.

    A row without a position is not visible yet: `store.inbox_positions` gives it one. Ids are no order to read by, because a row with a
    smaller id may be committed later.
    """
    wanted = {"account_id": account_id, "contact_address": contact_address, "thread_key": thread_key}
    conditions = [platform_inbox.c[name] == value for name, value in wanted.items() if value is not None]
    statement = select(platform_inbox).where(platform_inbox.c.position > after, *conditions)
    return [_inbox_message(row) for row in connection.execute(statement.order_by(platform_inbox.c.position).limit(limit))]


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def _platform_reply(row: AnyRow, now: datetime) -> PlatformReply:
    attachments = _attachments(_text(row.attachments))
    choice, defect = _choice(row)
    return PlatformReply(
        id=row.id,
        thread_key=None if row.thread_key is None else _text(row.thread_key),
        account_id=_text(row.account_id),
        contact_address=_text(row.contact_address),
        body_text=_text(row.body_text),
        body_html=_text(row.body_html),
        subject=_text(row.subject),
        category=_text(row.category),
        rating=_text(row.rating),
        attachments=attachments or (),
        created_at=_moment(_text(row.created_at), now),
        defect=defect if attachments is not None else "attachments: not a JSON list of objects",
        choice=choice,
    )


def _choice(row: AnyRow) -> tuple[PermissionChoice | None, str]:
    """The answer to a question for permission that a row is, and what is wrong with it."""
    if row.answer is None:
        return None, "" if row.permission is None else "permission: a row that answers a question needs an answer, yes or no"
    answer, number = ANSWERS.get(_text(row.answer)), _text(row.permission)
    if answer is None:
        return None, "answer: neither yes nor no"
    if row.thread_key is None:
        return None, "answer: it needs the thread_key of the conversation with the question"
    if number and not NUMBER.fullmatch(number):
        return None, "permission: not the number of a question"
    return PermissionChoice(answer, int(number) if number else None), ""


def _moment(text: str, now: datetime) -> datetime:
    """Return when the row says that it was written, or `now` if that is not readable or in the future."""
    try:
        moment = datetime.fromisoformat(text)
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(known.astimezone(UTC), now)
    except (ValueError, OverflowError):
        return now


def _attachments(text: str) -> tuple[dict[str, Any], ...] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return tuple(value) if isinstance(value, list) and all(isinstance(entry, dict) for entry in value) else None


def _inbox_message(row: AnyRow) -> InboxMessage:
    return InboxMessage(
        id=row.id,
        account_id=row.account_id,
        contact_address=row.contact_address,
        ticket=row.ticket,
        thread_key=row.thread_key,
        direction=row.direction,
        notice=row.notice,
        subject=row.subject,
        body_text=row.body_text,
        body_html=row.body_html,
        attachments=tuple(row.attachments),
        status_after=row.status_after,
        created_at=row.created_at,
        read_at=row.read_at,
        position=row.position,
        fields=dict(row.fields),
    )
