"""All tables of the first release."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

# A migration is fixed once it is released. Its types are therefore written out here: the ones in `store.schema` may change later.
text = sa.Text()
json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
words = sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql")


def where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def owned() -> tuple[sa.Column[Any], ...]:
    """The columns that say who owns a row of the directory, and whether it is in force."""
    return (
        sa.Column("source", text, nullable=False, server_default="toml"),
        sa.Column("external_id", text),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("updated_at", instant),
    )


# Settings of tables for PostgreSQL. Other updates of the queues change a column of an index or of its condition, so that room in the page
# would save nothing: only dead rows count there. By default they are removed when they are a fifth of the table, and these tables keep what
# is done, so the fifth grows for years while the waiting rows are few.
QUEUE = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_vacuum_threshold": "1000",
    "autovacuum_analyze_scale_factor": "0.01",
    "autovacuum_analyze_threshold": "500",
}
# Rows that are updated in columns without an index: with room in the page, an update writes no index and its dead row is removed at the next
# look at the page, without a vacuum.
UPDATED_IN_PLACE = {"fillfactor": "50"}
SETTINGS = {
    "counter": UPDATED_IN_PLACE,
    "letter_count": UPDATED_IN_PLACE,
    "ticket": {"fillfactor": "80"},  # a ticket has several versions, but in the end is read much more often than written
    "inbound": QUEUE,
    "outbox": QUEUE,
    "timer": QUEUE,
    "platform_reply": QUEUE,
}


def set_storage() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, settings in SETTINGS.items():
            op.execute(f"ALTER TABLE {table} SET ({', '.join(f'{name} = {value}' for name, value in settings.items())})")


# Triggers that take the words of a message or note out with it, or when its text is replaced.
FORGETTING = tuple(
    f"CREATE TRIGGER {table}_{name} AFTER {change} ON {table}"
    for table in ("message", "internal_note")
    for name, change in (("forgotten", "DELETE"), ("rewritten", "UPDATE OF text"))
)
# The index of `search_words`, with these triggers.
SEARCH_INDEX = {
    "sqlite": (
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
        *(f"{trigger} BEGIN DELETE FROM search_words WHERE id = old.id; END" for trigger in FORGETTING),
    ),
    "postgresql": (
        "CREATE INDEX search_words_found ON search_words USING gin (words)",
        "ALTER TABLE search_words ALTER COLUMN words SET STATISTICS 300",
        (
            "CREATE FUNCTION forget_search_words() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN DELETE FROM search_words WHERE id = OLD.id; RETURN NULL; END $$"
        ),
        *(f"{trigger} FOR EACH ROW EXECUTE FUNCTION forget_search_words()" for trigger in FORGETTING),
    ),
}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", text, primary_key=True),
        sa.Column("plan", text, nullable=False),
        sa.Column("severity", sa.String(16), nullable=False, server_default="low"),
        sa.Column("calendar", text, nullable=False, server_default=""),
        sa.Column("language", sa.String(16), nullable=False, server_default=""),
        sa.Column("zone", text, nullable=False, server_default=""),
        sa.Column("heir", text, nullable=False, server_default=""),
        *owned(),
    )
    op.create_index("account_with_heir", "account", ["id"], **where("heir <> ''"))
    op.create_index("account_in_file", "account", ["id"], **where("source = 'toml'"))
    op.create_table(
        "directory_import",
        sa.Column("id", counted, primary_key=True),
        sa.Column("source", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("who", text, nullable=False),
        sa.Column("file", text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("counts", json, nullable=False),
        sa.Column("undoes", sa.BigInteger()),
    )
    op.create_table(
        "directory_version",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "counter",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", instant),
        sa.PrimaryKeyConstraint("kind", "name"),
    )
    op.create_table(
        "letter_count",
        sa.Column("domain", text, nullable=False),
        sa.Column("unproved", sa.Boolean(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("letters", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "unproved", "slot"),
    )
    op.create_table(
        "digest",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("staff", text, nullable=False),
        sa.Column("day", sa.String(10)),
        sa.Column("at", instant, nullable=False),
        sa.Column("rows", json, nullable=False),
    )
    op.create_index("digest_of_day", "digest", ["staff", "day"], unique=True)
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("reason", text, nullable=False),
    )
    op.create_table(
        "purge_total",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("last_at", instant, nullable=False),
    )
    op.create_table(
        "login_count",
        sa.Column("lane", sa.String(16), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("account", text, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("free_at", instant, nullable=False),
        sa.Column("alarmed_at", instant),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "source", "account"),
    )
    op.create_index("login_count_age", "login_count", ["last_at"])
    op.create_index("login_count_untold", "login_count", ["alarmed_at"], **where("untold"))
    op.create_table(
        "login_source",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("account", text, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("source", "account"),
    )
    op.create_table(
        "mailbox_folder",
        sa.Column("mailbox", text, nullable=False),
        sa.Column("folder", text, nullable=False),
        sa.Column("validity", sa.BigInteger()),
        sa.Column("start_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("last_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("renumbered_uid", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("first_seen_at", instant),
        sa.Column("reconciled_at", instant),
        sa.Column("looked_at", instant),
        sa.Column("lease_until", instant),
        sa.Column("lease_token", sa.BigInteger()),
        sa.PrimaryKeyConstraint("mailbox", "folder"),
    )
    op.create_table(
        "platform_attachment",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("reply_id", sa.BigInteger()),
        sa.Column("words_id", sa.BigInteger()),
        sa.Column("letter_id", sa.BigInteger()),
        sa.Column("filename", text, nullable=False, server_default=""),
        sa.Column("content_type", text, nullable=False, server_default="application/octet-stream"),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("mail_id", sa.BigInteger()),
        sa.Column("place", json),
        sa.Column("created_at", instant, nullable=False, server_default=sa.func.current_timestamp()),
        sa.Column("account_id", text),
    )
    op.create_index("attachment_of_reply", "platform_attachment", ["reply_id"])
    op.create_index(
        "attachment_unused", "platform_attachment", ["created_at"], **where("account_id IS NOT NULL AND reply_id IS NULL")
    )
    op.create_index("attachment_in_mail", "platform_attachment", ["mail_id"], **where("mail_id IS NOT NULL"))
    op.create_index("attachment_made", "platform_attachment", ["created_at", "id"])
    op.create_index("attachment_in_blob_store", "platform_attachment", ["sha256"], **where("content IS NULL AND mail_id IS NULL"))
    op.create_table(
        "platform_inbox",
        sa.Column("id", counted, primary_key=True),
        sa.Column("account_id", text),
        sa.Column("contact_address", text, nullable=False),
        sa.Column("ticket", sa.String(32), nullable=False),
        sa.Column("thread_key", sa.String(32), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("notice", sa.String(32)),
        sa.Column("subject", text, nullable=False),
        sa.Column("body_text", text, nullable=False),
        sa.Column("body_html", text, nullable=False),
        sa.Column("attachments", json, nullable=False),
        sa.Column("fields", json, nullable=False, server_default="{}"),
        sa.Column("status_after", sa.String(16), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("read_at", instant),
        sa.Column("letter_id", sa.BigInteger()),
        sa.Column("proved", sa.Boolean(), nullable=False),
        sa.Column("words_id", sa.BigInteger()),
        sa.Column("position", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "desk_identity",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("desk", sa.String(32), nullable=False),
    )
    op.create_table("schema_floor", sa.Column("works_from", sa.String(32), primary_key=True))
    op.create_table(
        "backfill",
        sa.Column("revision", sa.String(32), primary_key=True),
        sa.Column("table_name", text, nullable=False),
        sa.Column("done_to", json),
        sa.Column("filled", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("began_at", instant, nullable=False),
        sa.Column("moved_at", instant, nullable=False),
    )
    op.create_table(
        "heartbeat",
        sa.Column("node", text, primary_key=True),
        sa.Column("host", text, nullable=False),
        sa.Column("version", text, nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("beat_at", instant, nullable=False),
        sa.Column("policy_since", instant),
        sa.Column("keys", text, nullable=False, server_default=""),
        sa.Column("refusal", text, nullable=False, server_default=""),
        sa.Column("refused_at", instant),
    )
    op.create_table(
        "alarm",
        sa.Column("name", text, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("told_at", instant, nullable=False),
    )
    op.create_table(
        "canary",
        sa.Column("slot", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("token", sa.String(32), nullable=False, unique=True),
        sa.Column("sent_at", instant, nullable=False),
        sa.Column("returned_at", instant),
    )
    op.create_table(
        "inbox_numbering",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
    )
    op.create_index("inbox_of_account", "platform_inbox", ["account_id", "position"])
    op.create_index("inbox_position", "platform_inbox", ["position"], unique=True)
    op.create_index("inbox_without_position", "platform_inbox", ["id"], **where("position IS NULL"))
    op.create_index("inbox_unread", "platform_inbox", ["thread_key"], **where("direction = 'support' AND read_at IS NULL"))
    op.create_index("inbox_of_contact", "platform_inbox", ["contact_address", "position"])
    op.create_index("inbox_of_letter", "platform_inbox", ["letter_id"])
    op.create_index("inbox_of_words", "platform_inbox", ["words_id"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("name", text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("scopes", json, nullable=False),
        sa.Column("accounts", json, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant),
        sa.Column("revoked_at", instant),
    )
    op.create_table(
        "api_secret",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("secret", sa.String(64), nullable=False),
    )
    op.create_table(
        "file_link_event",
        sa.Column("id", counted, primary_key=True),
        sa.Column("file_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", instant, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("link_event_of_file", "file_link_event", ["file_id"])
    op.create_table(
        "page_session",
        sa.Column("code_sha256", sa.String(64), primary_key=True),
        sa.Column("code_until", instant, nullable=False),
        sa.Column("session_sha256", sa.String(64)),
        sa.Column("account_id", text, nullable=False),
        sa.Column("contact_address", text, nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant),
        sa.Column("ended_at", instant),
    )
    op.create_index("session_of_browser", "page_session", ["session_sha256"], unique=True)
    op.create_index("session_made", "page_session", ["created_at"])
    op.create_table(
        "webhook_target",
        sa.Column("name", text, primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_at", instant, nullable=False),
        sa.Column("taken_at", instant),
        sa.Column("resting_until", instant),
        sa.Column("answer", text, nullable=False, server_default=""),
        sa.Column("lease_until", instant),
        sa.Column("lease_token", sa.BigInteger()),
    )
    op.create_table(
        "webhook_retry",
        sa.Column("target", text, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("thread_key", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", instant),
        sa.Column("next_attempt_at", instant, nullable=False),
        sa.Column("given_up_at", instant),
        sa.PrimaryKeyConstraint("target", "position"),
    )
    op.create_index("inbox_of_thread", "platform_inbox", ["thread_key", "position"])
    op.create_table(
        "platform_thread",
        sa.Column("thread_key", sa.String(32), primary_key=True),
        sa.Column("account_id", text),
        sa.Column("ticket", sa.String(32), nullable=False),
        sa.Column("subject", text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("last_position", sa.BigInteger()),
        sa.Column("last_at", instant),
    )
    op.create_index("thread_of_account", "platform_thread", ["account_id", "last_position"])
    op.create_table(
        "platform_reply",
        sa.Column("id", counted, primary_key=True),
        sa.Column("thread_key", sa.String(32)),
        sa.Column("account_id", text, nullable=False),
        sa.Column("contact_address", text, nullable=False, server_default=""),
        sa.Column("client_key", sa.String(64)),
        sa.Column("subject", text),
        sa.Column("category", text),
        sa.Column("rating", text),
        sa.Column("body_text", text, nullable=False, server_default=""),
        sa.Column("body_html", text),
        sa.Column("attachments", json, nullable=False, server_default="[]"),
        sa.Column("created_at", instant, nullable=False, server_default=sa.func.current_timestamp()),
        sa.Column("taken_at", instant),
        sa.Column("error", text),
        sa.Column("request_sha256", sa.String(64)),
        sa.Column("permission", sa.Integer()),
        sa.Column("answer", sa.String(8)),
        sa.Column("position", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    op.create_index("reply_of_account", "platform_reply", ["account_id", "position"])
    op.create_index("reply_position", "platform_reply", ["position"], unique=True)
    op.create_index(
        "reply_without_position",
        "platform_reply",
        ["id"],
        **where("position IS NULL AND (taken_at IS NOT NULL OR error IS NOT NULL)"),
    )
    op.create_index("reply_waiting", "platform_reply", ["id"], **where("taken_at IS NULL AND error IS NULL"))
    op.create_index("reply_once", "platform_reply", ["account_id", "client_key"], unique=True, **where("client_key IS NOT NULL"))
    op.create_table(
        "seen_image",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("origin", text, nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "origin", "cause"),
    )
    op.create_table(
        "staff",
        sa.Column("address", text, primary_key=True),
        sa.Column("addresses", json, nullable=False, server_default="[]"),
        sa.Column("name", text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("queues", json, nullable=False),
        sa.Column("hours", text, nullable=False, server_default=""),
        sa.Column("deputy", text, nullable=False, server_default=""),
        sa.Column("zone", text, nullable=False, server_default=""),
        sa.Column("language", sa.String(16), nullable=False, server_default="en"),
        sa.Column("signature", text, nullable=False, server_default=""),
        sa.Column("letters", sa.String(16), nullable=False, server_default="all"),
        sa.Column("heir", text, nullable=False, server_default=""),
        sa.Column("away_until", instant),
        *owned(),
    )
    op.create_table(
        "suppression",
        sa.Column("address", text, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("diagnostic", text, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant),
        sa.Column("letter_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("address", "reason"),
    )
    op.create_table(
        "listed_sender",
        sa.Column("entry", text, primary_key=True),
        sa.Column("listing", sa.String(8), nullable=False),
        sa.Column("by", text, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("reason", text, nullable=False),
        sa.Column("unproved_only", sa.Boolean(), nullable=False),
        sa.Column("ticket", sa.String(32), nullable=False),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("reference", sa.String(32), nullable=False, unique=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("waiting_on", sa.String(16), nullable=False),
        sa.Column("escalation_level", sa.Integer(), nullable=False),
        sa.Column("subject", text, nullable=False),
        sa.Column("requester", sa.Integer(), nullable=False),
        sa.Column("account", text),
        sa.Column("plan", text, nullable=False),
        sa.Column("category", text, nullable=False),
        sa.Column("severity", text, nullable=False),
        sa.Column("priority", text, nullable=False),
        sa.Column("queue", text, nullable=False),
        sa.Column("assignee", text),
        sa.Column("support_address", text, nullable=False),
        sa.Column("thread_key", sa.String(32), nullable=False, unique=True),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("assurance", sa.String(16), nullable=False),
        sa.Column("automatic_letters", sa.Boolean(), nullable=False),
        sa.Column("resolutions", sa.Integer(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("changed_version", sa.Integer(), nullable=False),
        sa.Column("first_response_at", instant),
        sa.Column("snoozed_until", instant),
        sa.Column("answered_at", instant),
        sa.Column("merged_into", sa.BigInteger()),
        sa.Column("opened_by", text),
        sa.Column("closed_at", instant),
        sa.Column("their_reference", text, nullable=False),
        sa.Column("next_language", sa.String(16), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("away_until", instant),
        sa.Column("clocks", json, nullable=False),
        sa.Column("rating", sa.String(8)),
        sa.Column("rated_at", instant),
        sa.Column("incident", sa.BigInteger()),
        sa.Column("permissions", json, nullable=False, server_default="[]"),
        sa.Column("consultations", json, nullable=False, server_default="[]"),
        sa.Column("scheduled", json, nullable=False, server_default="[]"),
        sa.Column("watchers", json, nullable=False, server_default="[]"),
        sa.Column("tags", json, nullable=False, server_default="[]"),
        sa.Column("fields", json, nullable=False, server_default="{}"),
        sa.Column("past_queues", json, nullable=False),
        sa.Column("past_hands", json, nullable=False),
    )
    op.create_index("ticket_closed", "ticket", ["closed_at", "id"], **where("closed_at IS NOT NULL"))
    op.create_index("ticket_incident", "ticket", ["incident"], **where("incident IS NOT NULL"))
    op.create_index("ticket_load", "ticket", ["assignee"], **where("status NOT IN ('resolved', 'closed')"))
    op.create_index("ticket_newest", "ticket", ["assignee", "id"])
    op.create_index("ticket_of_account", "ticket", ["account", "id"])
    op.create_table(
        "account_domain",
        sa.Column("domain", text, primary_key=True),
        sa.Column("account_id", text, sa.ForeignKey("account.id"), nullable=False),
        *owned(),
    )
    op.create_index("domain_of_account", "account_domain", ["account_id"])
    op.create_index("domain_in_file", "account_domain", ["domain"], **where("source = 'toml'"))
    op.create_table(
        "contact",
        sa.Column("address", text, primary_key=True),
        sa.Column("name", text, nullable=False, server_default=""),
        sa.Column("account_id", text, sa.ForeignKey("account.id")),
        *owned(),
    )
    op.create_index("contact_of_account", "contact", ["account_id"])
    op.create_index("contact_in_file", "contact", ["address"], **where("source = 'toml'"))
    op.create_table(
        "directory_change",
        sa.Column("import_id", sa.BigInteger(), sa.ForeignKey("directory_import.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", text, nullable=False),
        sa.Column("before", json),
        sa.PrimaryKeyConstraint("kind", "key", "import_id"),
    )
    op.create_index("change_of_import", "directory_change", ["import_id"])
    op.create_table(
        "event",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("from_status", sa.String(16)),
        sa.Column("to_status", sa.String(16)),
        sa.Column("detail", text, nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("policy", sa.String(16), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("ticket_id", "number"),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("door", text, nullable=False),
        sa.Column("reverse_path", text),
        sa.Column("forward_paths", json, nullable=False),
        sa.Column("peer", text, nullable=False),
        sa.Column("helo", text, nullable=False),
        sa.Column("authenticated_as", text),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("message_id", text),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", instant),
        sa.Column("lease_token", sa.BigInteger()),
        sa.Column("last_error", text),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id")),
        sa.Column("decision", json),
        sa.Column("finished_at", instant),
        sa.Column("release", json),
        sa.Column("transmission", text),
        sa.Column("recent", sa.Boolean()),
        sa.Column("dropped_at", instant),
        sa.Column("dropped_by", text),
        sa.Column("support_address", text),
        sa.Column("whole_size", sa.BigInteger()),
        sa.Column("origin", json),
        sa.Column("sender", text, nullable=False),
        sa.Column("turn_at", instant, nullable=False),
        sa.Column("turn_ticket", sa.BigInteger()),
        sa.Column("turn_thread", sa.String(32)),
        sa.Column("stopped_by", text),
        sa.Column("signed_content", sa.String(64)),
    )
    op.create_index("inbound_archived", "inbound", ["sha256"], **where("door = 'archive'"))
    op.create_index("inbound_dropped", "inbound", ["dropped_at"], **where("dropped_at IS NOT NULL"))
    op.create_index("inbound_quarantined", "inbound", ["id"], **where("state = 'quarantined' AND stopped_by IS NULL"))
    op.create_index(
        "inbound_with_octets",
        "inbound",
        ["id"],
        **where(
            "(state IN ('opened', 'threaded', 'noted', 'reported', 'discarded', 'refused') "
            "OR state = 'quarantined' AND stopped_by IS NOT NULL) "
            "AND (content IS NULL OR length(content) > 0)"
        ),
    )
    op.create_index("inbound_in_blob_store", "inbound", ["sha256"], **where("content IS NULL"))
    op.create_index("inbound_held", "inbound", ["id"], **where("state = 'held'"))
    op.create_index("inbound_fingerprint", "inbound", ["fingerprint"])
    op.create_index("inbound_message_id", "inbound", ["message_id"])
    op.create_index(
        "inbound_one_effect",
        "inbound",
        ["fingerprint", sa.text("coalesce(ticket_id, 0)")],
        unique=True,
        **where("state IN ('opened', 'threaded', 'noted', 'reported', 'held', 'refused')"),
    )
    op.create_index("inbound_opens_once", "inbound", ["fingerprint"], unique=True, **where("state = 'opened'"))
    # Of two indexes of equal cost PostgreSQL takes the newer one. While the queue is empty both find the last turn of a sender at equal
    # cost, but in a flood `inbound_turn` reads the whole queue for it. So `inbound_sender` comes after `inbound_turn`.
    op.create_index("inbound_turn", "inbound", ["turn_at", "id"], **where("state = 'pending'"))
    op.create_index("inbound_sender", "inbound", ["sender", "turn_at"], **where("state = 'pending'"))
    op.create_index("inbound_leased", "inbound", ["lease_until"], **where("state = 'pending' AND lease_token IS NOT NULL"))
    op.create_index(
        "inbound_signed_effect",
        "inbound",
        ["signed_content", sa.text("coalesce(ticket_id, 0)")],
        unique=True,
        **where("state IN ('opened', 'threaded', 'noted')"),
    )
    op.create_index("inbound_signed_opens_once", "inbound", ["signed_content"], unique=True, **where("state = 'opened'"))
    op.create_index("inbound_ticket", "inbound", ["ticket_id"])
    op.create_table(
        "internal_note",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("author", text, nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("unasked", sa.Boolean(), nullable=False),
        sa.Column("attachments", json, nullable=False),
        sa.Column("file_words", text, nullable=False),
        sa.Column("shapes", json),
    )
    op.create_index("note_of_ticket", "internal_note", ["ticket_id", "id"])
    op.create_table(
        "known_id",
        sa.Column("message_id", text, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "ticket_id"),
    )
    op.create_index("known_id_of_ticket", "known_id", ["ticket_id"])
    op.create_table(
        "measurement",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
        sa.Column("queue", text, nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("median_at", instant),
        sa.Column("ninetieth_at", instant),
        sa.Column("busy", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("answered_at", instant),
        sa.Column("took", sa.BigInteger()),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
    op.create_index("measurement_answered", "measurement", ["queue", "answered_at"])
    op.create_index("measurement_made", "measurement", ["at"])
    op.create_index("measurement_newest", "measurement", ["queue", "ticket_id"])
    op.create_index(
        "measurement_undecided", "measurement", ["queue", "ninetieth_at"], **where("answered_at IS NULL AND ended = false")
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("author", text, nullable=False),
        sa.Column("assurance", sa.String(16), nullable=False),
        sa.Column("attachments", json, nullable=False),
        sa.Column("message_id", text),
        sa.Column("at", instant, nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", text, nullable=False),
        sa.Column("shapes", json),
        sa.Column("text", text, nullable=False),
        sa.Column("elided_text", text, nullable=False),
    )
    op.create_index("message_of_ticket", "message", ["ticket_id", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id")),
        sa.Column("participant", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("recipient", text, nullable=False),
        sa.Column("reverse_path", text, nullable=False),
        sa.Column("message_id", text, nullable=False, unique=True),
        sa.Column("subject", text, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", instant),
        sa.Column("lease_until", instant),
        sa.Column("lease_token", sa.BigInteger()),
        sa.Column("last_reply", text),
        sa.Column("delay_told_at", instant),
        sa.Column("failure_told_at", instant),
        sa.Column("counted_as", text),
        sa.Column("counted_domain", text),
        sa.Column("files", json),
        sa.Column("files_of", sa.BigInteger()),
        sa.Column("unproved", sa.Boolean(), nullable=False),
        sa.Column("told_in", sa.BigInteger()),
    )
    op.create_index("outbox_counted", "outbox", ["counted_as", "created_at"], **where("counted_as IS NOT NULL"))
    op.create_index("outbox_counted_desk", "outbox", ["created_at"], **where("counted_domain IS NOT NULL"))
    op.create_index("outbox_counted_domain", "outbox", ["counted_domain", "created_at"], **where("counted_domain IS NOT NULL"))
    op.create_index(
        "outbox_delayed",
        "outbox",
        ["created_at"],
        **where("state = 'deferred' AND audience = 'customer' AND delay_told_at IS NULL"),
    )
    op.create_index("outbox_due", "outbox", ["next_attempt_at"], **where("state IN ('queued', 'deferred', 'sending')"))
    op.create_index("outbox_failed", "outbox", ["id"], **where("state = 'failed' AND failure_told_at IS NULL"))
    op.create_index(
        "outbox_with_octets", "outbox", ["id"], **where("state IN ('sent', 'failed', 'suppressed') AND length(content) > 0")
    )
    op.create_index("outbox_with_files", "outbox", ["id"], **where("files IS NOT NULL"))
    op.create_index("outbox_files", "outbox", ["files_of"], **where("files_of IS NOT NULL"))
    op.create_index("outbox_gathered", "outbox", ["recipient", "id"], **where("told_in = 0"))
    op.create_index("outbox_of_ticket", "outbox", ["ticket_id", "id"])
    op.create_index(
        "outbox_one_letter_a_cause",
        "outbox",
        ["cause", "notice", "recipient", "part", sa.text("coalesce(ticket_id, 0)")],
        unique=True,
    )
    op.create_table(
        "participant",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("address", text, nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "number"),
    )
    op.create_index("participant_requests", "participant", ["address", "ticket_id"])
    op.create_table(
        "related",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "other_id"),
    )
    op.create_index("related_backwards", "related", ["other_id", "ticket_id"])
    op.create_table(
        "search_words",
        sa.Column("id", counted, primary_key=True, autoincrement=False),
        sa.Column("words", words, nullable=False),
    )
    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
        sa.Column("customer", text, nullable=False),
        sa.Column("words", json, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("looked_at", instant),
        sa.Column("proposal", sa.BigInteger()),
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("words_proposed", "ticket_words", ["proposal"])
    op.create_index("words_unlooked", "ticket_words", ["ticket_id"], **where("looked_at IS NULL"))
    op.create_table(
        "timer",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("set_by", text, nullable=False),
        sa.Column("cancelled_by", text),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("not_before", instant),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "occurrence"),
    )
    op.create_index("timer_due", "timer", ["due_at"], **where("state = 'pending'"))
    op.create_table(
        "undo_step",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", text, nullable=False),
        sa.Column("actor", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("summary", text, nullable=False),
        sa.Column("change", json, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "version"),
    )
    op.create_index("undo_of_cause", "undo_step", ["cause"])
    op.create_table(
        "operator_act",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("who", text, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", text, nullable=False),
    )
    op.create_table(
        "attempt",
        sa.Column("id", counted, primary_key=True),
        sa.Column("outbox_id", sa.BigInteger(), sa.ForeignKey("outbox.id"), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("reply", text, nullable=False),
        sa.Column("status", sa.String(11)),
    )
    op.create_index("attempt_of_letter", "attempt", ["outbox_id"])
    op.create_table(
        "mailbox_mail",
        sa.Column("mailbox", text, nullable=False),
        sa.Column("folder", text, nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("inbound_id", sa.BigInteger(), sa.ForeignKey("inbound.id")),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("settled_at", instant),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", instant),
        sa.Column("reason", text, nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "folder", "validity", "uid"),
    )
    op.create_index("mailbox_mail_content", "mailbox_mail", ["sha256"])
    op.create_index("mailbox_mail_inbound", "mailbox_mail", ["inbound_id"])
    op.create_index("mailbox_mail_unsettled", "mailbox_mail", ["mailbox", "folder"], **where("settled_at IS NULL"))
    for statement in SEARCH_INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
    set_storage()
