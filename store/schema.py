"""All tables, the same for SQLite and PostgreSQL.

`platform_inbox` and `platform_reply` are a public interface: the customers' platform reads the first and writes the second.
Internal notes have a table of their own, which no code that customers can reach reads.
Keys of mails, tickets, messages and letters grow with time (`store.identifiers`), so new rows are next to each other in an index.

A comment before each table says what a row is. These columns have the same meaning in every table:

- `at` and names that end in `_at` are moments in UTC; `sha256` is in hex.
- `cause` is the text of the cause that wrote the row, such as `mail:4711` (`store.cause`).
- `lease_until` and `lease_token` belong to a claim: when it ends, and the fencing token of the node that has it. A mail that waits for
  its next attempt has the token 0.
- `attachments` is a list of objects with filename, content_type, size, sha256, content_id and inline, and with `recurring` for an image of
  the author's signature (`threading.model.attachment.attachments_as_json`), in messages and notes with the number of the file on its ticket; in the inbox also with id, that of the row in
  `platform_attachment`, or null where the gateway has no content for it.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
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
    true,
)
from sqlalchemy import event as schema_event
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.types import TypeEngine

POLICY_PREFIX = 16  # characters of a policy's digest, which tell policies apart
LONGEST_LINE = 998  # octets of a line without CRLF (RFC 5322 §2.1.1)
SURROGATES: dict[int, str] = dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd")


def storable(value: str) -> str:
    """Return text that both databases accept. PostgreSQL refuses NUL, and both drivers refuse lone surrogates; both become U+FFFD."""
    if value.isascii():
        return value.replace("\0", "\ufffd") if "\0" in value else value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.translate(SURROGATES)
    return value.replace("\0", "\ufffd") if "\0" in value else value


def storable_tree(value: Any) -> Any:
    """Return a JSON value in which every string is `storable`."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_tree(key): storable_tree(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [storable_tree(entry) for entry in value]
    return value


def json_text(value: Any) -> str:
    """Write a JSON value as text in which every string is `storable`. Engines use it for all columns of JSON.

    The escapes of NUL and of lone surrogates are searched in the text, which is cheaper than a walk through a value that has none.
    """
    written = json.dumps(value)
    return json.dumps(storable_tree(value)) if "\\u0000" in written or "\\ud" in written else written


class CleanText(TypeDecorator[str]):
    """A column of text. All text goes through `storable` on its way to the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def message_id_key(message_id: str) -> str:
    """Return a Message-ID as it is stored and looked up.

    A Message-ID longer than one line (RFC 5322 §2.1.1) is replaced by its SHA-256, because PostgreSQL indexes at most 2700 octets.
    """
    clean = storable(message_id)
    octets = clean.encode()
    return clean if len(octets) <= LONGEST_LINE else "sha256:" + hashlib.sha256(octets).hexdigest()


class MessageId(TypeDecorator[str]):
    """A column for a Message-ID without angle brackets, as `message_id_key` makes it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else message_id_key(value)


class CleanJson(TypeDecorator[Any]):
    """A column of JSON whose strings are `storable`, because `store.database` writes it by `json_text`. None is stored as SQL NULL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB(none_as_null=True) if dialect.name == "postgresql" else JSON(none_as_null=True))


class Instant(TypeDecorator[datetime]):
    """A column for a moment in UTC: timestamptz on PostgreSQL, sortable ISO 8601 text on SQLite, which has no type with a zone.

    Raises ValueError for a moment without a time zone, because it would mean another time on each machine.
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
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")[:26] + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


class WordList(TypeDecorator[str]):
    """A column for different words of letters and digits, with a space between two: text on SQLite, tsvector on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())


metadata = MetaData()
# Conditions of partial indexes are literal text. A query with a bound value instead of the literal cannot use the index.
PENDING = text("state = 'pending'")
LEASED = text("state = 'pending' AND lease_token IS NOT NULL")
DROPPED = text("dropped_at IS NOT NULL")
HAS_EFFECT = text("state IN ('opened', 'threaded', 'noted', 'reported', 'held', 'refused')")
OPENED = text("state = 'opened'")
SIGNED_EFFECT = text("state IN ('opened', 'threaded', 'noted')")
OPEN = text("status NOT IN ('resolved', 'closed')")
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
# Rows that still have octets for retention to take (`store.retention`). Mail that waits for somebody keeps them.
MAIL_WITH_OCTETS = text(
    "(state IN ('opened', 'threaded', 'noted', 'reported', 'discarded', 'refused') "
    "OR state = 'quarantined' AND stopped_by IS NOT NULL) AND (content IS NULL OR length(content) > 0)"
)
LETTER_WITH_OCTETS = text("state IN ('sent', 'failed', 'suppressed') AND length(content) > 0")
IN_BLOB_STORE = text("content IS NULL")
FILE_IN_BLOB_STORE = text("content IS NULL AND mail_id IS NULL")
IN_A_MAIL = text("mail_id IS NOT NULL")
WITH_FILES = text("files IS NOT NULL")
CLOSED_ONCE = text("closed_at IS NOT NULL")
QUARANTINED = text("state = 'quarantined' AND stopped_by IS NULL")
HELD = text("state = 'held'")
COUNTED_LETTER = text("counted_as IS NOT NULL")
TO_DOMAIN = text("counted_domain IS NOT NULL")
UNTOLD = 0  # value of `outbox.told_in` for a gathered letter that no digest lists yet
GATHERED = text("told_in = 0")
WAITING = text("taken_at IS NULL AND error IS NULL")
UNPLACED_ROW = text("position IS NULL")
ENDED = text("(taken_at IS NOT NULL OR error IS NOT NULL)")
UNPLACED_REPLY = text("position IS NULL AND (taken_at IS NOT NULL OR error IS NOT NULL)")
UNREAD = text("direction = 'support' AND read_at IS NULL")
WITH_CLIENT_KEY = text("client_key IS NOT NULL")
UNUSED_UPLOAD = text("account_id IS NOT NULL AND reply_id IS NULL")
HAS_HEIR = text("heir <> ''")
IN_FILE = text("source = 'toml'")
COUNTED = BigInteger().with_variant(Integer, "sqlite")  # SQLite generates keys only for INTEGER PRIMARY KEY

# A raw mail that was accepted, with its decision. It is stored before it is parsed.
inbound = Table(
    "inbound",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("door", CleanText, nullable=False),  # how the mail came: smtp, lmtp, a mailbox, an archive …
    Column("reverse_path", CleanText),  # null if the door has no envelope, "" for the null reverse-path
    Column("forward_paths", CleanJson, nullable=False),  # recipients of the envelope
    Column("peer", CleanText, nullable=False),  # address of the host that delivered the mail
    Column("helo", CleanText, nullable=False),  # name that this host gave in HELO or EHLO
    Column("authenticated_as", CleanText),  # staff address that logged in (SMTP AUTH)
    Column("received_at", Instant, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary),  # the octets of the mail; null if the blob store has them under `sha256`
    Column("message_id", MessageId),
    Column("fingerprint", String(64)),  # hash that is equal for copies of the same mail; null until it is decided
    Column("state", String(16), nullable=False),  # pending, then the disposition of the decision
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Instant),  # a pending mail is not claimed before this time
    Column("lease_token", BigInteger),
    Column("last_error", CleanText),  # why the last attempt failed
    Column("ticket_id", BigInteger, ForeignKey("ticket.id")),
    Column("decision", CleanJson),  # the explanation that `helpdesk why` prints
    Column("finished_at", Instant),  # when the decision was recorded
    Column("release", CleanJson),  # what the author of a held mail decided about it
    Column("transmission", CleanText),  # transmission type of RFC 3848, such as ESMTPS or LMTP; null if unknown
    Column("recent", Boolean),  # whether an archived conversation is still to be worked on; null for other doors
    Column("dropped_at", Instant),  # when an operator dropped the mail; its content is deleted later
    Column("dropped_by", CleanText),
    Column("support_address", CleanText),  # of the mailbox, for mail whose header names no address of the desk
    Column("whole_size", BigInteger),  # octets of a mail of which only the beginning was fetched; null for a whole mail
    Column("origin", CleanJson),  # result of the checks of its author (SPF, DKIM, DMARC)
    Column("sender", CleanText, nullable=False),  # sender for the order of work (`store.turns`)
    Column("turn_at", Instant, nullable=False),  # position in the order of work
    Column("turn_ticket", BigInteger),  # ticket that its header names, unchecked, for the order of work (`store.turn_keys`)
    Column("turn_thread", String(32)),  # hash of the first Message-ID of its thread, for the same purpose
    Column("stopped_by", CleanText),  # the rule, entry or header field that kept the mail out; null if none did
    Column("signed_content", String(64)),  # hash of what a signature covers; null if none authenticates the author
    Index("inbound_turn", "turn_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("inbound_sender", "sender", "turn_at", sqlite_where=PENDING, postgresql_where=PENDING),
    Index("inbound_leased", "lease_until", sqlite_where=LEASED, postgresql_where=LEASED),
    Index("inbound_message_id", "message_id"),
    Index("inbound_fingerprint", "fingerprint"),
    Index("inbound_ticket", "ticket_id"),
    Index("inbound_archived", "sha256", sqlite_where=ARCHIVED, postgresql_where=ARCHIVED),
    Index("inbound_dropped", "dropped_at", sqlite_where=DROPPED, postgresql_where=DROPPED),
    Index("inbound_quarantined", "id", sqlite_where=QUARANTINED, postgresql_where=QUARANTINED),
    Index("inbound_held", "id", sqlite_where=HELD, postgresql_where=HELD),
    Index("inbound_with_octets", "id", sqlite_where=MAIL_WITH_OCTETS, postgresql_where=MAIL_WITH_OCTETS),
    Index("inbound_in_blob_store", "sha256", sqlite_where=IN_BLOB_STORE, postgresql_where=IN_BLOB_STORE),
)
# A mail has one effect: recording a copy of it, from another door or on another node, violates one of these keys and is decided again.
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
# The same for signed content, even if a copy has another Message-ID or recipient. A mail without effect does not block its copies.
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

# A ticket in its present state. `event` has its history.
ticket = Table(
    "ticket",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("reference", String(32), nullable=False, unique=True),  # public name, such as ACZ-K7Q2M9
    Column("version", Integer, nullable=False),  # grows with every change; a change expects the version that it read
    Column("status", String(16), nullable=False),
    Column("waiting_on", String(16), nullable=False),  # whose turn it is: support, customer or nobody
    Column("escalation_level", Integer, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("requester", Integer, nullable=False),  # number of the participant whose request it is
    Column("account", CleanText),  # id of the customer account; null for strangers
    Column("plan", CleanText, nullable=False),
    Column("category", CleanText, nullable=False),
    Column("severity", CleanText, nullable=False),
    Column("priority", CleanText, nullable=False),
    Column("queue", CleanText, nullable=False),
    Column("assignee", CleanText),  # staff address
    Column("support_address", CleanText, nullable=False),  # address of the desk to which the request was sent
    Column("thread_key", String(32), nullable=False, unique=True),  # name of the conversation in the platform
    Column("language", String(16), nullable=False),
    Column("assurance", String(16), nullable=False),  # how well the author of the opening mail was authenticated
    Column("automatic_letters", Boolean, nullable=False),  # whether the desk sends automatic letters on it
    Column("resolutions", Integer, nullable=False),  # how often it was resolved
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("event_count", Integer, nullable=False),  # number of its newest event
    Column("files", Integer, nullable=False),  # number of its newest file, as `#file` names it
    Column("changed_version", Integer, nullable=False),  # version after its last change that was more than a warning of the desk
    Column("first_response_at", Instant),
    Column("snoozed_until", Instant),
    Column("answered_at", Instant),  # the answer for which it waits on its customer
    Column("merged_into", BigInteger),  # id of the ticket in which the conversation continues
    Column("opened_by", CleanText),  # staff address, if staff opened it
    Column("closed_at", Instant),
    Column("their_reference", CleanText, nullable=False),  # reference of the customer's own ticket system
    Column("next_language", String(16), nullable=False),  # another language, in which the customer has written last
    Column("reminders", Integer, nullable=False),  # sent since the ticket began to wait for the customer
    Column("away_until", Instant),  # until when the customer is away
    Column("clocks", CleanJson, nullable=False),  # clocks of its targets (`store.clocks`); none for an archived ticket
    Column("rating", String(8)),  # the customer's newest rating of how it was handled
    Column("rated_at", Instant),
    Column("incident", BigInteger),  # id of the incident to which it is attached; its own id if it is the incident
    Column(
        "permissions", CleanJson, nullable=False, server_default="[]"
    ),  # questions whether data may be changed (`store.asides`)
    Column("consultations", CleanJson, nullable=False, server_default="[]"),  # side conversations with third persons, likewise
    Column("scheduled", CleanJson, nullable=False, server_default="[]"),  # mails of staff that are carried out later, likewise
    Column("watchers", CleanJson, nullable=False, server_default="[]"),  # addresses of staff who watch it
    Column("tags", CleanJson, nullable=False, server_default="[]"),  # by which rules of the operator have marked it
    Column("fields", CleanJson, nullable=False, server_default="{}"),  # values that such rules drew from its first mail, by name
    Column("past_queues", CleanJson, nullable=False),  # queues in which it was before
    Column("past_hands", CleanJson, nullable=False),  # addresses of staff who were assigned or acted on it
    Index("ticket_load", "assignee", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ticket_newest", "assignee", "id"),
    Index("ticket_of_account", "account", "id"),
    Index("ticket_closed", "closed_at", "id", sqlite_where=CLOSED_ONCE, postgresql_where=CLOSED_ONCE),
    Index("ticket_incident", "incident", sqlite_where=ATTACHED, postgresql_where=ATTACHED),
)

# A number that would take long to count, changed in the transaction that changes what it counts (`store.counts`).
counter = Table(
    "counter",
    metadata,
    Column("kind", String(16), nullable=False),  # what is counted, a value of `store.counts.Kind`
    Column("name", CleanText, nullable=False),  # address of staff, or queue
    Column("value", BigInteger, nullable=False),
    Column("changed_at", Instant),  # by the clock of the node; null if nothing has changed it
    PrimaryKeyConstraint("kind", "name"),
)

# The automatic letters to a domain within ten seconds, for the limits. `outbox` has the letters themselves.
letter_count = Table(
    "letter_count",
    metadata,
    Column("domain", CleanText, nullable=False),  # "" for the whole desk
    Column("unproved", Boolean, nullable=False),  # as in `outbox`
    Column("slot", BigInteger, nullable=False),  # which ten seconds since 1970 (`store.counts.slot_of`)
    Column("letters", BigInteger, nullable=False),
    PrimaryKeyConstraint("domain", "unproved", "slot"),
)

# A person who takes part in a ticket: a customer or a staff member.
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
    Index("participant_requests", "address", "ticket_id"),
)

# A public message of a ticket, from a customer or to one.
message = Table(
    "message",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("direction", String(16), nullable=False),  # customer or support: who wrote it
    Column("author", CleanText, nullable=False),  # address
    Column("assurance", String(16), nullable=False),  # how well the author was authenticated
    Column("attachments", CleanJson, nullable=False),
    Column("message_id", MessageId),
    Column("at", Instant, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("version", Integer, nullable=False),  # version of the ticket after this message
    Column("subject", CleanText, nullable=False),  # subject of this mail
    # Long columns stand last: SQLite reads through them to reach what stands behind.
    Column("shapes", CleanJson),  # lists, tables and links of the text; null where it is plain
    Column("text", CleanText, nullable=False),
    Column("elided_text", CleanText, nullable=False),  # quotes and signatures that were removed from the text
    Index("message_of_ticket", "ticket_id", "id"),
)

# A note of staff on a ticket. Customers never see it.
internal_note = Table(
    "internal_note",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("author", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column(
        "unasked", Boolean, nullable=False
    ),  # the mail became a note because of its recipients, not by a command of its author
    Column("attachments", CleanJson, nullable=False),
    Column("file_words", CleanText, nullable=False),  # the beginning of the text in its attachments
    Column("shapes", CleanJson),  # as those of a message
    Index("note_of_ticket", "ticket_id", "id"),
)

# The words by which a message or a note is found. `id` is that of the message or of the note, so the newest have the greatest.
# On PostgreSQL, the column has an index of its own; on SQLite, the virtual table `search_index` is the index, and triggers write it.
# On both, a trigger deletes the row with the message or the note, and when its text is replaced.
search_words = Table(
    "search_words",
    metadata,
    Column("id", COUNTED, primary_key=True, autoincrement=False),
    Column("words", WordList, nullable=False),
)
Index("search_words_found", search_words.c.words, postgresql_using="gin").ddl_if(dialect="postgresql")

# The words of a new ticket, to find tickets that report the same fault.
ticket_words = Table(
    "ticket_words",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("customer", CleanText, nullable=False),  # account id, or the address of a stranger
    Column("words", CleanJson, nullable=False),
    Column("at", Instant, nullable=False),
    Column("looked_at", Instant),  # when the ticket was compared with earlier ones; null before that
    Column("proposal", BigInteger),  # id of the ticket under which it was proposed as part of an incident
    Column(
        "listed", Boolean, nullable=False, server_default=false()
    ),  # true if the proposal lists it; false if it came later and is similar
    Index("words_unlooked", "ticket_id", sqlite_where=UNLOOKED, postgresql_where=UNLOOKED),
    Index("words_proposed", "proposal"),
)

# A Message-ID whose replies join a ticket: of its mails, of its letters, or only known from References.
known_id = Table(
    "known_id",
    metadata,
    Column("message_id", MessageId, nullable=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    PrimaryKeyConstraint("message_id", "ticket_id"),
    Index("known_id_of_ticket", "ticket_id"),
)

# A link between two tickets: merged, split, follow-up, or mentioned.
related = Table(
    "related",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("other_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    PrimaryKeyConstraint("ticket_id", "other_id"),
    Index("related_backwards", "other_id", "ticket_id"),
)

# An event in the history of a ticket. Rows are only added, and their numbers have no gap within a ticket.
event = Table(
    "event",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor", CleanText, nullable=False),  # address of the person, or the name of a rule
    Column("at", Instant, nullable=False),
    Column("from_status", String(16)),  # null if the event changes no status
    Column("to_status", String(16)),
    Column("detail", CleanText, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column(
        "policy", String(POLICY_PREFIX), nullable=False, server_default=""
    ),  # the beginning of the digest of the policy that decided
    PrimaryKeyConstraint("ticket_id", "number"),
)

# A letter to one recipient, from the decision that orders it until it is sent or given up.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger, ForeignKey("ticket.id")),
    Column("participant", Integer, nullable=False),  # number of the recipient among the participants of the ticket
    Column("notice", String(32), nullable=False),  # the reason for the letter
    Column("part", Integer, nullable=False, server_default="0"),  # of several letters that one cause makes because of their files
    Column("audience", String(16), nullable=False),  # customer, staff
    Column("recipient", CleanText, nullable=False),
    Column("reverse_path", CleanText, nullable=False),
    Column("message_id", MessageId, nullable=False, unique=True),
    Column("subject", CleanText, nullable=False),
    Column("words", LargeBinary, nullable=False),  # of both parts, to recognise quotes of the letter (`matching.sent_words`)
    Column("content", LargeBinary, nullable=False),  # the octets of the letter, without the files in `files`
    Column("automatic", Boolean, nullable=False),
    Column("cause", CleanText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # queued, sending, sent, deferred, failed or suppressed
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),  # attempts whose outcome is unknown
    Column("next_attempt_at", Instant),  # while sending: the end of the lease, after which another node may try
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
    Column("last_reply", CleanText),  # last reply of the relay, or why the letter is not sent
    Column("delay_told_at", Instant),  # when the delay was reported to the team, or the report was skipped
    Column("failure_told_at", Instant),  # when the failure of the letter was processed
    Column("counted_as", CleanText),  # key of the limit that an automatic letter counts against; null if it does not count
    Column("counted_domain", CleanText),  # the recipient's domain, for the limit of the domain
    Column(
        "files", CleanJson
    ),  # files to insert into `content`, with their places (`store.letter_files`); null if there are none
    Column("files_of", BigInteger),  # id of the inbound mail that contains these files
    Column("unproved", Boolean, nullable=False),  # caused by unauthenticated mail, and counted separately
    Column("told_in", BigInteger),  # id of the digest that lists a gathered letter to staff; 0 (UNTOLD) before
    Index("outbox_of_ticket", "ticket_id", "id"),
    Index("outbox_failed", "id", sqlite_where=FAILED_UNTOLD, postgresql_where=FAILED_UNTOLD),
    Index("outbox_delayed", "created_at", sqlite_where=DELAY_UNTOLD, postgresql_where=DELAY_UNTOLD),
    Index("outbox_counted", "counted_as", "created_at", sqlite_where=COUNTED_LETTER, postgresql_where=COUNTED_LETTER),
    Index("outbox_counted_domain", "counted_domain", "created_at", sqlite_where=TO_DOMAIN, postgresql_where=TO_DOMAIN),
    Index("outbox_gathered", "recipient", "id", sqlite_where=GATHERED, postgresql_where=GATHERED),
    Index("outbox_counted_desk", "created_at", sqlite_where=TO_DOMAIN, postgresql_where=TO_DOMAIN),
    Index("outbox_with_octets", "id", sqlite_where=LETTER_WITH_OCTETS, postgresql_where=LETTER_WITH_OCTETS),
    Index("outbox_with_files", "id", sqlite_where=WITH_FILES, postgresql_where=WITH_FILES),
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
    outbox.c.part,
    func.coalesce(outbox.c.ticket_id, text("0")),
    unique=True,
)

# An attempt to send a letter, with the reply of the relay.
attempt = Table(
    "attempt",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("outbox_id", BigInteger, ForeignKey("outbox.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),  # sent, deferred, failed or uncertain
    Column("code", Integer),  # SMTP reply code; null if there was no reply
    Column("reply", CleanText, nullable=False),
    Column("status", String(11)),  # enhanced status code (RFC 3463), if the reply has one
    Index("attempt_of_letter", "outbox_id"),
)

# A node that runs, or that ended without a word. A node that is stopped takes its row away.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("node", CleanText, primary_key=True),  # host name and a number
    Column("host", CleanText, nullable=False),
    Column("version", CleanText, nullable=False),  # of the program
    Column("policy", String(64), nullable=False),  # SHA-256 of the policy that it decides by
    Column("started_at", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),  # its last sign of life
    Column("policy_since", Instant),  # when it took its policy
    Column(
        "keys", CleanText, nullable=False, server_default=""
    ),  # of reply tokens: "b:3f2a11d0 a:…", each with its print; the first signs
    Column(
        "refusal", CleanText, nullable=False, server_default=""
    ),  # why it keeps an earlier configuration than the files have now
    Column("refused_at", Instant),
)

# The only row of this table says which programs the schema suits: those that know this migration.
schema_floor = Table("schema_floor", metadata, Column("works_from", String(32), primary_key=True))

# The only row of this table is the id of the desk, which its folder of blobs has too (`store.desk_identity`).
desk_identity = Table(
    "desk_identity",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("desk", String(32), nullable=False),
)

# A backfill that has begun and not ended: how far a migration has filled the rows of a table (`store.backfills`).
backfill = Table(
    "backfill",
    metadata,
    Column("revision", String(32), primary_key=True),  # of the migration
    Column("table_name", CleanText, nullable=False),
    Column("done_to", CleanJson),  # the largest key that is filled: a whole number or text; null before the first batch
    Column("filled", BigInteger, nullable=False),  # rows
    Column("expected", BigInteger, nullable=False),  # rows that the table had at the beginning
    Column("began_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),  # when the last batch was filled
)

# An alarm of which the operator was told and that is not over.
alarm = Table(
    "alarm",
    metadata,
    Column("name", CleanText, primary_key=True),  # kind and subject, with the host for what each node has for itself
    Column("kind", String(16), nullable=False),
    Column("text", CleanText, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant, nullable=False),
)

# A letter on its way round, by the span of time to which it belongs: all nodes together send one in each span.
canary = Table(
    "canary",
    metadata,
    Column("slot", BigInteger, primary_key=True, autoincrement=False),
    Column("token", String(32), nullable=False, unique=True),
    Column("sent_at", Instant, nullable=False),
    Column("returned_at", Instant),
)

# The only row of this table exists while no letter may be sent.
hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Column("reason", CleanText, nullable=False),
)

# A message in a customer's inbox in the platform: their own words, or a copy of a letter to them. The platform reads it.
platform_inbox = Table(
    "platform_inbox",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("account_id", CleanText),
    Column("contact_address", CleanText, nullable=False),  # whose inbox it is
    Column("ticket", String(32), nullable=False),  # reference
    Column("thread_key", String(32), nullable=False),
    Column("direction", String(16), nullable=False),  # customer or support: who wrote it
    Column("notice", String(32)),  # the reason for the letter; null for the customer's own words
    Column("subject", CleanText, nullable=False),
    Column("body_text", CleanText, nullable=False),
    Column("body_html", CleanText, nullable=False),
    Column("attachments", CleanJson, nullable=False),
    Column(
        "fields", CleanJson, nullable=False, server_default="{}"
    ),  # values such as an order number, by the names of their fields
    Column("status_after", String(16), nullable=False),  # status of the ticket after this message
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),  # set by the platform
    Column("letter_id", BigInteger),  # id of the letter that the row copies
    Column("proved", Boolean, nullable=False),  # false for mail of a contact that was not authenticated
    Column("words_id", BigInteger),  # id of the message that the row shows; null if it shows a letter
    Column(
        "position", BigInteger
    ),  # place in the order in which rows became visible; null until it is given (`store.inbox_positions`)
    Index("inbox_of_account", "account_id", "position"),
    Index("inbox_position", "position", unique=True),
    Index("inbox_without_position", "id", sqlite_where=UNPLACED_ROW, postgresql_where=UNPLACED_ROW),
    Index("inbox_unread", "thread_key", sqlite_where=UNREAD, postgresql_where=UNREAD),
    Index("inbox_of_contact", "contact_address", "position"),
    Index("inbox_of_thread", "thread_key", "position"),
    Index("inbox_of_letter", "letter_id"),
    Index("inbox_of_words", "words_id"),
    sqlite_autoincrement=True,  # an id that was deleted never comes again
)

# A conversation as the platform lists it: the newest state of what customers may know of a ticket. The platform reads it.
platform_thread = Table(
    "platform_thread",
    metadata,
    Column("thread_key", String(32), primary_key=True),
    Column("account_id", CleanText),  # null for customers without an account
    Column("ticket", String(32), nullable=False),  # reference
    Column("subject", CleanText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),  # grows whenever another column but the last two changes
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),  # when the version grew last
    Column("last_position", BigInteger),  # largest position of its messages in the inbox; null while none has a position
    Column("last_at", Instant),  # when that message was written
    Index("thread_of_account", "account_id", "last_position"),
)

# The last position that a row of `platform_inbox` or `platform_reply` was given: one row, which also serialises the giving. Positions are never
# used twice.
inbox_numbering = Table(
    "inbox_numbering",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

# A reply that a customer wrote in the platform. The platform inserts the row; the desk sets `taken_at` or `error`.
platform_reply = Table(
    "platform_reply",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("thread_key", String(32)),  # null for a new request
    Column("account_id", CleanText, nullable=False),
    Column("contact_address", CleanText, nullable=False, server_default=""),
    Column("client_key", String(64)),  # chosen by the platform, so that a row that is inserted again is refused; null without one
    Column("subject", CleanText),  # of a new request, or a new one of the thread; null for none
    Column("category", CleanText),  # that the customer has chosen for a new request; null where they chose none
    Column("rating", CleanText),  # good, okay or bad: how the request of the thread went; null where they do not say it
    Column("body_text", CleanText, nullable=False, server_default=""),
    Column("body_html", CleanText),  # the same words with their shape; null where they have none
    Column("attachments", CleanJson, nullable=False, server_default="[]"),
    Column("created_at", Instant, nullable=False, server_default=func.current_timestamp()),
    Column("taken_at", Instant),
    Column("error", CleanText),
    Column("request_sha256", String(64)),  # hash of the request that wrote it over HTTP, by which a repetition is known
    Column("permission", Integer),  # number of the question for permission that it answers; null for the only open one
    Column("answer", String(8)),  # "yes" or "no" to that question; null for a reply that answers none
    Column("position", BigInteger),  # place of its end in the feed, as in `platform_inbox`
    Index("reply_of_account", "account_id", "position"),
    Index("reply_position", "position", unique=True),
    Index("reply_without_position", "id", sqlite_where=UNPLACED_REPLY, postgresql_where=UNPLACED_REPLY),
    Index("reply_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("reply_once", "account_id", "client_key", unique=True, sqlite_where=WITH_CLIENT_KEY, postgresql_where=WITH_CLIENT_KEY),
    sqlite_autoincrement=True,  # an id that was deleted never comes again
)

# A key with which a platform uses the HTTP API. The secret part of it is kept as a hash alone.
api_key = Table(
    "api_key",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", CleanText, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the whole key
    Column("scopes", CleanJson, nullable=False),
    Column("accounts", CleanJson, nullable=False),  # ids of accounts, or "*" for all
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
)

# The secret with which the cursors of the HTTP API are signed: one row, the same for all nodes.
api_secret = Table(
    "api_secret",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
)

# A use of a link to a file of a letter, or its revocation. The link itself is stored nowhere: it has a seal.
file_link_event = Table(
    "file_link_event",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("file_id", String(64), nullable=False),  # of `platform_attachment`
    Column("kind", String(16), nullable=False),  # used or revoked
    Column("at", Instant, nullable=False),
    Index("link_event_of_file", "file_id"),
    sqlite_autoincrement=True,  # an id that was deleted never comes again
)

# A visit to the inbox page: a one-time code that a platform was given, and the session that it became in a browser. Secrets are kept as hashes.
page_session = Table(
    "page_session",
    metadata,
    Column("code_sha256", String(64), primary_key=True),
    Column("code_until", Instant, nullable=False),
    Column("session_sha256", String(64)),  # of the browser's secret; null until the code is exchanged
    Column("account_id", CleanText, nullable=False),
    Column("contact_address", CleanText, nullable=False),
    Column("language", String(35), nullable=False),  # a tag, or nothing
    Column("key_id", String(16), nullable=False),  # of the platform that asked for it
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),  # null until the code is exchanged
    Column("ended_at", Instant),  # when the customer left
    Index("session_of_browser", "session_sha256", unique=True),
    Index("session_made", "created_at"),
)

# How far the events of the feed have been posted to a [[webhook]]: every event up to `position` was taken, or stands in `webhook_retry`.
webhook_target = Table(
    "webhook_target",
    metadata,
    Column("name", CleanText, primary_key=True),
    Column("position", BigInteger, nullable=False),  # of `platform_inbox`
    Column("state", String(16), nullable=False),  # on, paused or off
    Column("state_at", Instant, nullable=False),  # since when
    Column("taken_at", Instant),  # when it took an event last
    Column("resting_until", Instant),  # before which nothing is posted there
    Column("answer", CleanText, nullable=False, server_default=""),  # the last one that was no success
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
)

# An event that a webhook has not taken, or that waits behind such an event of its conversation.
webhook_retry = Table(
    "webhook_retry",
    metadata,
    Column("target", CleanText, nullable=False),  # name of the webhook
    Column("position", BigInteger, nullable=False),  # of `platform_inbox`
    Column("thread_key", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_at", Instant),  # of the first attempt; null before it
    Column("next_attempt_at", Instant, nullable=False),
    Column("given_up_at", Instant),  # after the last attempt; null while it is still tried
    PrimaryKeyConstraint("target", "position"),
)

# A file of the conversation with the platform, in either direction. The rows of `platform_inbox` list their files with these ids; the files
# of a reply have its id in `reply_id`. The gateway writes a row in the transaction of the inbox row that shows it.
platform_attachment = Table(
    "platform_attachment",
    metadata,
    Column(
        "id", String(64), primary_key=True
    ),  # of the gateway: att_ and more; of the platform: any text that is in no other row
    Column("reply_id", BigInteger),  # id in `platform_reply`, if the platform wrote the row
    Column("words_id", BigInteger),  # as in `platform_inbox`
    Column("letter_id", BigInteger),  # as in `platform_inbox`
    Column("filename", CleanText, nullable=False, server_default=""),
    Column("content_type", CleanText, nullable=False, server_default="application/octet-stream"),
    Column("size", BigInteger),  # octets; null until a reply of the platform is taken
    Column("sha256", String(64)),  # likewise
    Column("content", LargeBinary),  # the octets; null if the blob store has them under `sha256`, or a stored mail
    Column("mail_id", BigInteger),  # id of the inbound mail that has the octets; null if no mail has to be opened for them
    Column("place", CleanJson),  # where they lie in it, as in `outbox.files`: [[start, end, encoding], …]
    Column("created_at", Instant, nullable=False, server_default=func.current_timestamp()),
    Column("account_id", CleanText),  # whose upload it is, if it came over HTTP; null otherwise
    Index("attachment_of_reply", "reply_id"),
    Index("attachment_unused", "created_at", sqlite_where=UNUSED_UPLOAD, postgresql_where=UNUSED_UPLOAD),
    Index("attachment_in_mail", "mail_id", sqlite_where=IN_A_MAIL, postgresql_where=IN_A_MAIL),
    Index("attachment_made", "created_at", "id"),
    Index("attachment_in_blob_store", "sha256", sqlite_where=FILE_IN_BLOB_STORE, postgresql_where=FILE_IN_BLOB_STORE),
)

# One occurrence of a timer of a ticket.
timer = Table(
    "timer",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("occurrence", Integer, nullable=False),  # counts the timers of one kind on the ticket
    Column("due_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),  # pending, fired or cancelled
    Column("set_by", CleanText, nullable=False),  # the cause that set it
    Column("cancelled_by", CleanText),  # the cause that cancelled it
    Column("attempts", Integer, nullable=False, server_default="0"),  # failed attempts to decide it
    Column("not_before", Instant),  # next attempt after a failed one
    PrimaryKeyConstraint("ticket_id", "kind", "occurrence"),
    Index("timer_due", "due_at", sqlite_where=PENDING, postgresql_where=PENDING),
)

# What one mail of a staff member changed on one ticket. `#undo` takes the step back and deletes the row.
undo_step = Table(
    "undo_step",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), nullable=False),
    Column("version", Integer, nullable=False),  # version of the ticket after the step
    Column("cause", CleanText, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("summary", CleanText, nullable=False),
    Column("change", CleanJson, nullable=False),  # what to restore (`store.undo.change_of`)
    PrimaryKeyConstraint("ticket_id", "version"),
    Index("undo_of_cause", "cause"),
)

# A small image in the signature part of one mail of an author. From the third mail that has it, it belongs to their signature, and further
# mails are not recorded.
seen_image = Table(
    "seen_image",
    metadata,
    Column("sha256", String(64), nullable=False),
    Column("origin", CleanText, nullable=False),  # account id, or the author's address
    Column("cause", CleanText, nullable=False),  # the mail
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("sha256", "origin", "cause"),
)

# A reason not to send letters to an address.
operator_act = Table(
    "operator_act",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", CleanText, nullable=False),  # the user of the command line, or the name of the key of the operator's page
    Column("kind", String(24), nullable=False),
    Column("subject", CleanText, nullable=False),  # number of a mail, an address, or the reason of a hold; "" for all letters
)

suppression = Table(
    "suppression",
    metadata,
    Column("address", CleanText, nullable=False),
    Column("reason", String(16), nullable=False),  # hard_bounce, complaint or manual
    Column("diagnostic", CleanText, nullable=False),  # the reply or report that caused it
    Column("since", Instant, nullable=False),
    Column("until", Instant),  # null for no end
    Column("letter_id", BigInteger),  # the letter that was not delivered
    PrimaryKeyConstraint("address", "reason"),
)

# A sender whom the operator, or staff by `#spam`, allowed or blocked.
listed_sender = Table(
    "listed_sender",
    metadata,
    Column("entry", CleanText, primary_key=True),  # address, or domain with those below it
    Column("listing", String(8), nullable=False),  # allow or block
    Column("by", CleanText, nullable=False),  # login name of the operator, or address of the staff member
    Column("since", Instant, nullable=False),
    Column("reason", CleanText, nullable=False),
    Column("unproved_only", Boolean, nullable=False),  # whether it stops only mail that does not prove its author
    Column("ticket", String(32), nullable=False),  # reference of the request that was spam; "" for an entry of the operator
)

# The open tickets of a staff member as a letter listed them. Replies refer to the numbers in this list.
digest = Table(
    "digest",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("staff", CleanText, nullable=False),  # address
    Column("day", String(10)),  # the day, or the week of a weekly report, that the row claims; null for a digest on request
    Column("at", Instant, nullable=False),
    Column("rows", CleanJson, nullable=False),  # a list of [number in the letter, ticket id, reference, version of the ticket]
    Index("digest_of_day", "staff", "day", unique=True),
)

# The estimate of how long a request waits for its first answer, made when it arrived, and the real time.
measurement = Table(
    "measurement",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("queue", CleanText, nullable=False),  # queue in which the request was opened
    Column("waiting", Integer, nullable=False),  # requests that waited in the queue before it
    Column("at", Instant, nullable=False),
    Column("median_at", Instant),  # estimate that half of the answers keep; null without enough data
    Column("ninetieth_at", Instant),  # estimate that 90 percent of the answers keep
    Column("busy", Boolean, nullable=False),  # whether the queue is busy from then on
    Column("told", Boolean, nullable=False),  # whether the customer was told the estimate
    Column("answered_at", Instant),
    Column("took", BigInteger),  # microseconds of working time until the answer
    Column("ended", Boolean, nullable=False),  # whether the request ended without an answer
    Index("measurement_newest", "queue", "ticket_id"),
    Index("measurement_answered", "queue", "answered_at"),
    Index("measurement_undecided", "queue", "ninetieth_at", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("measurement_made", "at"),
)


# Who owns a row of the directory, and whether it is in force. A row is changed and taken away by its own source only, and is never deleted.
def _columns_of_owner() -> tuple[Column[Any], ...]:
    return (
        Column("source", CleanText, nullable=False, server_default="toml"),  # toml, api or import:NAME
        Column("external_id", CleanText),  # how the source itself names the row
        Column("active", Boolean, nullable=False, server_default=true()),
        Column("updated_at", Instant),  # when a value changed last; null if no source has written the row
    )


# A staff member. Those who left are inactive.
staff = Table(
    "staff",
    metadata,
    Column("address", CleanText, primary_key=True),
    Column("addresses", CleanJson, nullable=False, server_default="[]"),  # further ones, from which they write too
    Column("name", CleanText, nullable=False),
    Column("role", String(16), nullable=False),
    Column("queues", CleanJson, nullable=False),
    Column("hours", CleanText, nullable=False, server_default=""),  # this and the next five as `[[staff]]` has them
    Column("deputy", CleanText, nullable=False, server_default=""),
    Column("zone", CleanText, nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default="en"),
    Column("signature", CleanText, nullable=False, server_default=""),
    Column("letters", String(16), nullable=False, server_default="all"),
    Column("heir", CleanText, nullable=False, server_default=""),  # address of who takes over what is open when they are inactive
    Column("away_until", Instant),
    *_columns_of_owner(),
)

# A customer account.
account = Table(
    "account",
    metadata,
    Column("id", CleanText, primary_key=True),
    Column("plan", CleanText, nullable=False),
    Column("severity", String(16), nullable=False, server_default="low"),  # this and the next three as `[[account]]` has them
    Column("calendar", CleanText, nullable=False, server_default=""),
    Column("language", String(16), nullable=False, server_default=""),
    Column("zone", CleanText, nullable=False, server_default=""),
    Column("heir", CleanText, nullable=False, server_default=""),  # id of the account that has its requests and inbox now
    *_columns_of_owner(),
    Index("account_with_heir", "id", sqlite_where=HAS_HEIR, postgresql_where=HAS_HEIR),
    Index("account_in_file", "id", sqlite_where=IN_FILE, postgresql_where=IN_FILE),
)

# A verified domain. Every address in it belongs to the account.
account_domain = Table(
    "account_domain",
    metadata,
    Column("domain", CleanText, primary_key=True),
    Column("account_id", CleanText, ForeignKey("account.id"), nullable=False),
    *_columns_of_owner(),
    Index("domain_of_account", "account_id"),
    Index("domain_in_file", "domain", sqlite_where=IN_FILE, postgresql_where=IN_FILE),
)

# A known customer address. It has no account if it is inactive, or if its account is.
contact = Table(
    "contact",
    metadata,
    Column("address", CleanText, primary_key=True),
    Column("name", CleanText, nullable=False, server_default=""),
    Column("account_id", CleanText, ForeignKey("account.id")),
    *_columns_of_owner(),
    Index("contact_of_account", "account_id"),
    Index("contact_in_file", "address", sqlite_where=IN_FILE, postgresql_where=IN_FILE),
)

# One change of the directory: an import, a command, the configuration at the start of a node, or the undoing of one of these.
directory_import = Table(
    "directory_import",
    metadata,
    Column("id", COUNTED, primary_key=True),
    Column("source", CleanText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", CleanText, nullable=False),  # login name of the operator, or the node
    Column("file", CleanText, nullable=False),  # name of the file; "" without one
    Column("sha256", String(64), nullable=False),  # of the file; "" without one
    Column("complete", Boolean, nullable=False),  # whether rows that it does not name were taken away
    Column("counts", CleanJson, nullable=False),  # of lines of the diff, by what changed
    Column("undoes", BigInteger),  # id of the change that it takes back
)

# A row that one change of the directory touched, as it was before.
directory_change = Table(
    "directory_change",
    metadata,
    Column("import_id", BigInteger, ForeignKey("directory_import.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # account, domain, contact or staff
    Column("key", CleanText, nullable=False),
    Column("before", CleanJson),  # null if there was no row
    PrimaryKeyConstraint("kind", "key", "import_id"),
    Index("change_of_import", "import_id"),
)

# How often the directory has changed: one row. What was read from the directory is valid while this number stays.
directory_version = Table(
    "directory_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)

# A folder of a mailbox on a remote server: how far it has been read, and which node reads it.
mailbox_folder = Table(
    "mailbox_folder",
    metadata,
    Column("mailbox", CleanText, nullable=False),
    Column("folder", CleanText, nullable=False),
    Column("validity", BigInteger),  # UIDVALIDITY of the folder (RFC 9051 §2.3.1.1); null before the first look
    Column("start_uid", BigInteger, nullable=False, server_default="0"),  # mails up to this UID are not read
    Column("last_uid", BigInteger, nullable=False, server_default="0"),  # every listed UID up to this one is in `mailbox_mail`
    Column("renumbered_uid", BigInteger, nullable=False, server_default="0"),  # largest UID when UIDVALIDITY changed
    Column("first_seen_at", Instant),
    Column("reconciled_at", Instant),  # when the ledger was last compared with the server
    Column("looked_at", Instant),  # when the folder was last read to its end; written at the look after it
    Column("lease_until", Instant),
    Column("lease_token", BigInteger),
    PrimaryKeyConstraint("mailbox", "folder"),
)

# The ledger of mailboxes: a mail that was seen in such a folder, and what was done with it.
mailbox_mail = Table(
    "mailbox_mail",
    metadata,
    Column("mailbox", CleanText, nullable=False),
    Column("folder", CleanText, nullable=False),
    Column("validity", BigInteger, nullable=False),
    Column("uid", CleanText, nullable=False),  # UID of IMAP, or unique-id of POP3
    Column("outcome", String(16), nullable=False),  # value of `store.mailboxes.Seen`
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("inbound_id", BigInteger, ForeignKey("inbound.id")),
    Column("seen_at", Instant, nullable=False),
    Column("settled_at", Instant),  # when nothing was left to do for it on the server; null before
    Column("attempts", Integer, nullable=False),  # failed attempts at what is left to do
    Column("retry_at", Instant),
    Column("reason", CleanText, nullable=False),
    PrimaryKeyConstraint("mailbox", "folder", "validity", "uid"),
    Index("mailbox_mail_content", "sha256"),
    Index("mailbox_mail_inbound", "inbound_id"),
    Index(
        "mailbox_mail_unsettled",
        "mailbox",
        "folder",
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    ),
)

# How much retention has taken since the desk began, one row for each kind (`store.retention.Purged`).
purge_total = Table(
    "purge_total",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# Recent failed attempts to log in at one place where they are counted (`threading.trust.guessing`), for all nodes together.
login_count = Table(
    "login_count",
    metadata,
    Column("lane", String(16), nullable=False),  # source, account, newcomers or known
    Column("source", String(64), nullable=False),  # IP address or network; "" if the lane does not use it
    Column("account", CleanText, nullable=False),  # staff address; "" if the lane does not use it
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("free_at", Instant, nullable=False),  # when the next attempt may begin
    Column("alarmed_at", Instant),
    Column("untold", Boolean, nullable=False),  # whether managers must still be told of the alarm
    PrimaryKeyConstraint("lane", "source", "account"),
    Index("login_count_age", "last_at"),
    Index("login_count_untold", "alarmed_at", sqlite_where=GUESSING_UNTOLD, postgresql_where=GUESSING_UNTOLD),
)

# A source from which a staff member has logged in with the right password.
login_source = Table(
    "login_source",
    metadata,
    Column("source", String(64), nullable=False),
    Column("account", CleanText, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("source", "account"),
)

# What belongs to `search_words` besides its rows.
SEARCH_INDEX = {
    "sqlite": (
        # Every word is a token, because `threading.matching.search_words` has left nothing but letters, digits and spaces.
        (
            "CREATE VIRTUAL TABLE search_index USING "
            "fts5(words, content='search_words', content_rowid='id', tokenize='ascii', detail='none', columnsize=0)"
        ),
        (
            "CREATE TRIGGER search_words_added AFTER INSERT ON search_words BEGIN "
            "INSERT INTO search_index (rowid, words) VALUES (new.id, new.words); END"
        ),
        (
            "CREATE TRIGGER search_words_gone AFTER DELETE ON search_words BEGIN "
            "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.id, old.words); END"
        ),
        *(
            f"CREATE TRIGGER {table}_{name} AFTER {change} ON {table} BEGIN DELETE FROM search_words WHERE id = old.id; END"
            for table in ("message", "internal_note")
            for name, change in (("forgotten", "DELETE"), ("rewritten", "UPDATE OF text"))
        ),
    ),
    "postgresql": (
        # With the default of 100, a rare word counts as so frequent that the whole table is read for it, from the newest message on.
        "ALTER TABLE search_words ALTER COLUMN words SET STATISTICS 300",
        (
            "CREATE FUNCTION forget_search_words() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM search_words WHERE id = OLD.id; RETURN NULL; END $$"
        ),
        *(
            f"CREATE TRIGGER {table}_{name} AFTER {change} ON {table} FOR EACH ROW EXECUTE FUNCTION forget_search_words()"
            for table in ("message", "internal_note")
            for name, change in (("forgotten", "DELETE"), ("rewritten", "UPDATE OF text"))
        ),
    ),
}
for name, statements in SEARCH_INDEX.items():
    for statement in statements:
        schema_event.listen(metadata, "after_create", DDL(statement).execute_if(dialect=name))  # type: ignore[no-untyped-call]  # SQLAlchemy does not annotate DDL
