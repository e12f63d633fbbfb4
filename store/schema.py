"""All tables, for SQLite and PostgreSQL alike.

`platform_inbox` and `platform_reply` are a public contract: the platform reads the one and writes the other.
Internal notes stand in a table of their own that nothing customer-facing reads.
Keys of mails, tickets, messages and letters grow with time (`store.identifiers`), so their indexes stay small where it is hot.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

LONGEST_LINE = 998
SURROGATES: dict[int, str] = dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd")


def storable(value: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, both drivers refuse lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.translate(SURROGATES)
    return value.replace("\0", "\ufffd") if "\0" in value else value


def storable_tree(value: Any) -> Any:
    """The same for every string inside a JSON value."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_tree(key): storable_tree(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [storable_tree(entry) for entry in value]
    return value


class CleanText(TypeDecorator[str]):
    """The one choke point through which text reaches a database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def message_id_key(message_id: str) -> str:
    """A Message-ID as it is kept and looked up. Ids past one line (RFC 5322 §2.1.1) are kept by digest: PostgreSQL indexes at most
    2700 octets."""
    clean = storable(message_id)
    octets = clean.encode()
    return clean if len(octets) <= LONGEST_LINE else "sha256:" + hashlib.sha256(octets).hexdigest()


class MessageId(TypeDecorator[str]):
    """A Message-ID without angle brackets, short enough for an index."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else message_id_key(value)


class CleanJson(TypeDecorator[Any]):
    """JSON whose strings have gone through the same choke point; None is SQL's null."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB(none_as_null=True) if dialect.name == "postgresql" else JSON(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return storable_tree(value)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, sortable ISO 8601 text on SQLite (which would drop the zone).

    A moment without a zone is refused: it would mean another time on every machine.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be stored: {value}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")[:26] + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


metadata = MetaData()
# Conditions of partial indexes stand as text: a query with a bound value instead could not use the index.
PENDING = text("state = 'pending'")
DROPPED = text("dropped_at IS NOT NULL")
HAS_EFFECT = text("state IN ('opened', 'threaded', 'noted', 'reported', 'held', 'refused')")
OPENED = text("state = 'opened'")
SIGNED_EFFECT = text("state IN ('opened', 'threaded', 'noted')")
OPEN = text("status NOT IN ('resolved', 'closed')")
UNANSWERED = text("first_response_at IS NULL AND waiting_on = 'support' AND status NOT IN ('resolved', 'closed')")
UNDECIDED = text("answered_at IS NULL AND ended = false")
ATTACHED = text("incident IS NOT NULL")
UNLOOKED = text("looked_at IS NULL")
UNSENT = text("state IN ('queued', 'deferred', 'sending')")
FAILED_UNTOLD = text("state = 'failed' AND failure_told_at IS NULL")
DELAY_UNTOLD = text("state = 'deferred' AND audience = 'customer' AND delay_told_at IS NULL")
GUESSING_UNTOLD = text("untold")
HAS_FILES = text("files_of IS NOT NULL")
ARCHIVED = text("door = 'archive'")
UNSETTLED = text("settled_at IS NULL")
COUNTED_LETTER = text("counted_as IS NOT NULL")
TO_DOMAIN = text("counted_domain IS NOT NULL")
UNTOLD = 0  # in `outbox.told_in`
GATHERED = text("told_in = 0")
WAITING = text("taken_at IS NULL AND error IS NULL")
COUNTED = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only an INTEGER PRIMARY KEY

inbound = Table(
    "inbound",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("door", CleanText, nullable=False),
    Column("reverse_path", CleanText),  # null where the door has no envelope, "" for the null path
    Column("forward_paths", CleanJson, nullable=False),
    Column("peer", CleanText, nullable=False),
    Column("helo", CleanText, nullable=False),
    Column("authenticated_as", CleanText),
    Column("received_at", Instant, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary),  # null: the blob store has it under `sha256`
    Column("message_id", MessageId),
    Column("fingerprint", String(64)),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
    Column("last_error", CleanText),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id")),
    Column("decision", CleanJson),
    Column("finished_at", Instant),
    Column("release", CleanJson),  # its author's word, where it was held
    Column("transmission", CleanText),  # RFC 3848: ESMTPS, LMTP, …; null where nobody said so
    Column("recent", Boolean),  # of an archive: whether its conversation is still to be worked on; null by any other door
    Column("dropped_at", Instant),  # by an operator, who does not want it; its content goes after a while
    Column("dropped_by", CleanText),
    Column("support_address", CleanText),  # of the mailbox it came from: for mail whose header names no address of ours
    Column("origin", CleanJson),  # what our own checks of its author found
    Column("sender", CleanText, nullable=False),  # who is counted for it in the order of work
    Column("turn_at", Instant, nullable=False),  # its place in the order of work
    Column("signed_content", String(64)),  # what all copies of a signed mail share; null where no signature proved its author
    Index("inbound_turn", "turn_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("inbound_sender", "sender", "turn_at", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("inbound_message_id", "message_id"),
    Index("inbound_fingerprint", "fingerprint"),
    Index("inbound_ticket", "ticket_id"),
    Index("inbound_archived", "sha256", sqlite_where=ARCHIVED, postgresql_where=ARCHIVED),
    Index("inbound_dropped", "dropped_at", sqlite_where=DROPPED, postgresql_where=DROPPED),
)
# One mail, one effect: whoever comes second, by another door or on another node, breaks one of these and looks again.
Index(
    "inbound_one_effect",
    inbound.c.fingerprint,
    func.coalesce(inbound.c.ticket_id, text("0")),
    unique=True,
    sqlite_where=HAS_EFFECT,
    postgresql_where=HAS_EFFECT,
)
Index(
    "inbound_opens_once",
    inbound.c.fingerprint,
    unique=True,
    sqlite_where=OPENED,
    postgresql_where=OPENED,
)
# The same for what was signed, whatever else a copy changes: Message-ID, recipients. What had no effect stands in nobody's way.
Index(
    "inbound_signed_effect",
    inbound.c.signed_content,
    func.coalesce(inbound.c.ticket_id, text("0")),
    unique=True,
    sqlite_where=SIGNED_EFFECT,
    postgresql_where=SIGNED_EFFECT,
)
Index(
    "inbound_signed_opens_once",
    inbound.c.signed_content,
    unique=True,
    sqlite_where=OPENED,
    postgresql_where=OPENED,
)

ticket = Table(
    "ticket",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", String(32), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("waiting_on", String(16), nullable=False),
    Column("escalation_level", Integer, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("requester", Integer, nullable=False),
    Column("account", CleanText),
    Column("plan", CleanText, nullable=False),
    Column("category", CleanText, nullable=False),
    Column("severity", CleanText, nullable=False),
    Column("priority", CleanText, nullable=False),
    Column("queue", CleanText, nullable=False),
    Column("assignee", CleanText),
    Column("support_address", CleanText, nullable=False),
    Column("thread_key", String(32), nullable=False, unique=True),
    Column("language", String(16), nullable=False),
    Column("assurance", String(16), nullable=False),  # of the mail that opened it
    Column("automatic_letters", Boolean, nullable=False),
    Column("resolutions", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("first_response_at", Instant),
    Column("snoozed_until", Instant),
    Column("merged_into", BigInteger),  # where the conversation goes on
    Column("opened_by", CleanText),
    Column("closed_at", Instant),
    Column("their_reference", CleanText, nullable=False),
    Column("reminders", Integer, nullable=False),
    Column("away_until", Instant),
    Column("clocks", CleanJson, nullable=False),  # of its targets; none for a ticket of an archive
    Column("rating", String(8)),  # how it went, in the customer's newest word
    Column("rated_at", Instant),
    Column("incident", BigInteger),  # to which it is attached
    Column("past_queues", CleanJson, nullable=False),  # queues in which it was
    Column("past_hands", CleanJson, nullable=False),  # staff who had it, or did something about it
    Index("ticket_load", "assignee", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ticket_newest", "assignee", "id"),
    Index("ticket_unanswered", "queue", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    Index("ticket_incident", "incident", sqlite_where=ATTACHED, postgresql_where=ATTACHED),
)

participant = Table(
    "participant",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("address", CleanText, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("state", String(16), nullable=False),
    PrimaryKeyConstraint("ticket_id", "number"),
)

message = Table(
    "message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("author", CleanText, nullable=False),
    Column("assurance", String(16), nullable=False),
    Column("text", CleanText, nullable=False),
    Column("elided_text", CleanText, nullable=False),
    Column("attachments", CleanJson, nullable=False),
    Column("message_id", MessageId),
    Column("at", Instant, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("version", Integer, nullable=False),  # of the ticket with it
    Column("subject", CleanText, nullable=False),  # of the mail itself
    Index("message_of_ticket", "ticket_id", "id"),
)

internal_note = Table(
    "internal_note",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("author", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("unasked", Boolean, nullable=False),  # its address kept it inside, no word of its author's
    Column("attachments", CleanJson, nullable=False),
    Column("file_words", CleanText, nullable=False),  # the beginning of what these files say
    Index("note_of_ticket", "ticket_id", "id"),
)

ticket_words = Table(  # what new tickets said, to find those that report the same fault
    "ticket_words",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("customer", CleanText, nullable=False),  # account, or address
    Column("words", CleanJson, nullable=False),
    Column("at", Instant, nullable=False),
    Column("looked_at", Instant),  # when it was compared with those before it
    Column("proposal", BigInteger),  # the ticket under which it was proposed as an incident, with others
    Column("listed", Boolean, nullable=False, server_default=false()),  # in the letter; else it came later and is like these
    Index("words_unlooked", "ticket_id", sqlite_where=UNLOOKED, postgresql_where=UNLOOKED),
    Index("words_proposed", "proposal"),
)

known_id = Table(  # Message-IDs that lead to a ticket: of its mails, of its letters, and those only seen in References
    "known_id",
    metadata,
    Column("message_id", MessageId, nullable=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    PrimaryKeyConstraint("message_id", "ticket_id"),
)

related = Table(
    "related",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("other_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    PrimaryKeyConstraint("ticket_id", "other_id"),
)

event = Table(  # append-only, numbered without a gap within each ticket
    "event",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("from_status", String(16)),
    Column("to_status", String(16)),
    Column("detail", CleanText, nullable=False),
    Column("cause", CleanText, nullable=False),
    PrimaryKeyConstraint("ticket_id", "number"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id")),
    Column("participant", Integer, nullable=False),
    Column("notice", String(32), nullable=False),
    Column("audience", String(16), nullable=False),  # customer, staff
    Column("recipient", CleanText, nullable=False),
    Column("reverse_path", CleanText, nullable=False),
    Column("message_id", MessageId, nullable=False, unique=True),
    Column("subject", CleanText, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # held queued sending sent deferred failed suppressed
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),  # attempts whose outcome was never learnt
    Column("next_attempt_at", Instant),  # while sending: the end of the lease, when somebody else may try
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
    Column("last_reply", CleanText),
    Column("delay_told_at", Instant),  # when the team was told, or need not be
    Column("failure_told_at", Instant),  # of a failed letter: its consequences have been drawn
    Column("counted_as", CleanText),  # what an automatic letter counts against; null: it is not counted, or does not go out
    Column("counted_domain", CleanText),
    Column(
        "files", CleanJson
    ),  # that belong into `content`, and where they are (store.letter_files); null: `content` is all of it
    Column("files_of", BigInteger),  # inbound id of the mail in which they lie
    Column("unproved", Boolean, nullable=False),  # counted apart: mail without proof has brought it about
    Column("told_in", BigInteger),  # of a letter to staff that is gathered: the digest that lists it, 0 while none does
    Index("outbox_of_ticket", "ticket_id", "id"),
    Index("outbox_failed", "id", sqlite_where=FAILED_UNTOLD, postgresql_where=FAILED_UNTOLD),
    Index("outbox_delayed", "created_at", sqlite_where=DELAY_UNTOLD, postgresql_where=DELAY_UNTOLD),
    Index("outbox_counted", "counted_as", "created_at", sqlite_where=COUNTED_LETTER, postgresql_where=COUNTED_LETTER),
    Index("outbox_counted_domain", "counted_domain", "created_at", sqlite_where=TO_DOMAIN, postgresql_where=TO_DOMAIN),
    Index("outbox_gathered", "recipient", "id", sqlite_where=GATHERED, postgresql_where=GATHERED),
    Index("outbox_counted_desk", "created_at", sqlite_where=TO_DOMAIN, postgresql_where=TO_DOMAIN),
    Index("outbox_files", "files_of", sqlite_where=HAS_FILES, postgresql_where=HAS_FILES),
    Index(
        "outbox_due",
        "next_attempt_at",
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    ),
)
Index(
    "outbox_one_letter_a_cause",
    outbox.c.cause,
    outbox.c.notice,
    outbox.c.recipient,
    func.coalesce(outbox.c.ticket_id, text("0")),
    unique=True,
)

attempt = Table(  # what the relay said, each time
    "attempt",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("outbox_id", BigInteger, ForeignKey("outbox.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),  # sent deferred failed uncertain
    Column("code", Integer),
    Column("reply", CleanText, nullable=False),
    Column("status", String(11)),  # enhanced (RFC 3463), where the reply had one
    Index("attempt_of_letter", "outbox_id"),
)

hold = Table(  # one row while no letter goes out
    "hold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Column("reason", CleanText, nullable=False),
)

platform_inbox = Table(
    "platform_inbox",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("account_id", CleanText),
    Column("contact_address", CleanText, nullable=False),
    Column("ticket", String(32), nullable=False),
    Column("thread_key", String(32), nullable=False),
    Column("direction", String(16), nullable=False),
    Column("notice", String(32)),
    Column("subject", CleanText, nullable=False),
    Column("body_text", CleanText, nullable=False),
    Column("body_html", CleanText, nullable=False),
    Column("attachments", CleanJson, nullable=False),
    Column("status_after", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("letter_id", BigInteger),  # of the letter that it mirrors
    Column("proved", Boolean, nullable=False),  # false for a contact's mail that nothing proves
    Column("words_id", BigInteger),  # of the message whose words it shows; null where the row shows a letter
    Index("inbox_of_account", "account_id", "id"),
    Index("inbox_of_contact", "contact_address", "id"),
    Index("inbox_of_thread", "thread_key", "id"),
    Index("inbox_of_letter", "letter_id"),
)

platform_reply = Table(
    "platform_reply",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("thread_key", String(32)),
    Column("account_id", CleanText, nullable=False),
    Column("contact_address", CleanText, nullable=False, server_default=""),
    Column("body_text", CleanText, nullable=False),
    Column("attachments", CleanJson, nullable=False, server_default="[]"),
    Column("created_at", Instant, nullable=False, server_default=func.current_timestamp()),
    Column("taken_at", Instant),
    Column("error", CleanText),
    Index("reply_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
)

timer = Table(
    "timer",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # pending fired cancelled
    Column("set_by", CleanText, nullable=False),  # the cause
    Column("cancelled_by", CleanText),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant),  # after an attempt that failed
    PrimaryKeyConstraint("ticket_id", "kind", "occurrence"),
    Index("timer_due", "due_at", sqlite_where=PENDING, postgresql_where=PENDING),
)

undo_step = Table(  # what one mail of a staff member changed on one ticket, until it is taken back
    "undo_step",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("version", Integer, nullable=False),  # of the ticket after it
    Column("cause", CleanText, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("summary", CleanText, nullable=False),
    Column("change", CleanJson, nullable=False),
    PrimaryKeyConstraint("ticket_id", "version"),
    Index("undo_of_cause", "cause"),
)

seen_image = Table(  # small images that an author's mails have held: the next time they are a part of the signature
    "seen_image",
    metadata,
    Column("sha256", String(64), nullable=False),
    Column("origin", CleanText, nullable=False),  # account, or the author's address
    Column("first_seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("sha256", "origin"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("address", CleanText, nullable=False),
    Column("reason", String(16), nullable=False),  # hard_bounce complaint manual
    Column("diagnostic", CleanText, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("letter_id", BigInteger),
    PrimaryKeyConstraint("address", "reason"),
)

digest = Table(  # the open tickets of a staff member as a letter listed them
    "digest",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("staff", CleanText, nullable=False),
    Column("day", String(10)),  # whose morning it was; null where it was asked for
    Column("at", Instant, nullable=False),
    Column("rows", CleanJson, nullable=False),  # number, ticket, reference, version
    Index("digest_of_day", "staff", "day", unique=True),
)

measurement = Table(  # how long an answer takes, as measured when a request came, and how it went on
    "measurement",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("queue", CleanText, nullable=False),  # where it was opened
    Column("waiting", Integer, nullable=False),  # there before it
    Column("at", Instant, nullable=False),
    Column("median_at", Instant),  # null where too little was known
    Column("ninetieth_at", Instant),
    Column("busy", Boolean, nullable=False),  # the queue, from then on
    Column("told", Boolean, nullable=False),  # to the customer
    Column("answered_at", Instant),
    Column("took", BigInteger),  # microseconds of working time
    Column("ended", Boolean, nullable=False),  # without an answer
    Index("measurement_newest", "queue", "ticket_id"),
    Index("measurement_answered", "queue", "answered_at"),
    Index("measurement_undecided", "queue", "ninetieth_at", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("measurement_made", "at"),
)

staff = Table(
    "staff",
    metadata,
    Column("address", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("role", String(16), nullable=False),
    Column("queues", CleanJson, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("away_until", Instant),
)

account = Table(
    "account",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("plan", CleanText, nullable=False),
)

account_domain = Table(  # verified domains: whoever writes from there belongs to the account
    "account_domain",
    metadata,
    Column("domain", CleanText, primary_key=True),
    Column("account_id", CleanText, ForeignKey("account.id"), nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("address", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("account_id", CleanText, ForeignKey("account.id")),
    Index("contact_of_account", "account_id"),
)

mailbox_folder = Table(  # a folder of a mailbox on somebody else's server: how far it has been read, and who reads it
    "mailbox_folder",
    metadata,
    Column("mailbox", CleanText, nullable=False),
    Column("folder", CleanText, nullable=False),
    Column("validity", BigInteger),  # UIDVALIDITY; null before the first look
    Column("start_uid", BigInteger, nullable=False, server_default="0"),  # mails up to here were not asked for
    Column("last_uid", BigInteger, nullable=False, server_default="0"),  # every UID up to here is in the ledger
    Column("renumbered_uid", BigInteger, nullable=False, server_default="0"),  # the largest there when the server renumbered
    Column("first_seen_at", Instant),
    Column("reconciled_at", Instant),
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
    PrimaryKeyConstraint("mailbox", "folder"),
)

mailbox_mail = Table(  # the ledger: every mail seen in such a folder, and what became of it
    "mailbox_mail",
    metadata,
    Column("mailbox", CleanText, nullable=False),
    Column("folder", CleanText, nullable=False),
    Column("validity", BigInteger, nullable=False),
    Column("uid", CleanText, nullable=False),  # a UID of IMAP, a unique-id of POP3
    Column("outcome", String(16), nullable=False),  # stored duplicate too_large loops vanished unreadable earlier
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("inbound_id", BigInteger, ForeignKey("inbound.id")),
    Column("seen_at", Instant, nullable=False),
    Column("settled_at", Instant),  # nothing is left to do: moved, flagged or deleted on the server, or to be left alone there
    Column("attempts", Integer, nullable=False),  # failed ones of what is left to do
    Column("retry_at", Instant),
    Column("reason", CleanText, nullable=False),
    PrimaryKeyConstraint("mailbox", "folder", "validity", "uid"),
    Index("mailbox_mail_content", "sha256"),
    Index(
        "mailbox_mail_unsettled",
        "mailbox",
        "folder",
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    ),
)

login_count = Table(  # how often passwords were tried of late where attempts are counted (`threading.trust.guessing`), on all nodes together
    "login_count",
    metadata,
    Column("lane", String(16), nullable=False),  # source account newcomers known
    Column("source", String(64), nullable=False),  # an address or a network; "" where the lane asks for none
    Column("account", CleanText, nullable=False),  # a staff address; "" where the lane asks for none
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("free_at", Instant, nullable=False),  # when the next attempt may begin
    Column("alarmed_at", Instant),
    Column("untold", Boolean, nullable=False),  # managers have not heard of that alarm yet
    PrimaryKeyConstraint("lane", "source", "account"),
    Index("login_count_age", "last_at"),
    Index("login_count_untold", "alarmed_at", sqlite_where=GUESSING_UNTOLD, postgresql_where=GUESSING_UNTOLD),
)

login_source = Table(  # from where a staff member has logged in with the right password
    "login_source",
    metadata,
    Column("source", String(64), nullable=False),
    Column("account", CleanText, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("source", "account"),
)
