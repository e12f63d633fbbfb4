"""The spine: mails, tickets, letters, the platform's tables, timers and the directory."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

# Types stand here as they were on that day; those of `store.schema` may change later.
text = sa.Text()
json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
instant = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", text, primary_key=True),
        sa.Column("plan", text, nullable=False),
    )
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
        sa.Column("status_after", sa.String(16), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("read_at", instant),
    )
    op.create_index("inbox_of_account", "platform_inbox", ["account_id", "id"])
    op.create_index("inbox_of_contact", "platform_inbox", ["contact_address", "id"])
    op.create_index("inbox_of_thread", "platform_inbox", ["thread_key", "id"])
    op.create_table(
        "platform_reply",
        sa.Column("id", counted, primary_key=True),
        sa.Column("thread_key", sa.String(32)),
        sa.Column("account_id", text, nullable=False),
        sa.Column("contact_address", text, nullable=False, server_default=""),
        sa.Column("body_text", text, nullable=False),
        sa.Column("attachments", json, nullable=False, server_default="[]"),
        sa.Column("created_at", instant, nullable=False, server_default=sa.func.current_timestamp()),
        sa.Column("taken_at", instant),
        sa.Column("error", text),
    )
    op.create_index("reply_waiting", "platform_reply", ["id"], **where("taken_at IS NULL AND error IS NULL"))
    op.create_table(
        "staff",
        sa.Column("address", text, primary_key=True),
        sa.Column("name", text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("queues", json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
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
        sa.Column("automatic_letters", sa.Boolean, nullable=False),
        sa.Column("resolutions", sa.Integer, nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("first_response_at", instant),
    )
    op.create_index("ticket_load", "ticket", ["assignee"], **where("status NOT IN ('resolved', 'closed')"))
    op.create_table(
        "account_domain",
        sa.Column("domain", text, primary_key=True),
        sa.Column("account_id", text, sa.ForeignKey("account.id"), nullable=False),
    )
    op.create_table(
        "contact",
        sa.Column("address", text, primary_key=True),
        sa.Column("name", text, nullable=False),
        sa.Column("account_id", text, sa.ForeignKey("account.id")),
    )
    op.create_index("contact_of_account", "contact", ["account_id"])
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
    )
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
    op.create_index("inbound_pending", "inbound", ["id"], **where("state = 'pending'"))
    op.create_index("inbound_ticket", "inbound", ["ticket_id"])
    op.create_table(
        "internal_note",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("author", text, nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("cause", text, nullable=False),
    )
    op.create_index("note_of_ticket", "internal_note", ["ticket_id", "id"])
    op.create_table(
        "known_id",
        sa.Column("message_id", text, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "ticket_id"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("author", text, nullable=False),
        sa.Column("assurance", sa.String(16), nullable=False),
        sa.Column("text", text, nullable=False),
        sa.Column("elided_text", text, nullable=False),
        sa.Column("attachments", json, nullable=False),
        sa.Column("message_id", text),
        sa.Column("at", instant, nullable=False),
        sa.Column("cause", text, nullable=False),
    )
    op.create_index("message_of_ticket", "message", ["ticket_id", "id"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id")),
        sa.Column("participant", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("recipient", text, nullable=False),
        sa.Column("reverse_path", text, nullable=False),
        sa.Column("message_id", text, nullable=False, unique=True),
        sa.Column("subject", text, nullable=False),
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
    )
    op.create_index("outbox_due", "outbox", ["next_attempt_at"], **where("state IN ('queued', 'deferred', 'sending')"))
    op.create_index("outbox_of_ticket", "outbox", ["ticket_id", "id"])
    op.create_index(
        "outbox_one_letter_a_cause", "outbox", ["cause", "notice", "recipient", sa.text("coalesce(ticket_id, 0)")], unique=True
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
    op.create_table(
        "related",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "other_id"),
    )
    op.create_table(
        "timer",
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "occurrence"),
    )
    op.create_index("timer_due", "timer", ["due_at"], **where("state = 'pending'"))
    op.create_table(
        "attempt",
        sa.Column("id", counted, primary_key=True),
        sa.Column("outbox_id", sa.BigInteger(), sa.ForeignKey("outbox.id"), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("code", sa.Integer()),
        sa.Column("reply", text, nullable=False),
    )
    op.create_index("attempt_of_letter", "attempt", ["outbox_id"])
